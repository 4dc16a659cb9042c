package dev.polywire.limit;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket that several threads share without a lock: what it keeps is one number, the time at which it will be full again.
 *
 * <p>Taking an amount moves that time on by as long as the bucket needs to regain it, and is refused when the time would then lie
 * farther ahead than a full bucket lasts. So a bucket whose time has come is full, and can be forgotten and made anew. The meter
 * itself is only the rate; the times are in an array of its owner's. It has no clock. Safe for all threads.
 */
final class Meter {
    /** The time of a bucket from which nothing was taken yet. */
    static final long FULL = Long.MIN_VALUE;

    /** What a full bucket holds is worth so many seconds of its rate. */
    static final long SECONDS = 10;

    static final long MILLI = 1_000_000;
    private static final long SECOND = 1_000 * MILLI;

    /** How long it takes until an empty bucket is full, nanoseconds. */
    static final long LASTS = SECONDS * SECOND;

    private final long perSecond;

    private Meter(long perSecond) {
        this.perSecond = perSecond;
    }

    /**
     * Returns a meter.
     *
     * @param perSecond what is regained in a second
     * @return null where a rate of 0 says that there is no limit
     */
    static @Nullable Meter of(int perSecond) {
        return perSecond == 0 ? null : new Meter(perSecond);
    }

    /**
     * Takes an amount if it is there, and nothing otherwise.
     *
     * @param times of the buckets
     * @param which of them
     * @param now the time in milliseconds
     * @param amount how much, at most that of an {@code int}; more than the bucket holds takes all that it holds
     * @return 0 when it was taken, or else the milliseconds until it is there
     */
    long take(AtomicLongArray times, int which, long now, long amount) {
        return take(times, which, now, amount, LASTS);
    }

    /**
     * Takes from a bucket from which more may have been taken than it holds, because others take from it, too.
     *
     * @param most how far ahead its time may lie, nanoseconds
     */
    long take(AtomicLongArray times, int which, long now, long amount, long most) {
        long nanos = now * MILLI;
        long cost = cost(amount);
        while (true) {
            long full = times.get(which);
            // Farther ahead than can be: the clock was set back, and nobody is to wait for it to come round again.
            long from = full <= nanos ? nanos : Math.min(full, nanos + most);
            long excess = from + cost - nanos - LASTS;
            if (excess > 0) {
                if (full > from) {
                    times.compareAndSet(which, full, from);
                }
                return (excess - 1) / MILLI + 1;
            }
            if (times.compareAndSet(which, full, from + cost)) {
                return 0;
            }
        }
    }

    /** Gives back what was taken a moment ago. */
    void giveBack(AtomicLongArray times, int which, long amount) {
        times.addAndGet(which, -cost(amount));
    }

    /** Takes what others have taken, whether or not it is there. */
    static void takeAnyway(AtomicLongArray times, int which, long now, long nanos) {
        long from = now * MILLI;
        times.accumulateAndGet(which, nanos, (full, more) -> Math.max(full, from) + more);
    }

    /** Returns how long it takes until a bucket is full, nanoseconds. */
    static long missing(AtomicLongArray times, int which, long now) {
        long full = times.get(which);
        long nanos = now * MILLI;
        return full <= nanos ? 0 : full - nanos;
    }

    /** Tells whether a bucket is full. */
    static boolean full(AtomicLongArray times, int which, long now) {
        return times.get(which) <= now * MILLI;
    }

    /** How long the bucket needs to regain an amount, nanoseconds. */
    long cost(long amount) {
        return Math.max(1, Math.min(LASTS, amount * SECOND / perSecond));
    }
}
