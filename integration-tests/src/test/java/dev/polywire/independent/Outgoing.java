package dev.polywire.independent;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.function.Consumer;

/** The frames of a session that are not known to be accepted, and their numbers; whoever calls holds the client's lock. */
final class Outgoing {
    private static final int MOST = 10_000;

    private final Deque<String> queue = new ArrayDeque<>();
    private final Consumer<String> fault;
    private long sent;
    private long confirmed;

    Outgoing(Consumer<String> fault) {
        this.fault = fault;
    }

    /** Takes a frame in, for good; gives its number. */
    long add(String frame) {
        if (queue.size() >= MOST) {
            throw new IllegalStateException("too much is waiting for a connection");
        }
        queue.add(frame);
        return ++sent;
    }

    /** Gives all of them up; the numbers stay taken (R27). */
    void withdraw() {
        int count = queue.size();
        queue.clear();
        queue.addAll(Collections.nCopies(count, "{\"type\":\"noop\"}"));
    }

    /** Drops what the server has accepted; a lower, late count changes nothing (R12). */
    void confirm(long count) {
        if (count > sent) {
            fault.accept("accepted " + count + " of " + sent);
        }
        while (confirmed < count && !queue.isEmpty()) {
            queue.remove();
            confirmed++;
        }
    }

    /** Begins anew, with so many sent and accepted. */
    void startAt(long count) {
        queue.clear();
        sent = count;
        confirmed = count;
    }

    /** The frames with the numbers from {@link #confirmed} + 1 on. */
    Collection<String> unconfirmed() {
        return queue;
    }

    long sent() {
        return sent;
    }

    long confirmed() {
        return confirmed;
    }

    @Override
    public String toString() {
        return "sent " + sent + ", confirmed " + confirmed;
    }
}
