package dev.polywire.channel;

import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A channel that has, or is about to have, subscribers on this node.
 *
 * <p>Its lock is the one serial step in which a frame is handed to all event loops: two publishers that run at the same time are
 * seen in the same order on every loop. The broker is never called while it is held.
 */
final class LocalChannel {
    private static final LoopGroup[] NO_GROUPS = {};

    final String name;
    final ChannelOptions options;
    final Broker.Keep keep;
    final BrokerLink link;
    private final Codec codec;
    private final Function<Loop, FanOut> fans;
    private final Supplier<ChannelHandler> handler;
    private final Consumer<LocalChannel> removal;

    /** Replaced under the lock, read without it, never changed. */
    private volatile LoopGroup[] groups = NO_GROUPS;

    // All below is guarded by this.
    private int present;
    private @Nullable String epoch;
    private long offset;
    private long number;

    /** Where the unbroken row of messages begins that was heard before the broker confirmed. */
    private long first;

    private final Queue<Boolean> hooks = new ArrayDeque<>();
    private boolean hooking;
    private boolean dead;

    LocalChannel(
            String name,
            ChannelOptions options,
            Broker broker,
            TimeLimit limit,
            Codec codec,
            Function<Loop, FanOut> fans,
            Supplier<ChannelHandler> handler,
            Consumer<LocalChannel> removal) {
        this.name = name;
        this.options = options;
        this.keep = options.keep();
        this.codec = codec;
        this.fans = fans;
        this.handler = handler;
        this.removal = removal;
        this.link = new BrokerLink(this, broker, limit);
    }

    /** Tells whether it has left the hub's map: then nobody may join it any more. Under the lock. */
    boolean dead() {
        return dead;
    }

    /** Leaves the hub's map when nothing is left to do. Under the lock. */
    void settle() {
        if (!dead && link.idle() && !hooking && hooks.isEmpty()) {
            dead = true;
            removal.accept(this);
        }
    }

    /** A broker subscription begins: what was known of positions is void. Under the lock. */
    void forgetPosition() {
        epoch = null;
        offset = 0;
        first = 0;
    }

    /** The broker subscription is confirmed. Under the lock. */
    void confirmed(@Nullable Position top) {
        if (top == null) {
            return;
        }
        if (epoch == null) {
            epoch = top.epoch();
        }
        // Messages, or a gap, may have overtaken the confirmation: what they told is newer. But messages that do not
        // follow the
        // confirmed top are remains of an earlier subscription, and may be of an earlier epoch.
        if (top.epoch().equals(epoch) && (offset < top.offset() || first > top.offset() + 1)) {
            offset = top.offset();
        }
    }

    void message(ServerFrame.Message message, @Nullable String except) {
        Encoded encoded = new Encoded(message, codec);
        synchronized (this) {
            long at = message.offset();
            if (at != 0) {
                if (epoch == null && at != offset + 1) {
                    first = at;
                } else if (epoch != null && at <= offset) {
                    return;
                }
                offset = at;
            }
            fan(encoded, except);
        }
    }

    void gap(ServerFrame.GapReason reason, @Nullable Position position) {
        Encoded encoded = new Encoded(new ServerFrame.Gap(name, reason, position, 0), codec);
        synchronized (this) {
            if (position != null) {
                offset = position.epoch().equals(epoch) ? Math.max(offset, position.offset()) : position.offset();
                epoch = position.epoch();
                first = 0;
            }
            fan(encoded, null);
        }
    }

    void presence(ServerFrame change, @Nullable String except) {
        Encoded encoded = new Encoded(change, codec);
        synchronized (this) {
            fan(encoded, except);
        }
    }

    /** At most one task for each loop, however many subscribers it has. Under the lock, which makes the order the same on all of them. */
    private void fan(Encoded frame, @Nullable String except) {
        long mine = ++number;
        for (LoopGroup group : groups) {
            group.fan.add(new FanOut.Entry(group, frame, mine, except));
        }
    }

    /** Tells whether a loop that has subscribers here does not keep up with what waits for it. */
    boolean clogged() {
        for (LoopGroup group : groups) {
            if (group.fan.full()) {
                return true;
            }
        }
        return false;
    }

    Encoded encode(ServerFrame frame) {
        return new Encoded(frame, codec);
    }

    /** Begins to hold frames for a subscription. On its loop: whatever is handed over after this step reaches it, in order. */
    synchronized void join(Subscription subscription) {
        goOn(subscription);
        groupOf(subscription.subscriber().loop()).add(subscription);
    }

    /** Lets a subscription go on from where the channel is now; frames on their way to its loop are not for it any more. */
    synchronized void goOn(Subscription subscription) {
        subscription.begin(epoch, offset);
        subscription.after = number;
    }

    private LoopGroup groupOf(Loop loop) {
        for (LoopGroup group : groups) {
            if (group.loop.equals(loop)) {
                return group;
            }
        }
        LoopGroup group =
                new LoopGroup(loop, fans.apply(loop), options.maxBatchDelay().toMillis(), this);
        LoopGroup[] more = Arrays.copyOf(groups, groups.length + 1);
        more[more.length - 1] = group;
        groups = more;
        return group;
    }

    /** Counts a subscriber whose subscription has succeeded. On its loop. */
    void arrive(Subscription subscription) {
        synchronized (this) {
            subscription.present = true;
            if (++present == 1) {
                hooks.add(true);
            }
        }
        runHooks();
    }

    /** Ends what {@link #join} and {@link #arrive} began. On the subscription's loop. */
    void leave(Subscription subscription) {
        synchronized (this) {
            LoopGroup group = groupOf(subscription.subscriber().loop());
            group.remove(subscription);
            if (group.isEmpty()) {
                List<LoopGroup> others = new ArrayList<>(Arrays.asList(groups));
                others.remove(group);
                groups = others.toArray(NO_GROUPS);
            }
            if (subscription.present) {
                subscription.present = false;
                if (--present == 0) {
                    hooks.add(false);
                }
            }
        }
        runHooks();
    }

    /** Tells the application, one call at a time and in the order in which it happened, whichever loops it happened on. */
    private void runHooks() {
        synchronized (this) {
            if (hooking) {
                return;
            }
            hooking = true;
        }
        while (true) {
            Boolean occupied;
            synchronized (this) {
                occupied = hooks.poll();
                if (occupied == null) {
                    hooking = false;
                    settle();
                    return;
                }
            }
            try {
                if (occupied) {
                    handler.get().onOccupied(name);
                } else {
                    handler.get().onVacated(name);
                }
            } catch (Throwable e) {
                if (e instanceof VirtualMachineError) {
                    synchronized (this) {
                        hooking = false;
                    }
                }
                Faults.contain(e);
                Log.warn("The handler of channel " + name + " failed", e);
            }
        }
    }

    synchronized List<Subscriber> subscribers() {
        List<Subscriber> copy = new ArrayList<>(present);
        for (LoopGroup group : groups) {
            group.copyTo(copy);
        }
        return copy;
    }
}
