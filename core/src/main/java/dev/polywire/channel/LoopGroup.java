package dev.polywire.channel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of one channel on one event loop.
 *
 * <p>It changes on its loop only, and then under the channel's lock: so the loop walks it without a lock, and other threads may
 * copy it under the lock. That makes coming and going cheap however many subscribers a channel has; a copy of the array for each
 * newcomer would cost the square of a reconnecting crowd.
 */
final class LoopGroup {
    final Loop loop;
    final FanOut fan;

    /** How long a frame may wait for others, milliseconds; 0 when it may not. */
    final long delay;

    /** Those that do. Guarded by {@link #fan}. */
    final List<FanOut.Entry> held = new ArrayList<>(0);

    /** What those take. Guarded by {@link #fan}. */
    long heldBytes;

    /** The channel's, under which others may copy. */
    private final Object lock;

    private @Nullable Subscription[] members = new @Nullable Subscription[4];
    private int end;
    private int size;
    private int walking;

    LoopGroup(Loop loop, FanOut fan, long delay, Object lock) {
        this.loop = loop;
        this.fan = fan;
        this.delay = delay;
        this.lock = lock;
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(Subscription subscription) {
        if (end == members.length) {
            members = Arrays.copyOf(members, end * 2);
        }
        subscription.slot = end;
        members[end++] = subscription;
        size++;
    }

    void remove(Subscription subscription) {
        int slot = subscription.slot;
        if (slot < 0) {
            return;
        }
        subscription.slot = -1;
        size--;
        if (walking > 0) {
            // A delivery made somebody leave: moving another one here would skip it or serve it twice.
            members[slot] = null;
        } else {
            fill(slot);
        }
    }

    private void fill(int slot) {
        Subscription last = members[--end];
        members[end] = null;
        if (slot != end) {
            members[slot] = last;
            if (last != null) {
                last.slot = slot;
            }
        }
    }

    /** Hands frames, in order, to all that are here now. On the loop. */
    void deliver(List<FanOut.Entry> entries, int from, int until) {
        walking++;
        try {
            for (int i = 0, last = end; i < last; i++) {
                Subscription subscription = members[i];
                if (subscription == null) {
                    continue;
                }
                for (int k = from; k < until; k++) {
                    FanOut.Entry entry = entries.get(k);
                    // Who came after the frame was sent here has been told a position beyond it, perhaps of another
                    // epoch.
                    if (subscription.after < entry.number()) {
                        deliver(subscription, entry.frame(), entry.except());
                    }
                }
                loop.settle();
            }
        } finally {
            if (--walking == 0 && size < end) {
                synchronized (lock) {
                    compact();
                }
            }
        }
    }

    private static void deliver(Subscription subscription, Encoded frame, @Nullable String except) {
        try {
            if (except != null && except.equals(subscription.subscriber().id())) {
                subscription.skip(frame);
            } else {
                subscription.offer(frame);
            }
        } catch (Throwable e) {
            Faults.contain(e);
            // The others must get it all the same.
            Log.warn("A subscriber of channel " + subscription.channel() + " failed to take a frame", e);
        }
    }

    private void compact() {
        for (int i = end - 1; i >= 0; i--) {
            if (members[i] == null) {
                fill(i);
            }
        }
    }

    /** Copies those that have joined. Under the channel's lock. */
    void copyTo(Collection<Subscriber> to) {
        for (int i = 0; i < end; i++) {
            Subscription subscription = members[i];
            if (subscription != null && subscription.present) {
                to.add(subscription.subscriber());
            }
        }
    }
}
