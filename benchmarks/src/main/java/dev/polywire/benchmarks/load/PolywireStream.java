package dev.polywire.benchmarks.load;

/** A Polywire session on an event stream. */
final class PolywireStream extends PolywireHttp {

    PolywireStream(Generator generator, String channel) {
        super(generator, channel);
    }

    @Override
    public void opened(Link link) {}
}
