package dev.polywire.session;

import java.util.function.LongSupplier;

/**
 * How late the timers of one event loop are: told of each tick by its loop, asked by any thread.
 *
 * <p>It goes by a clock of its own, because that of the sessions may be moved by hand, and then leaps. The average follows over about
 * eight ticks, so that a single pause of a garbage collector is not taken for a loop that cannot keep up.
 */
final class Lag {
    private static final long MILLI = 1_000_000;
    private static final long NONE = Long.MIN_VALUE;
    private static final int WEIGHT = 8;

    private final LongSupplier nanos;
    private volatile long due = NONE;
    private volatile long average;

    /**
     * Creates one that knows of no tick.
     *
     * @param nanos a clock in nanoseconds
     */
    Lag(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** A tick is to come; on the loop. */
    void expect(long millis) {
        due = nanos.getAsLong() + millis * MILLI;
    }

    /** It has come; on the loop. */
    void came() {
        long expected = due;
        long now = nanos.getAsLong();
        if (expected != NONE) {
            average = with(now - expected);
        }
        // What the tick itself takes makes others late as well.
        due = now;
    }

    /** None is to come, because nothing waits for one: what was before says nothing about now. */
    void rest() {
        due = NONE;
        average = 0;
    }

    /** Returns the average in milliseconds, as it would be if the tick that is awaited came now. */
    long millis() {
        long expected = due;
        if (expected == NONE) {
            return 0;
        }
        long overdue = nanos.getAsLong() - expected;
        return (overdue > average ? with(overdue) : average) / MILLI;
    }

    private long with(long late) {
        long before = average;
        return before + (Math.max(0, late) - before) / WEIGHT;
    }
}
