package dev.polywire.client;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a client, by name. One is held while it is subscribed, somebody listens to it, or it has tokens of its own. Any other
 * is known for as long as the application knows it, or whoever publishes to ever new names would have them all kept. For any thread.
 */
final class Roster {
    /** A channel that may be gone. */
    private static final class Known extends WeakReference<LiveChannel> {
        private final String name;

        private Known(LiveChannel channel, ReferenceQueue<LiveChannel> gone) {
            super(channel, gone);
            name = channel.name();
        }
    }

    private final Map<String, Known> known = new HashMap<>();
    private final ReferenceQueue<LiveChannel> gone = new ReferenceQueue<>();
    private final Map<String, LiveChannel> held = new ConcurrentHashMap<>();
    private final Function<String, LiveChannel> maker;

    Roster(Function<String, LiveChannel> maker) {
        this.maker = maker;
    }

    /** Returns a channel, always the same while somebody has it. */
    synchronized LiveChannel get(String name) {
        forget();
        Known one = known.get(name);
        LiveChannel there = one == null ? null : one.get();
        if (there != null) {
            return there;
        }
        LiveChannel made = maker.apply(name);
        known.put(name, new Known(made, gone));
        return made;
    }

    private void forget() {
        for (Reference<? extends LiveChannel> one = gone.poll(); one != null; one = gone.poll()) {
            // Another one may have its name by now.
            known.remove(((Known) one).name, one);
        }
    }

    /** Returns how many are known. */
    synchronized int size() {
        forget();
        return known.size();
    }

    /** Keeps a channel, until it was let go as often as it was held. */
    synchronized void hold(LiveChannel channel) {
        if (channel.holds++ == 0) {
            held.put(channel.name(), channel);
        }
    }

    /** Lets a channel go. */
    synchronized void release(LiveChannel channel) {
        if (--channel.holds == 0) {
            held.remove(channel.name(), channel);
        }
    }

    /** Returns a channel that is held, or null: frames mean nothing to any other. */
    @Nullable
    LiveChannel find(String name) {
        return held.get(name);
    }

    /** Returns those that are held. */
    Collection<LiveChannel> all() {
        return held.values();
    }
}
