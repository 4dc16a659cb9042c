package dev.polywire.benchmarks.load;

/** A subscriber of socket.io 4 (Engine.IO 4), over WebSocket unless it is told otherwise. */
class SocketIoSubscriber extends Subscriber {
    private final String channel;

    SocketIoSubscriber(Generator generator, String channel) {
        super(generator);
        this.channel = channel;
    }

    /** Sends a packet. */
    void up(Link link, String packet) {
        link.send(WebSocketFraming.text(packet));
    }

    @Override
    public void opened(Link link) {}

    @Override
    void publish(Link to, String text) {
        up(to, "42[\"publish\",\"" + channel + "\",\"" + text + "\"]");
    }

    @Override
    void other(Link link, byte[] data, int from, int to) {
        switch (data[from]) {
            case '0' -> up(link, "40");
            case '2' -> up(link, "3");
            case '4' -> {
                if (to - from > 1 && data[from + 1] == '0') {
                    up(link, "42[\"subscribe\",\"" + channel + "\"]");
                } else {
                    subscribed(link);
                }
            }
            default -> {}
        }
    }
}
