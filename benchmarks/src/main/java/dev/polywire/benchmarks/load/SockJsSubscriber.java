package dev.polywire.benchmarks.load;

/** A subscriber of the SockJS event-bus bridge, by its raw WebSocket. */
final class SockJsSubscriber extends Subscriber {
    private static final byte[] PING = WebSocketFraming.text("{\"type\":\"ping\"}");

    /** The bridge ends a socket from which nothing came for 10 s; its own client pings every 5. */
    private static final long PING_NANOS = 5_000_000_000L;

    private final String address;
    private long pinged;

    SockJsSubscriber(Generator generator, String address) {
        super(generator);
        this.address = address;
    }

    @Override
    public void opened(Link link) {
        link.send(WebSocketFraming.text("{\"type\":\"register\",\"address\":\"" + address + "\",\"headers\":{}}"));
        // A registration is not confirmed, but what is sent after it is read after it.
        pinged = System.nanoTime();
        link.send(PING);
        subscribed(link);
    }

    @Override
    void publish(Link to, String text) {
        to.send(WebSocketFraming.text(
                "{\"type\":\"publish\",\"address\":\"" + address + "\",\"body\":\"" + text + "\"}"));
    }

    @Override
    void other(Link link, byte[] data, int from, int to) {}

    @Override
    public void tick(Link link, long nanos) {
        if (nanos - pinged >= PING_NANOS && pinged != 0) {
            pinged = nanos;
            link.send(PING);
        }
    }
}
