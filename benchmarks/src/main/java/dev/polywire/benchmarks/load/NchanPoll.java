package dev.polywire.benchmarks.load;

/** A subscriber that polls Nchan: one message in each reply, and the headers of the last say where to go on. */
final class NchanPoll extends Subscriber {
    private final Lane lane;
    private final String head;

    NchanPoll(Generator generator, int channel) {
        super(generator);
        lane = new Lane(generator, this);
        head = "GET /sub?channel=" + channel + " HTTP/1.1\r\nHost: 127.0.0.1:" + generator.port() + "\r\n";
    }

    void open() {
        lane.request(Subscribers.ascii(head + "\r\n"), this::polled);
    }

    @Override
    public void connecting(long nanos) {
        super.connecting(nanos);
        // Nothing tells that a poll waits: what is published soon after is lost, and the start waits for longer than
        // that.
        subscribed(null);
    }

    private void polled(Link link, int status, byte[] data, int begin, int from, int to) {
        if (status == 200) {
            text(link, data, from, to);
        } else if (status != 304 && status != 408) {
            link.fail("a poll was answered " + status);
            return;
        }
        String modified = HttpHead.value(data, begin, from, "Last-Modified");
        String tag = HttpHead.value(data, begin, from, "Etag");
        lane.request(
                Subscribers.ascii(head
                        + (modified.isEmpty()
                                ? "\r\n"
                                : "If-Modified-Since: " + modified + "\r\nIf-None-Match: " + tag + "\r\n\r\n")),
                this::polled);
    }

    @Override
    public void opened(Link link) {}

    @Override
    void other(Link link, byte[] data, int from, int to) {}
}
