package dev.polywire.limit;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** What one user or one address has used of its {@link Tariff}. Safe for all threads. */
public final class Account {
    static final int FRAMES = 0;
    static final int BYTES = 1;
    static final int CONTROLS = 2;
    static final int CONTROL_BYTES = 3;
    static final int OPENS = 4;
    static final int CONNECTS = 5;
    static final int BUCKETS = 6;

    static final int SESSIONS = 0;
    static final int READS = 1;
    static final int COUNTS = 2;

    private final String key;
    private final Tariff tariff;
    private final AtomicLongArray times = new AtomicLongArray(BUCKETS);
    private final AtomicIntegerArray counts = new AtomicIntegerArray(COUNTS);
    private final @Nullable Share share;

    /**
     * Creates an account of which nothing was used.
     *
     * @param sharing how other nodes hear of it, or null when they do not
     * @param shared what it is called there
     * @param now the time in milliseconds
     */
    Account(String key, Tariff tariff, @Nullable Sharing sharing, String shared, long now) {
        this.key = key;
        this.tariff = tariff;
        for (int i = 0; i < BUCKETS; i++) {
            times.setPlain(i, Meter.FULL);
        }
        share = sharing == null ? null : new Share(sharing, Sharing.name(shared), times, counts, tariff, now);
    }

    /** Returns the user or address. */
    String key() {
        return key;
    }

    /** Returns what it has in common with those of the same name at other nodes; null when they are nothing to it. */
    @Nullable
    Share share() {
        return share;
    }

    /**
     * Charges a frame, before anybody has read it.
     *
     * @param now the time in milliseconds
     * @param size the frame's bytes
     * @param counted whether it is a frame that counts; those that keep a connection going have buckets of their own
     * @return 0 when it was charged, or else the milliseconds until it could be; then nothing was charged
     */
    long frame(long now, int size, boolean counted) {
        Meter frames = counted ? tariff.frames() : tariff.controls();
        Meter bytes = counted ? tariff.bytes() : tariff.controlBytes();
        long wait = take(frames, counted ? FRAMES : CONTROLS, now, 1);
        if (wait == 0) {
            wait = take(bytes, counted ? BYTES : CONTROL_BYTES, now, size);
            if (wait > 0) {
                giveBack(frames, counted ? FRAMES : CONTROLS, 1);
            }
        }
        return wait;
    }

    /** Takes a frame back that another account refused. */
    void frameBack(int size, boolean counted) {
        giveBack(counted ? tariff.frames() : tariff.controls(), counted ? FRAMES : CONTROLS, 1);
        giveBack(counted ? tariff.bytes() : tariff.controlBytes(), counted ? BYTES : CONTROL_BYTES, size);
    }

    /** Charges the opening of a session; returns 0, or the milliseconds until one may be opened. */
    long open(long now) {
        return take(tariff.opens(), OPENS, now, 1);
    }

    /** Charges a request that may become a connection; returns 0, or the milliseconds until one may. */
    long connect(long now) {
        return take(tariff.connects(), CONNECTS, now, 1);
    }

    private long take(@Nullable Meter meter, int bucket, long now, long amount) {
        if (meter == null) {
            return 0;
        }
        Share others = share;
        if (others == null) {
            return meter.take(times, bucket, now, amount);
        }
        long wait = others.wait(bucket, now);
        if (wait == 0) {
            wait = meter.take(times, bucket, now, amount, others.farthest());
            if (wait == 0) {
                others.spent(bucket, meter.cost(amount), now);
            }
        }
        return wait;
    }

    private void giveBack(@Nullable Meter meter, int bucket, long amount) {
        if (meter != null) {
            meter.giveBack(times, bucket, amount);
            if (share != null) {
                share.spentBack(bucket, meter.cost(amount));
            }
        }
    }

    /** Counts one more session, and returns false when there are as many as there may be; then nothing was counted. */
    boolean enter(long now) {
        return more(SESSIONS, now);
    }

    /** The same, for one that is counted at another node until it leaves there: where they are counted together, there is no other limit. */
    boolean enterFromElsewhere(long now) {
        if (share == null) {
            return more(SESSIONS, now);
        }
        moveIn(now);
        return true;
    }

    /** Counts a session that is there in any case, because it has come from another address; returns how many there are. */
    long moveIn(long now) {
        int count = counts.incrementAndGet(SESSIONS);
        changed(now);
        return count;
    }

    /** A session has ended or has moved to another address. */
    void leave() {
        less(SESSIONS);
    }

    /** Counts one more poll or bare read, and returns false when there are as many as there may be; then nothing was counted. */
    boolean enterRead(long now) {
        return more(READS, now);
    }

    /** A read that was counted is over. */
    public void leaveRead() {
        less(READS);
    }

    private boolean more(int kind, long now) {
        int count = counts.incrementAndGet(kind);
        if (count > tariff.most(kind) || share != null && !share.room(kind, count, now)) {
            counts.decrementAndGet(kind);
            return false;
        }
        changed(now);
        return true;
    }

    private void less(int kind) {
        counts.decrementAndGet(kind);
        if (share != null) {
            changed(share.now());
        }
    }

    private void changed(long now) {
        if (share != null) {
            share.changed(now);
        }
    }

    /** Tells whether it says nothing that a new account would not say as well. */
    boolean atRest(long now) {
        if (counts.get(SESSIONS) > 0 || counts.get(READS) > 0) {
            return false;
        }
        for (int i = 0; i < BUCKETS; i++) {
            if (!Meter.full(times, i, now)) {
                return false;
            }
        }
        return share == null || share.atRest(now);
    }
}
