package dev.polywire.benchmarks.load;

/** A Polywire session on a WebSocket. */
final class PolywireWebSocket extends PolywireSubscriber {

    PolywireWebSocket(Generator generator, String channel) {
        super(generator, channel);
    }

    @Override
    public void opened(Link link) {
        link.send(WebSocketFraming.text(hello()));
    }

    @Override
    void up(Link link, String frame, boolean counted) {
        link.send(WebSocketFraming.text(frame));
    }
}
