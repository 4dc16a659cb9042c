package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** A Polywire session on HTTP: what goes up is posted, on connections that several sessions share. */
abstract class PolywireHttp extends PolywireSubscriber {
    private static final Pattern SESSION = Pattern.compile("\"session\":\"([^\"]+)\"");
    private static final Pattern SECRET = Pattern.compile("\"secret\":\"([^\"]+)\"");

    /** The headers that name the session, once it has one. */
    String credentials = "";

    long confirmed;

    PolywireHttp(Generator generator, String channel) {
        super(generator, channel);
    }

    /** Returns a request with a JSON body. */
    static byte[] post(Generator to, String path, String headers, String body) {
        return Subscribers.ascii("POST /realtime/" + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + to.port()
                + "\r\nContent-Type: application/json\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n"
                + body);
    }

    @Override
    void welcomed(Link link, String welcome) {
        String secret = match(SECRET, welcome);
        if (!secret.isEmpty()) {
            credentials = "Polywire-Session: " + match(SESSION, welcome) + "\r\nPolywire-Secret: " + secret + "\r\n";
        }
        super.welcomed(link, welcome);
    }

    @Override
    void up(Link link, String frame, boolean counted) {
        String headers = counted ? credentials + "Polywire-First: " + sent + "\r\n" : credentials;
        generator().uplink().request(post(generator(), "send", headers, frame), this::answered);
    }

    private void answered(Link by, int status, byte[] data, int head, int from, int to) {
        if (status == 200) {
            confirmed = sent;
        } else {
            generator()
                    .note("a POST was answered " + status + ' '
                            + new String(data, from, to - from, StandardCharsets.UTF_8));
        }
    }
}
