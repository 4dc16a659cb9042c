package dev.polywire.benchmarks.load;

import java.nio.charset.StandardCharsets;

/** A subscriber of Centrifugo: connects, subscribes and answers pings in its JSON protocol, over WebSocket. */
final class CentrifugoSubscriber extends Subscriber {
    private static final byte[] CONNECT = WebSocketFraming.text("{\"id\":1,\"connect\":{}}");
    private static final byte[] PONG = WebSocketFraming.text("{}");

    private final int channel;
    private long commands = 2;

    CentrifugoSubscriber(Generator generator, int channel) {
        super(generator);
        this.channel = channel;
    }

    @Override
    public void opened(Link link) {
        link.send(CONNECT);
    }

    @Override
    void publish(Link to, String text) {
        commands++;
        to.send(WebSocketFraming.text(
                "{\"id\":" + commands + ",\"publish\":{\"channel\":\"" + channel + "\",\"data\":\"" + text + "\"}}"));
    }

    @Override
    void other(Link link, byte[] data, int from, int to) {
        if (to - from == 2) {
            link.send(PONG);
            return;
        }
        String reply = new String(data, from, to - from, StandardCharsets.UTF_8);
        if (reply.startsWith("{\"id\":1,\"connect\":")) {
            link.send(WebSocketFraming.text("{\"id\":2,\"subscribe\":{\"channel\":\"" + channel + "\"}}"));
        } else if (reply.startsWith("{\"id\":2,\"subscribe\":")) {
            subscribed(link);
        } else if (!reply.contains("\"publish\":{}")) {
            generator().note(reply);
        }
    }
}
