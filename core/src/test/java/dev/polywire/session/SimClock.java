package dev.polywire.session;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Virtual time, chance and what is to happen: for one seed always the same, in the same order. */
final class SimClock {

    /** One of the two ends, which may stand still for a while: what happens to it meanwhile happens afterwards. */
    static final class Peer {
        private long pausedUntil;
    }

    private record Event(long at, long order, @Nullable Peer peer, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
        }
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>(64);
    private final SplittableRandom random;
    private final @Nullable List<String> trace;
    private int enough = Integer.MAX_VALUE;
    private long now;
    private long order;

    SimClock(long seed, boolean tracing) {
        random = new SplittableRandom(seed);
        trace = tracing ? new ArrayList<>() : null;
    }

    long now() {
        return now;
    }

    /** Returns a number from 0 to below a bound. */
    int upTo(int bound) {
        return random.nextInt(bound);
    }

    /** Tells whether something happens that happens so many times in a hundred. */
    boolean percent(int chance) {
        return random.nextInt(100) < chance;
    }

    /** Has something happen, whoever pauses. */
    void after(long wait, Runnable task) {
        events.add(new Event(now + wait, order++, null, task));
    }

    /** Has something happen to a peer, once it does not pause. */
    void after(long wait, Peer peer, Runnable task) {
        events.add(new Event(now + wait, order++, peer, task));
    }

    /** Has a peer stand still. */
    void pause(Peer peer, long wait) {
        peer.pausedUntil = Math.max(peer.pausedUntil, now + wait);
    }

    /** Lets the next thing happen. */
    boolean step() {
        Event event = events.poll();
        if (event == null) {
            return false;
        }
        now = event.at;
        if (event.peer != null && event.peer.pausedUntil > now) {
            // With its old place in the order: what is due at that moment anyway, on the same wire, comes after it.
            events.add(new Event(event.peer.pausedUntil, event.order, event.peer, event.task));
        } else {
            event.task.run();
        }
        return true;
    }

    /** Tells whether {@link #note} is worth the making of its text. */
    boolean tracing() {
        return trace != null;
    }

    /** Writes down what happens. */
    void note(String what) {
        if (trace != null && trace.size() < enough) {
            trace.add(now + " " + what);
        }
    }

    /** From now on only so many lines more are of interest: a deadlock goes on for long. */
    void noteOnly(int lines) {
        enough = trace == null ? 0 : trace.size() + lines;
    }

    /** Returns the last lines that were written down. */
    String trace(int lines) {
        return trace == null ? "" : String.join("\n", trace.subList(Math.max(0, trace.size() - lines), trace.size()));
    }
}
