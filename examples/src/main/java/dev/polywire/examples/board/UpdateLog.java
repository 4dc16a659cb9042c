package dev.polywire.examples.board;

import java.util.ArrayList;
import java.util.List;

/**
 * The updates that make up one document, which only its clients can read.
 *
 * <p>Each is kept until a client has made one of several. Updates are only ever dropped for one that was made of them: those
 * that came meanwhile stay behind it. Not thread-safe.
 */
final class UpdateLog {
    /** So many updates are made one. */
    static final int MANY = 100;

    /** So many characters of updates are made one, when there are several. */
    static final int LARGE = 64 * 1024;

    /** The most characters that are kept, and so the most that a subscriber is sent. */
    static final int MOST = 384 * 1024;

    private final List<String> updates = new ArrayList<>();
    private int size;
    /** How large the document was when it was last made one update. */
    private int merged;
    /** Rises with each merge, so that one that was asked for before another changes nothing. */
    private int generation;

    /** What became of an update. */
    enum Offer {
        /** It is kept. */
        KEPT,
        /** There will be room when what is kept has been made one. */
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

    /** Keeps an update, if there is room. */
    Offer add(String update) {
        if (size + update.length() > MOST) {
            return updates.size() > 1 ? Offer.NOT_NOW : Offer.FULL;
        }
        updates.add(update);
        size += update.length();
        return Offer.KEPT;
    }

    /** Tells whether it is time to make one update of all. */
    boolean wantsMerge() {
        return updates.size() >= MANY || updates.size() > 1 && (size - merged >= LARGE || size > MOST - LARGE);
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
        return true;
    }

    /** Returns all updates, oldest first: whoever has applied them has the document. */
    List<String> updates() {
        return List.copyOf(updates);
    }
}
