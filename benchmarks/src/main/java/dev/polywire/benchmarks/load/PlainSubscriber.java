package dev.polywire.benchmarks.load;

/** A subscriber of a server whose protocol is that each text is a message; the request names the channel. */
final class PlainSubscriber extends Subscriber {

    PlainSubscriber(Generator generator) {
        super(generator);
    }

    @Override
    public void opened(Link link) {
        subscribed(link);
    }

    @Override
    void other(Link link, byte[] data, int from, int to) {}
}
