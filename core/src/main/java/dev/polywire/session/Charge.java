package dev.polywire.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that were ever put into the outboxes of one event loop: only that loop adds, any thread reads.
 *
 * <p>What all outboxes keep cannot have grown by more since somebody looked, so nobody has to look at each of them until then.
 */
final class Charge {
    private final AtomicLong bytes = new AtomicLong();

    /** Adds; on the loop only, so that a plain read and an ordered write do. */
    void add(int more) {
        bytes.lazySet(bytes.getPlain() + more);
    }

    /** Returns the sum so far. */
    long bytes() {
        return bytes.get();
    }
}
