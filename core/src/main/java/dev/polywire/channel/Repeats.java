package dev.polywire.channel;

import dev.polywire.spi.Broker;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The publishes that are remembered, so that a repeat is dropped (R30); the oldest give way to newer ones. Safe for all threads.
 *
 * <p>They lie in parts, each with its own lock and its share of the room, so that those who publish at the same time seldom meet.
 * Keys spread evenly over the parts, so all parts fill up at about the same time.
 */
final class Repeats {
    private static final int PARTS = 64;

    /** What a part holds at least: with less, it would matter much that some parts fill up sooner than others. */
    private static final int LEAST = 1024;

    private final long window;
    private final int most;
    private final Part[] parts;

    private record Key(String channel, String dedupe) {}

    private record Seen(Broker.Receipt first, long at) {}

    /** Guarded by itself. */
    private static final class Part {
        final Map<Key, Seen> seen = new LinkedHashMap<>();
    }

    Repeats(Duration window, int max) {
        this.window = window.toMillis();
        int count = Math.min(PARTS, Integer.highestOneBit(Math.max(1, max / LEAST)));
        this.most = max / count;
        this.parts = new Part[count];
        for (int i = 0; i < count; i++) {
            parts[i] = new Part();
        }
    }

    private Part partOf(Key key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return parts[(hash >>> 16) & (parts.length - 1)];
    }

    /**
     * Returns what became of an earlier publish. Between this and {@link #remember} the caller holds its channel's lock, which
     * makes the two one step for everybody who could ask for the same key.
     */
    Broker.@Nullable Receipt find(String channel, String dedupe, long now) {
        Key key = new Key(channel, dedupe);
        Part part = partOf(key);
        synchronized (part) {
            Iterator<Seen> oldest = part.seen.values().iterator();
            while (oldest.hasNext() && now - oldest.next().at >= window) {
                oldest.remove();
            }
            Seen found = part.seen.get(key);
            return found == null ? null : found.first;
        }
    }

    void remember(String channel, String dedupe, Broker.Receipt first, long now) {
        Key key = new Key(channel, dedupe);
        Part part = partOf(key);
        synchronized (part) {
            part.seen.put(key, new Seen(first, now));
            if (part.seen.size() > most) {
                Iterator<Key> oldest = part.seen.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
        }
    }

    int size() {
        int sum = 0;
        for (Part part : parts) {
            synchronized (part) {
                sum += part.seen.size();
            }
        }
        return sum;
    }
}
