package dev.polywire.limit;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** What one user or one address has used of its {@link Tariff}. Safe for all threads. */
public final class Account {
    static final int FRAMES = 0;
    static final int BYTES = 1;
    static final int CONTROLS = 2;
    static final int CONTROL_BYTES = 3;
    static final int OPENS = 4;
    static final int CONNECTS = 5;
    private static final int BUCKETS = 6;

    private final String key;
    private final Tariff tariff;
    private final AtomicLongArray times = new AtomicLongArray(BUCKETS);
    private final AtomicInteger sessions = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();

    Account(String key, Tariff tariff) {
        this.key = key;
        this.tariff = tariff;
        for (int i = 0; i < BUCKETS; i++) {
            times.setPlain(i, Meter.FULL);
        }
    }

    /** Returns the user or address. */
    String key() {
        return key;
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
        long wait = frames == null ? 0 : frames.take(times, counted ? FRAMES : CONTROLS, now, 1);
        if (wait == 0 && bytes != null) {
            wait = bytes.take(times, counted ? BYTES : CONTROL_BYTES, now, size);
            if (wait > 0 && frames != null) {
                frames.giveBack(times, counted ? FRAMES : CONTROLS, 1);
            }
        }
        return wait;
    }

    /** Takes a frame back that another account refused. */
    void frameBack(int size, boolean counted) {
        Meter frames = counted ? tariff.frames() : tariff.controls();
        Meter bytes = counted ? tariff.bytes() : tariff.controlBytes();
        if (frames != null) {
            frames.giveBack(times, counted ? FRAMES : CONTROLS, 1);
        }
        if (bytes != null) {
            bytes.giveBack(times, counted ? BYTES : CONTROL_BYTES, size);
        }
    }

    /** Charges the opening of a session; returns 0, or the milliseconds until one may be opened. */
    long open(long now) {
        Meter meter = tariff.opens();
        return meter == null ? 0 : meter.take(times, OPENS, now, 1);
    }

    /** Charges a request that may become a connection; returns 0, or the milliseconds until one may. */
    long connect(long now) {
        Meter meter = tariff.connects();
        return meter == null ? 0 : meter.take(times, CONNECTS, now, 1);
    }

    /** Counts one more session, and returns false when there are as many as there may be; then nothing was counted. */
    boolean enter() {
        return more(sessions, tariff.sessions());
    }

    /** Counts a session that is there in any case, because it has come from another address; returns how many there are. */
    long moveIn() {
        return sessions.incrementAndGet();
    }

    /** A session has ended or has moved to another address. */
    void leave() {
        sessions.decrementAndGet();
    }

    /** Counts one more poll or bare read, and returns false when there are as many as there may be; then nothing was counted. */
    boolean enterRead() {
        return more(reads, tariff.reads());
    }

    /** A read that was counted is over. */
    public void leaveRead() {
        reads.decrementAndGet();
    }

    private static boolean more(AtomicInteger count, int most) {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Tells whether it says nothing that a new account would not say as well. */
    boolean atRest(long now) {
        if (sessions.get() > 0 || reads.get() > 0) {
            return false;
        }
        for (int i = 0; i < BUCKETS; i++) {
            if (!Meter.full(times, i, now)) {
                return false;
            }
        }
        return true;
    }
}
