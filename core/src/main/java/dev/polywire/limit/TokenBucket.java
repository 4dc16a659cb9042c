package dev.polywire.limit;

/**
 * A bucket of tokens that regains some every second. It has no clock: time is an argument. Not safe for several
 * threads.
 *
 * <p>It counts thousandths of a token, so that a millisecond's worth is a whole number at every rate and nothing is
 * rounded away. Time may stand still, leap, or run backwards: a step back regains nothing, and regaining goes on from
 * there, so that a clock that was set back by an hour does not lock anybody out for an hour.
 */
public final class TokenBucket {
    /** What a token is counted in. */
    static final long SCALE = 1000;

    /** The largest rate and burst; far from overflow. */
    private static final long MAX = Long.MAX_VALUE / SCALE / SCALE;

    private final long perSecond;
    private final long burst;
    private long level;
    private long last;

    /**
     * Creates a full bucket.
     *
     * @param perSecond tokens that it regains in a second; at least 1
     * @param burst tokens that it holds; at least 1
     * @param now the time in milliseconds, from any fixed origin
     */
    public TokenBucket(long perSecond, long burst, long now) {
        if (perSecond < 1 || perSecond > MAX || burst < 1 || burst > MAX) {
            throw new IllegalArgumentException("A bucket's rate and burst must lie between 1 and " + MAX + ".");
        }
        this.perSecond = perSecond;
        this.burst = burst;
        this.level = burst * SCALE;
        this.last = now;
    }

    /**
     * Takes tokens if there are enough, and none otherwise.
     *
     * @param now the time in milliseconds
     * @param amount how many; 0 is always there
     * @return whether they were taken
     */
    public boolean tryTake(long now, long amount) {
        refill(now);
        if (!covers(level, checked(amount))) {
            return false;
        }
        level -= amount * SCALE;
        return true;
    }

    /**
     * Tells when an amount will be there, if nobody takes any until then.
     *
     * @param now the time in milliseconds
     * @param amount how many
     * @return milliseconds, 0 when it is there already, {@link Long#MAX_VALUE} when the bucket never holds as many
     */
    public long retryAfter(long now, long amount) {
        refill(now);
        return checked(amount) > burst ? Long.MAX_VALUE : wait(level, perSecond, amount);
    }

    private void refill(long now) {
        level = refilled(level, perSecond, burst, elapsed(last, now));
        last = now;
    }

    private static long checked(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("An amount of tokens must not be negative.");
        }
        return amount;
    }

    /** Milliseconds from one time to another: 0 when the clock went back, and never an overflow. */
    static long elapsed(long last, long now) {
        if (now <= last) {
            return 0;
        }
        long elapsed = now - last;
        return elapsed < 0 ? Long.MAX_VALUE : elapsed;
    }

    /** The level after some time, in thousandths. */
    static long refilled(long level, long perSecond, long burst, long elapsed) {
        long full = burst * SCALE;
        // a division first, because the product overflows after a long idle time
        return elapsed > (full - level) / perSecond ? full : level + elapsed * perSecond;
    }

    static boolean covers(long level, long amount) {
        return amount <= level / SCALE;
    }

    /** Milliseconds until a level covers an amount that the bucket can hold; 0 when it does. */
    static long wait(long level, long perSecond, long amount) {
        long missing = amount * SCALE - level;
        return missing <= 0 ? 0 : (missing - 1) / perSecond + 1;
    }
}
