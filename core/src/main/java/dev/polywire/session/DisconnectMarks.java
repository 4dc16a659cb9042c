package dev.polywire.session;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which users were disconnected of late: their sessions that were parked in the ledger or on their way between two nodes at that moment were on no node that could have
 * ended them, and end where they come to. Safe for all threads.
 *
 * <p>A disconnect is told from others by a number, which is about the wall clock of the node where it was asked for, and greater than that of every one of the same user
 * that was known there. A session is younger than those that its node knew when it opened.
 */
final class DisconnectMarks {
    /** How many are kept at the most; dropping one to make room would let a session go on. */
    static final int MOST = 100_000;

    /** By how much the wall clocks of two nodes may differ, milliseconds. */
    static final long SKEW = 10_000;

    /** How often what has expired is swept out, milliseconds. */
    private static final long SWEEP = 60_000;

    private final LongSupplier clock;
    private final LongSupplier wallClock;
    private final Map<String, Mark> marks = new ConcurrentHashMap<>();
    private long swept;

    /**
     * A user's last disconnect.
     *
     * @param at its number
     * @param until when every session has come, or expired, that was under way then, by the clock
     */
    private record Mark(long at, long until) {}

    /**
     * Creates it without marks.
     *
     * @param clock monotonic milliseconds
     * @param wallClock milliseconds, about the same on all nodes
     */
    DisconnectMarks(LongSupplier clock, LongSupplier wallClock) {
        this.clock = clock;
        this.wallClock = wallClock;
    }

    /** Returns the number of a disconnect that begins now. */
    long next(String user) {
        return Math.max(wallClock.getAsLong(), last(user) + 1);
    }

    /**
     * Adds a disconnect; one with a lower number than is known changes nothing.
     *
     * @return false when there is no room
     */
    synchronized boolean add(String user, long at, long millis) {
        long now = clock.getAsLong();
        if (marks.size() >= MOST || now - swept > SWEEP) {
            marks.values().removeIf(mark -> mark.until() <= now);
            swept = now;
        }
        if (marks.size() >= MOST && !marks.containsKey(user)) {
            return false;
        }
        if (last(user) < at) {
            marks.put(user, new Mark(at, now + millis));
        }
        return true;
    }

    /** Adds one that another node tells of. */
    void learn(JsonObject told) {
        add(told.getString("user"), told.getLong("at"), told.getLong("millis"));
    }

    /** Returns those that fall into one of so many slices, as they are told to other nodes. */
    List<JsonObject> slice(int slice, int of) {
        long now = clock.getAsLong();
        List<JsonObject> list = new ArrayList<>();
        marks.forEach((user, mark) -> {
            long left = mark.until() - now;
            if (left > 0 && Math.floorMod(user.hashCode(), of) == slice) {
                list.add(new JsonObject().put("user", user).put("at", mark.at()).put("millis", left));
            }
        });
        return list;
    }

    /** Returns the number of a user's last disconnect; 0 when none is known, or it is nobody in particular. */
    long last(@Nullable String user) {
        Mark mark = user == null || marks.isEmpty() ? null : marks.get(user);
        return mark == null || mark.until() <= clock.getAsLong() ? 0 : mark.at();
    }

    /**
     * Tells whether a session was under way when its user was disconnected.
     *
     * @param frozenAt when it was frozen, by the clock of the node that did
     * @param spared the last disconnect that it is younger than
     */
    boolean meant(@Nullable String user, long frozenAt, long spared) {
        long at = last(user);
        // Clocks that differ hit no session that was opened after it: that one's node knew of it.
        return at > spared && frozenAt <= at + SKEW;
    }

    /** Returns how many are kept, expired ones that are not swept yet included. */
    int size() {
        return marks.size();
    }
}
