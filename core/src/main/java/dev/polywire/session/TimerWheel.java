package dev.polywire.session;

import dev.polywire.channel.Faults;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deadlines of one event loop: one coarse wheel instead of a timer for each session. Time is an argument.
 *
 * <p>Deadlines are met late by at most one slot, never early.
 */
final class TimerWheel {
    private static final Logger LOG = LoggerFactory.getLogger(TimerWheel.class);

    /**
     * The width of a slot in milliseconds. Wide enough that what is due on an idle server, mostly pings, wakes it seldom and then goes out
     * together, and narrow enough that the pings of a hundred thousand sessions take a loop a few milliseconds at a time.
     */
    static final long SLOT = 50;

    private static final int SLOTS = 1024;

    /** Something that happens once, unless it is cancelled. */
    static final class Timer {
        private final long at;
        private @Nullable Runnable task;

        private Timer(long at, Runnable task) {
            this.at = at;
            this.task = task;
        }

        /** Makes sure that it does not happen any more. */
        void cancel() {
            // The slot comes round much later, and the task may hold a whole session.
            task = null;
        }
    }

    private final List<List<Timer>> slots = new ArrayList<>(SLOTS);
    private long turned;
    private int size;

    TimerWheel(long now) {
        for (int i = 0; i < SLOTS; i++) {
            slots.add(new ArrayList<>(0));
        }
        turned = now / SLOT;
    }

    /** Sets a timer. */
    Timer at(long deadline, Runnable task) {
        Timer timer = new Timer(deadline, task);
        slots.get((int) (Math.max(deadline / SLOT + 1, turned + 1) % SLOTS)).add(timer);
        size++;
        return timer;
    }

    /** Runs what is due. */
    void advance(long now) {
        long target = now / SLOT;
        // After a long pause each slot is looked at once; that finds all there is.
        for (long tick = Math.max(turned, target - SLOTS) + 1; tick <= target; tick++) {
            // Before the tasks run: what they set for the past goes into a slot that is still to come.
            turned = tick;
            turn((int) (tick % SLOTS), now);
        }
    }

    private void turn(int index, long now) {
        List<Timer> slot = slots.get(index);
        if (slot.isEmpty()) {
            return;
        }
        slots.set(index, new ArrayList<>(0));
        int next = 0;
        try {
            while (next < slot.size()) {
                Timer timer = slot.get(next++);
                if (timer.task != null && timer.at > now) {
                    slots.get(index).add(timer);
                } else {
                    size--;
                    run(timer);
                }
            }
        } finally {
            while (next < slot.size()) {
                // Only when a virtual machine error goes on from here: what is left is due in the next turn.
                slots.get((index + 1) % SLOTS).add(slot.get(next++));
            }
        }
    }

    private static void run(Timer timer) {
        Runnable task = timer.task;
        timer.task = null;
        if (task != null) {
            try {
                task.run();
            } catch (Throwable e) {
                // The other timers of the slot, and the wheel itself, must go on.
                Faults.contain(e);
                LOG.error("A timer failed", e);
            }
        }
    }

    /** Returns how many timers are set, cancelled ones that are not swept yet included. */
    int size() {
        return size;
    }
}
