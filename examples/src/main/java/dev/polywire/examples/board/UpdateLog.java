package dev.polywire.examples.board;

import java.util.ArrayList;
import java.util.List;

/**
 * The updates that make up one document, which only its clients can read.
 *
 * <p>Each is kept until a client has made one of them all. Updates are only ever dropped for one that was made of them: those
 * that came meanwhile stay behind it. Not thread-safe.
 */
final class UpdateLog {
    /** So many updates are made one. */
    static final int MANY = 100;

    /** So many characters that were never made one are. */
    static final int LARGE = 64 * 1024;

    /** The most characters of updates that add something, and so the largest document. */
    static final int ROOM = 256 * 1024;

    /** The most characters that are kept: beyond {@link #ROOM} it is for what removes, so that a full document can be freed. */
    static final int MOST = ROOM + 128 * 1024;

    private final List<String> updates = new ArrayList<>();
    private int size;
    /** How large the document was when it was last made one update. */
    private int merged;
    /** Rises with each merge, so that one that was asked for before another changes nothing. */
    private int generation;
    /** Whether a merge would make room that somebody waits for. */
    private boolean tight;

    /** What became of an update. */
    enum Offer {
        /** It is kept. */
        KEPT,
        /** There may be room when what is kept has been made one. */
        NOT_NOW,
        /** The document is too large. */
        FULL
    }

    /**
     * Updates to be made one.
     *
     * @param generation of the log that they are from
     * @param updates all that there were, oldest first
     */
    record Work(int generation, List<String> updates) {}

    /**
     * Keeps an update, if there is room.
     *
     * @param update what adds to the document, or only removes from it
     * @param removes whether it only removes
     */
    Offer add(String update, boolean removes) {
        int most = removes ? MOST : ROOM;
        if (size + update.length() > most) {
            // What was made one does not get smaller by that.
            boolean hope = size > merged && update.length() <= most;
            tight |= hope;
            return hope ? Offer.NOT_NOW : Offer.FULL;
        }
        updates.add(update);
        size += update.length();
        tight |= removes && size > ROOM - LARGE;
        return Offer.KEPT;
    }

    /** Tells whether it is time to make one update of all, even if that is of one that may hold more than it has to. */
    boolean wantsMerge() {
        return updates.size() >= MANY || size - merged >= LARGE || tight && size > merged;
    }

    /** Returns how many characters there are. */
    int size() {
        return size;
    }

    /** Returns what is to be made one. */
    Work work() {
        return new Work(generation, List.copyOf(updates));
    }

    /**
     * Puts one update in the place of those that it was made of.
     *
     * @param work what it was made of
     * @param update holds all of that
     * @return false when it was not taken: it is no smaller, or another one was there before
     */
    boolean merged(Work work, String update) {
        int before = work.updates().stream().mapToInt(String::length).sum();
        if (work.generation() != generation || update.isEmpty() || update.length() > before) {
            return false;
        }
        generation++;
        updates.subList(0, work.updates().size()).clear();
        updates.add(0, update);
        size += update.length() - before;
        merged = update.length();
        tight = false;
        return true;
    }

    /** Returns all updates, oldest first: whoever has applied them has the document. */
    List<String> updates() {
        return List.copyOf(updates);
    }
}
