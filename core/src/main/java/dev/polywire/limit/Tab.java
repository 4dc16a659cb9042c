package dev.polywire.limit;

import org.jspecify.annotations.Nullable;

/**
 * Whom the frames of one session are charged to besides the session itself: its user, if it has one, and its client's address. Not
 * safe for several threads; what it charges is.
 */
public final class Tab {
    private final @Nullable Account user;
    private final boolean charges;
    private final int attachRate;
    /** Made for who attaches again. */
    private @Nullable TokenBucket attaches;

    private Account address;
    private String from;
    private boolean left;

    Tab(@Nullable Account user, Account address, String from, boolean charges, int attachRate) {
        this.user = user;
        this.address = address;
        this.from = from;
        this.charges = charges;
        this.attachRate = attachRate;
    }

    /** Returns the client's address as it was written when the session was last attached to. */
    String from() {
        return from;
    }

    /** The session goes on from another address, where it is counted already. */
    void moved(Account next, String written) {
        if (left) {
            next.leave();
            return;
        }
        address.leave();
        address = next;
        from = written;
    }

    /** The session has ended. */
    public void leave() {
        if (!left) {
            left = true;
            address.leave();
            if (user != null) {
                user.leave();
            }
        }
    }

    /**
     * Charges a wire that attaches.
     *
     * @param now the time in milliseconds
     * @return 0 when it may, or else the milliseconds until it may
     */
    public long attach(long now) {
        if (attachRate == 0) {
            return 0;
        }
        TokenBucket bucket = attaches;
        if (bucket == null) {
            bucket = new TokenBucket(attachRate, attachRate * Meter.SECONDS, now);
            attaches = bucket;
        }
        return bucket.tryTake(now, 1) ? 0 : bucket.retryAfter(now, 1);
    }

    /**
     * Charges a frame to the user and to the address, or to none of them.
     *
     * @param now the time in milliseconds
     * @param size the frame's bytes
     * @param counted false for frames that keep a connection going, which have buckets of their own
     * @return 0 when it was charged, or else the milliseconds until it could be
     */
    long frame(long now, int size, boolean counted) {
        if (!charges) {
            return 0;
        }
        long wait = user == null ? 0 : user.frame(now, size, counted);
        if (wait == 0) {
            wait = address.frame(now, size, counted);
            if (wait > 0 && user != null) {
                user.frameBack(size, counted);
            }
        }
        return wait;
    }
}
