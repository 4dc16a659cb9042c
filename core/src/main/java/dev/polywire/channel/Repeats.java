package dev.polywire.channel;

import dev.polywire.spi.Broker;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The publishes that are remembered, so that a repeat is dropped (R30); the oldest give way to newer ones. Safe for all threads. */
final class Repeats {
    private final long window;
    private final int max;
    private final Map<Key, Seen> seen = new LinkedHashMap<>();

    private record Key(String channel, String dedupe) {}

    private record Seen(Broker.Receipt first, long at) {}

    Repeats(Duration window, int max) {
        this.window = window.toMillis();
        this.max = max;
    }

    /**
     * Returns what became of an earlier publish. Between this and {@link #remember} the caller holds its channel's lock, which
     * makes the two one step for everybody who could ask for the same key.
     */
    synchronized Broker.@Nullable Receipt find(String channel, String dedupe, long now) {
        for (Iterator<Seen> oldest = seen.values().iterator(); oldest.hasNext() && now - oldest.next().at >= window; ) {
            oldest.remove();
        }
        Seen found = seen.get(new Key(channel, dedupe));
        return found == null ? null : found.first;
    }

    synchronized void remember(String channel, String dedupe, Broker.Receipt first, long now) {
        seen.put(new Key(channel, dedupe), new Seen(first, now));
        if (seen.size() > max) {
            Iterator<Key> oldest = seen.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    synchronized int size() {
        return seen.size();
    }
}
