package dev.polywire.benchmarks.load;

import dev.polywire.benchmarks.Stamp;
import org.jspecify.annotations.Nullable;

/** One subscriber of one channel: speaks its server's protocol, and counts. Lives on the generator's thread. */
abstract class Subscriber implements Owner {
    final Tally tally = new Tally();
    private final Generator generator;
    /** Where the last message's {@code #} was in its text: the next one's is likely there as well. */
    private int hash;

    private boolean ready;
    private long begun;
    private @Nullable Link link;

    /** Whether it has stopped to read; what it misses is not counted. */
    boolean stalled;

    Subscriber(Generator generator) {
        this.generator = generator;
        generator.add(this);
    }

    final Generator generator() {
        return generator;
    }

    /** A text that holds no message of ours. */
    abstract void other(Link link, byte[] data, int from, int to);

    /** A message of ours was counted; {@code bytes} is the length of its text. */
    void counted(Link link, int bytes) {}

    /** A message of ours came by other means than a link. */
    final void took(long number, long sentAt, long readAt) {
        tally.message(number);
        generator.latency(sentAt, readAt);
    }

    @Override
    public void tick(Link link, long nanos) {}

    @Override
    public void closed(Link link) {
        generator.lostConnection(link);
    }

    /** The subscription stands: what is published from now on must come. */
    final void subscribed(@Nullable Link by) {
        link = by;
        if (!ready) {
            ready = true;
            generator.latency(begun);
            generator.ready();
        }
    }

    /** Returns the connection by which the subscription was made. */
    final @Nullable Link link() {
        return link;
    }

    /** Publishes a text to its own channel. */
    void publish(Link to, String text) {
        to.send(WebSocketFraming.text('"' + text + '"'));
    }

    @Override
    public void connecting(long nanos) {
        begun = nanos;
    }

    @Override
    public final void text(Link link, byte[] data, int from, int to) {
        int at = from + hash;
        if (at >= to || data[at] != '#') {
            at = find(data, from, to);
            if (at < 0) {
                other(link, data, from, to);
                return;
            }
            hash = at - from;
        }
        if (to - at < Stamp.SHORTEST) {
            link.fail("a message was cut short");
            return;
        }
        tally.message(Stamp.number(data, at));
        generator.latency(Stamp.nanos(data, at));
        counted(link, to - from);
    }

    static int find(byte[] data, int from, int to) {
        for (int i = from; i < to; i++) {
            if (data[i] == '#') {
                return i;
            }
        }
        return -1;
    }
}
