package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A subscriber of Centrifugo's unidirectional event stream. It cannot ask for a channel; its token names the one that it gets,
 * and is not signed, since the server is told not to look.
 */
final class CentrifugoStream extends Subscriber {

    CentrifugoStream(Generator generator) {
        super(generator);
    }

    static byte[] request(int channel, int port) {
        String token = part("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")
                + '.'
                + part("{\"channels\":[\"" + channel + "\"]}")
                + '.'
                + part("unsigned");
        String body = "{\"token\":\"" + token + "\"}";
        return Subscribers.ascii("POST /connection/uni_sse HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body);
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void opened(Link link) {}

    @Override
    void other(Link link, byte[] data, int from, int to) {
        if (to - from == 2) {
            return; // a ping, which it has no way to answer
        }
        String push = new String(data, from, to - from, StandardCharsets.UTF_8);
        if (push.startsWith("{\"connect\":") && push.contains("\"subs\":{\"")) {
            subscribed(link);
        } else {
            generator().note(push);
        }
    }
}
