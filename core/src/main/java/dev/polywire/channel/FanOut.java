package dev.polywire.channel;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait to be fanned out on one event loop: one task for all that come before it runs. Order is that in which they
 * came, over all channels. What comes in a row from one channel is taken to each subscriber together: walking over thousands of
 * subscribers is what costs.
 */
final class FanOut {
    private final Loop loop;

    // Guarded by this.
    private List<Entry> waiting = new ArrayList<>();
    private boolean scheduled;
    private int delayed;

    // On the loop only.
    private List<Entry> spare = new ArrayList<>();

    /** A frame for the subscriptions of a channel on this loop that were there before its number. */
    record Entry(
            LoopGroup group,
            Encoded frame,
            long number,
            @Nullable String except) {}

    FanOut(Loop loop) {
        this.loop = loop;
    }

    /** Adds a frame; on any thread. */
    void add(Entry entry) {
        long delay = entry.group.delay;
        synchronized (this) {
            if (delay > 0) {
                List<Entry> held = entry.group.held;
                delayed++;
                held.add(entry);
                if (held.size() > 1) {
                    return;
                }
            } else {
                waiting.add(entry);
                if (scheduled) {
                    return;
                }
                scheduled = true;
            }
        }
        try {
            if (delay > 0) {
                loop.executeAfter(delay, () -> release(entry.group));
            } else {
                loop.execute(this::run);
            }
        } catch (RuntimeException e) {
            // A loop that no longer takes tasks is shutting down, with its sessions.
            synchronized (this) {
                scheduled = false;
                waiting.clear();
                delayed -= entry.group.held.size();
                entry.group.held.clear();
            }
            Log.warn("An event loop refused the frames of its channels", e);
        }
    }

    /** The delay of a channel's frames is over. On the loop. */
    private void release(LoopGroup group) {
        synchronized (this) {
            waiting.addAll(group.held);
            delayed -= group.held.size();
            group.held.clear();
        }
        run();
    }

    /** Returns how many frames wait. */
    synchronized int size() {
        return waiting.size() + delayed;
    }

    private void run() {
        List<Entry> due;
        synchronized (this) {
            due = waiting;
            waiting = spare;
            scheduled = false;
        }
        try {
            for (int from = 0; from < due.size(); ) {
                LoopGroup group = due.get(from).group;
                int until = from + 1;
                while (until < due.size() && due.get(until).group == group) {
                    until++;
                }
                group.deliver(due, from, until);
                from = until;
            }
        } finally {
            due.clear();
            spare = due;
        }
    }
}
