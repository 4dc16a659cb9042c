package dev.polywire.benchmarks.load;

/** A subscriber of socket.io 4 (Engine.IO 4) over WebSocket. */
final class SocketIoSubscriber extends Subscriber {
    private static final byte[] CONNECT = WebSocketFraming.text("40");
    private static final byte[] PONG = WebSocketFraming.text("3");

    private final String channel;

    SocketIoSubscriber(Generator generator, String channel) {
        super(generator);
        this.channel = channel;
    }

    @Override
    public void opened(Link link) {}

    @Override
    void publish(Link to, String text) {
        to.send(WebSocketFraming.text("42[\"publish\",\"" + channel + "\",\"" + text + "\"]"));
    }

    @Override
    void other(Link link, byte[] data, int from, int to) {
        switch (data[from]) {
            case '0' -> link.send(CONNECT);
            case '2' -> link.send(PONG);
            case '4' -> {
                if (to - from > 1 && data[from + 1] == '0') {
                    link.send(WebSocketFraming.text("42[\"subscribe\",\"" + channel + "\"]"));
                } else {
                    subscribed(link);
                }
            }
            default -> {}
        }
    }
}
