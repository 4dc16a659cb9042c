package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A subscriber of socket.io that polls; what goes up is posted, on connections that several share. */
final class SocketIoPoll extends SocketIoSubscriber {
    private static final String PATH = " /socket.io/?EIO=4&transport=polling";
    private static final Pattern SID = Pattern.compile("\"sid\":\"([^\"]+)\"");

    /** What stands between the packets of a reply. */
    private static final byte SEPARATOR = 0x1e;

    private final Lane lane;
    private String head;

    SocketIoPoll(Generator generator, String channel) {
        super(generator, channel);
        lane = new Lane(generator, this);
        head = PATH;
    }

    void open() {
        lane.request(request("GET", ""), this::polled);
    }

    private byte[] request(String method, String body) {
        String length = body.isEmpty() ? "" : "Content-Type: text/plain\r\nContent-Length: " + body.length() + "\r\n";
        return Subscribers.ascii(
                method + head + " HTTP/1.1\r\nHost: 127.0.0.1:" + generator().port() + "\r\n" + length + "\r\n" + body);
    }

    private void polled(Link link, int status, byte[] data, int begin, int from, int to) {
        if (status != 200) {
            link.fail("a poll was answered " + status);
            return;
        }
        if (head.equals(PATH)) {
            Matcher sid = SID.matcher(new String(data, from, to - from, StandardCharsets.UTF_8));
            if (!sid.find()) {
                link.fail("no session was opened");
                return;
            }
            head = PATH + "&sid=" + sid.group(1);
        }
        int at = from;
        for (int i = from; i <= to; i++) {
            if (i == to || data[i] == SEPARATOR) {
                text(link, data, at, i);
                at = i + 1;
            }
        }
        if (!link.isClosed()) {
            open();
        }
    }

    @Override
    void up(Link link, String packet) {
        generator().uplink().request(request("POST", packet), this::posted);
    }

    private void posted(Link link, int status, byte[] data, int begin, int from, int to) {
        if (status != 200) {
            generator().note("a POST was answered " + status);
        }
    }
}
