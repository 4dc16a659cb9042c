package dev.polywire.channel;

import dev.polywire.protocol.ServerFrame;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frames that wait to be fanned out on one event loop: one task for all that come before it runs. Order is that in which they
 * came, over all channels. What comes in a row from one channel is taken to each subscriber together: walking over thousands of
 * subscribers is what costs.
 */
final class FanOut {
    /** So many frames may wait before publishers are told to wait, too. */
    static final int MOST = 100_000;

    /** So many bytes, about. */
    static final long MOST_BYTES = 64L * 1024 * 1024;

    /** What a frame is charged beyond its payload. */
    private static final int OVERHEAD = 64;

    private final Loop loop;

    /** Whether as much waits as may; read by publishers without a lock. */
    private volatile boolean full;

    // Guarded by this.
    private List<Entry> waiting = new ArrayList<>();
    private long bytes;
    private boolean scheduled;
    private int held;
    private long heldBytes;

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
        LoopGroup group = entry.group;
        long delay = group.delay;
        synchronized (this) {
            long cost = cost(entry);
            if (delay > 0) {
                group.held.add(entry);
                group.heldBytes += cost;
                held++;
                heldBytes += cost;
            } else {
                waiting.add(entry);
                bytes += cost;
            }
            full |= waiting.size() + held >= MOST || bytes + heldBytes >= MOST_BYTES;
            if (delay > 0 ? group.held.size() > 1 : scheduled) {
                return;
            }
            scheduled |= delay == 0;
        }
        try {
            if (delay > 0) {
                loop.executeAfter(delay, () -> release(group));
            } else {
                loop.execute(this::run);
            }
        } catch (RuntimeException e) {
            // A loop that no longer takes tasks is shutting down, with its sessions.
            synchronized (this) {
                scheduled = false;
                letGo(group);
                waiting.clear();
                emptied();
            }
            Log.warn("An event loop refused the frames of its channels", e);
        }
    }

    private static long cost(Entry entry) {
        return OVERHEAD
                + (entry.frame.frame() instanceof ServerFrame.Message message
                        ? message.payload().bytes().length
                        : 0);
    }

    /** The delay of a channel's frames is over. On the loop. */
    private void release(LoopGroup group) {
        synchronized (this) {
            bytes += group.heldBytes;
            letGo(group);
        }
        run();
    }

    private void letGo(LoopGroup group) {
        waiting.addAll(group.held);
        held -= group.held.size();
        heldBytes -= group.heldBytes;
        group.held.clear();
        group.heldBytes = 0;
    }

    private void emptied() {
        bytes = 0;
        full = held >= MOST || heldBytes >= MOST_BYTES;
    }

    /** Tells whether nobody should publish to this loop for a while. */
    boolean full() {
        return full;
    }

    /** Returns how many frames wait. */
    synchronized int size() {
        return waiting.size() + held;
    }

    private void run() {
        List<Entry> due;
        synchronized (this) {
            due = waiting;
            waiting = spare;
            scheduled = false;
            emptied();
        }
        int until = run(due, 0);
        // One channel alone is what costs: then each subscriber gets its frames and sends them in one go.
        boolean alone = until > 0 && until == due.size();
        try {
            if (alone) {
                loop.settleEach(true);
            }
            for (int from = 0; from < due.size(); until = run(due, from)) {
                due.get(from).group.deliver(due, from, until);
                from = until;
            }
        } finally {
            if (alone) {
                loop.settleEach(false);
            }
            due.clear();
            spare = due;
        }
    }

    /** Returns where the row of frames ends that belong to the same channel as the one it begins with. */
    private static int run(List<Entry> due, int from) {
        int until = from;
        while (until < due.size() && due.get(until).group == due.get(from).group) {
            until++;
        }
        return until;
    }
}
