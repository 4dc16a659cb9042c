package dev.polywire.limit;

import dev.polywire.RateLimit;
import org.jspecify.annotations.Nullable;

/**
 * Holds one session to its {@link RateLimit}. It has no clock: time is an argument. Not safe for several threads.
 *
 * <p>There is one per session, so it is one small object: three levels of buckets that share a limit and a time. Their
 * arithmetic is {@link TokenBucket}'s.
 */
public final class SessionLimiter {
    private final RateLimit limit;
    private long last;
    private long messages;
    private long bytes;
    private long refusals;

    /**
     * Creates a limiter whose buckets are full.
     *
     * @param limit the limit, shared by many sessions
     * @param nowMillis the time in milliseconds, from any fixed origin
     */
    public SessionLimiter(RateLimit limit, long nowMillis) {
        this.limit = limit;
        this.last = nowMillis;
        this.messages = limit.messageBurst() * TokenBucket.SCALE;
        this.bytes = limit.byteBurst() * TokenBucket.SCALE;
        this.refusals = limit.refusals() * TokenBucket.SCALE;
    }

    /**
     * Charges one frame to the session alone, as {@link #charge(long, int, Tab, boolean)} does.
     *
     * @param nowMillis the time in milliseconds
     * @param size the frame's bytes
     * @return what is to happen
     */
    public Verdict charge(long nowMillis, int size) {
        return charge(nowMillis, size, null, true);
    }

    /**
     * Charges one frame. A refused one is charged to no bucket, but to the patience of the server, whichever refused it: a client that
     * was told when to go on and goes on before is not spared because others behind its address do so, too.
     *
     * @param nowMillis the time in milliseconds
     * @param size the frame's bytes; more than a bucket holds costs all that it holds
     * @param tab whom else to charge, or null
     * @param counted which of the tab's buckets to take it from
     * @return what is to happen
     */
    public Verdict charge(long nowMillis, int size, @Nullable Tab tab, boolean counted) {
        refill(nowMillis);
        // without the bound a frame over the burst would be told to come again, and refused, for ever
        long amount = Math.max(0, Math.min(size, limit.byteBurst()));
        long wait = Math.max(
                TokenBucket.wait(messages, limit.messages(), 1), TokenBucket.wait(bytes, limit.bytes(), amount));
        if (wait == 0 && tab != null) {
            wait = tab.frame(nowMillis, size, counted);
            if (wait > 0 && !counted) {
                // Nothing tells the client of it, so it cannot know better.
                return new Verdict(Verdict.Kind.REFUSED, wait);
            }
        }
        if (wait == 0) {
            messages -= TokenBucket.SCALE;
            bytes -= amount * TokenBucket.SCALE;
            return Verdict.OK;
        }
        if (!TokenBucket.covers(refusals, 1)) {
            return Verdict.ABUSE;
        }
        refusals -= TokenBucket.SCALE;
        return new Verdict(Verdict.Kind.REFUSED, wait);
    }

    private void refill(long now) {
        long elapsed = TokenBucket.elapsed(last, now);
        last = now;
        messages = TokenBucket.refilled(messages, limit.messages(), limit.messageBurst(), elapsed);
        bytes = TokenBucket.refilled(bytes, limit.bytes(), limit.byteBurst(), elapsed);
        refusals = TokenBucket.refilled(refusals, 1, limit.refusals(), elapsed);
    }

    /**
     * What is to happen to a frame.
     *
     * @param kind taken, refused, or one refusal too many
     * @param retryAfter milliseconds until the same frame would be taken; 0 unless refused
     */
    public record Verdict(Kind kind, long retryAfter) {
        /** The frame is taken. */
        public static final Verdict OK = new Verdict(Kind.OK, 0);

        /** Too many were refused: the session is to be closed with {@code policy}. */
        public static final Verdict ABUSE = new Verdict(Kind.ABUSE, 0);

        /** The three outcomes. */
        public enum Kind {
            /** Taken. */
            OK,
            /** Refused; it is consumed, and answered by an error. */
            REFUSED,
            /** Refused, and the session with it. */
            ABUSE
        }

        /**
         * Tells whether the frame is taken.
         *
         * @return false when it is refused in any way
         */
        public boolean ok() {
            return kind == Kind.OK;
        }
    }
}
