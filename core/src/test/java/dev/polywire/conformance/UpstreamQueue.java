package dev.polywire.conformance;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The client's frames that the server has not confirmed yet, with their numbers. */
final class UpstreamQueue {
    static final Buffer NOOP = Buffer.buffer("{\"type\":\"noop\"}");

    private record Entry(Buffer frame, boolean repeatable) {}

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private long confirmed;

    long add(Buffer frame, boolean repeatable) {
        entries.add(new Entry(frame, repeatable));
        return last();
    }

    void confirm(long count) {
        while (confirmed < count) {
            entries.removeFirst();
            confirmed++;
        }
    }

    /** A number once used stays used: what is taken back becomes a noop (R27). */
    void withdraw(long number) {
        List<Entry> all = new ArrayList<>(entries);
        int index = (int) (number - confirmed - 1);
        if (index >= 0 && index < all.size()) {
            all.set(index, new Entry(NOOP, true));
            entries.clear();
            entries.addAll(all);
        }
    }

    /** Begins to number anew, with those that may be repeated in a new session (R17). */
    void restart() {
        entries.removeIf(entry -> !entry.repeatable);
        confirmed = 0;
    }

    /** The frames that follow a number. What was confirmed on another wire meanwhile still needs something in its place here. */
    List<Buffer> after(long number, int most) {
        List<Buffer> due = new ArrayList<>();
        for (long known = number; known < confirmed && due.size() < most; known++) {
            due.add(NOOP);
        }
        long skip = number + due.size() - confirmed;
        if (skip >= entries.size()) {
            return due;
        }
        Iterator<Entry> rest = entries.iterator();
        for (long i = 0; i < skip; i++) {
            rest.next();
        }
        while (rest.hasNext() && due.size() < most) {
            due.add(rest.next().frame);
        }
        return due;
    }

    long confirmed() {
        return confirmed;
    }

    long last() {
        return confirmed + entries.size();
    }

    int size() {
        return entries.size();
    }
}
