package dev.polywire.session;

import dev.polywire.channel.Faults;
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
        /** Not on the wheel: it has happened, or was cancelled. */
        private static final int OVER = -1;

        private final TimerWheel wheel;
        private final long at;
        private @Nullable Runnable task;
        private @Nullable Timer before;
        private @Nullable Timer after;
        private int row = OVER;

        private Timer(TimerWheel wheel, long at, Runnable task) {
            this.wheel = wheel;
            this.at = at;
            this.task = task;
        }

        /** Makes sure that it does not happen any more, and takes it off the wheel; on the loop only. */
        void cancel() {
            task = null;
            if (row != OVER) {
                wheel.remove(this);
            }
        }
    }

    /** The slot that is being turned is in the last row, so that what is set anew does not meet it. */
    private static final int TURNING = SLOTS;

    // Linked rows: what is cancelled, which is nearly all, leaves nothing behind.
    private final @Nullable Timer[] firsts = new @Nullable Timer[SLOTS + 1];
    private final @Nullable Timer[] lasts = new @Nullable Timer[SLOTS + 1];
    private long turned;
    private int size;

    TimerWheel(long now) {
        turned = now / SLOT;
    }

    /** Sets a timer. */
    Timer at(long deadline, Runnable task) {
        Timer timer = new Timer(this, deadline, task);
        add(timer, (int) (Math.max(deadline / SLOT + 1, turned + 1) % SLOTS));
        return timer;
    }

    private void add(Timer timer, int row) {
        Timer last = lasts[row];
        timer.row = row;
        timer.before = last;
        if (last == null) {
            firsts[row] = timer;
        } else {
            last.after = timer;
        }
        lasts[row] = timer;
        size++;
    }

    private void remove(Timer timer) {
        Timer before = timer.before;
        Timer after = timer.after;
        if (before == null) {
            firsts[timer.row] = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            lasts[timer.row] = before;
        } else {
            after.before = before;
        }
        timer.before = null;
        timer.after = null;
        timer.row = Timer.OVER;
        size--;
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

    private void turn(int row, long now) {
        move(row, TURNING);
        try {
            for (Timer timer = firsts[TURNING]; timer != null; timer = firsts[TURNING]) {
                remove(timer);
                if (timer.at > now) {
                    add(timer, row);
                } else {
                    run(timer);
                }
            }
        } finally {
            // Only when a virtual machine error goes on from here: what is left is due in the next turn.
            move(TURNING, (row + 1) % SLOTS);
        }
    }

    private void move(int from, int to) {
        for (Timer timer = firsts[from]; timer != null; timer = firsts[from]) {
            remove(timer);
            add(timer, to);
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

    /** Returns how many timers are set. */
    int size() {
        return size;
    }
}
