package dev.polywire.transport.longpoll;

import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When the polls of each event loop are to be answered anyway. A poll mostly is answered long before: so setting and
 * forgetting must cost next to nothing, which a timer of Vert.x for each does not.
 */
final class Waits {
    /** The width of a slot in milliseconds: a poll is answered late by at most so much. */
    private static final long SLOT = 50;

    private static final int SLOTS = 1024;

    private final Map<EventLoop, Wheel> wheels = new ConcurrentHashMap<>();
    private final LongSupplier nanos;

    /** Makes one for any number of event loops, with a clock that never goes back. */
    Waits(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Returns the wheel of an event loop. */
    Wheel on(EventLoop loop) {
        return wheels.computeIfAbsent(loop, any -> new Wheel(any, nanos));
    }

    /** A poll's place on a wheel. */
    abstract static class Wait {
        private final Wheel wheel;
        private @Nullable Wait before;
        private @Nullable Wait after;
        private long due;
        private boolean set;

        /** Comes up after so many milliseconds, late by a slot at the most, unless it is forgotten. */
        Wait(Wheel wheel, long millis) {
            this.wheel = wheel;
            wheel.add(this, millis);
        }

        /** The time is up. On the event loop, where it must only hand over to the poll's own context. */
        abstract void up();

        /** Makes sure that it does not come up any more; nothing of it is kept. */
        final void forget() {
            wheel.remove(this);
        }
    }

    /** The waits of one event loop, each in the list of its slot. */
    static final class Wheel {
        private final EventLoop loop;
        private final LongSupplier nanos;
        private final @Nullable Wait[] slots = new @Nullable Wait[SLOTS];
        private int size;
        /** The slot that was looked at last, counted from the beginning of time. */
        private long turned;
        /** The slot that the loop's timer is set for; only while there is one. */
        private long next = Long.MAX_VALUE;

        private Wheel(EventLoop loop, LongSupplier nanos) {
            this.loop = loop;
            this.nanos = nanos;
        }

        private long now() {
            return TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong());
        }

        private void add(Wait wait, long millis) {
            if (!loop.inEventLoop()) {
                loop.execute(() -> add(wait, millis));
                return;
            }
            long now = now();
            if (size == 0) {
                turned = now / SLOT;
            }
            wait.set = true;
            wait.due = (now + millis) / SLOT + 1;
            int slot = slot(wait.due);
            Wait first = slots[slot];
            wait.after = first;
            if (first != null) {
                first.before = wait;
            }
            slots[slot] = wait;
            size++;
            // Later ones are found when the timer comes up: nearly always it is set for an earlier one already.
            if (wait.due < next) {
                timer(wait.due, now);
            }
        }

        private void remove(Wait wait) {
            if (!loop.inEventLoop()) {
                loop.execute(() -> remove(wait));
                return;
            }
            if (!wait.set) {
                return;
            }
            wait.set = false;
            Wait before = wait.before;
            Wait after = wait.after;
            if (before == null) {
                slots[slot(wait.due)] = after;
            } else {
                before.after = after;
            }
            if (after != null) {
                after.before = before;
            }
            wait.before = null;
            wait.after = null;
            size--;
        }

        /** Returns how many wait. */
        int size() {
            return size;
        }

        private static int slot(long due) {
            return (int) (due & SLOTS - 1);
        }

        private void timer(long due, long now) {
            next = due;
            loop.schedule(() -> turn(due), Math.max(1, due * SLOT - now), TimeUnit.MILLISECONDS);
        }

        private void turn(long due) {
            if (due != next) {
                // An earlier one was set meanwhile, and has looked after this one.
                return;
            }
            next = Long.MAX_VALUE;
            long now = now();
            long last = now / SLOT;
            for (long at = Math.max(turned, last - SLOTS) + 1; at <= last; at++) {
                turned = at;
                come(slot(at), last);
            }
            again(last, now);
        }

        private void come(int slot, long last) {
            Wait wait = slots[slot];
            while (wait != null) {
                Wait after = wait.after;
                if (wait.due <= last) {
                    remove(wait);
                    wait.up();
                }
                wait = after;
            }
        }

        private void again(long last, long now) {
            if (size == 0 || next != Long.MAX_VALUE) {
                return;
            }
            for (int ahead = 1; ahead <= SLOTS; ahead++) {
                if (slots[slot(last + ahead)] != null) {
                    timer(last + ahead, now);
                    return;
                }
            }
        }
    }
}
