package dev.polywire.benchmarks.load;

/** A subscriber of a server that is asked for a subscription and confirms it, with nothing else in its protocol. */
final class AskingSubscriber extends Subscriber {
    private final int channel;

    AskingSubscriber(Generator generator, int channel) {
        super(generator);
        this.channel = channel;
    }

    @Override
    public void opened(Link link) {
        link.send(WebSocketFraming.text("subscribe:" + channel));
    }

    @Override
    void other(Link link, byte[] data, int from, int to) {
        subscribed(link);
    }
}
