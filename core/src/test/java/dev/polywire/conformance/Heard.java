package dev.polywire.conformance;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import dev.polywire.spi.PresenceStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import org.jspecify.annotations.Nullable;

/** What a node has heard, by channel, and whether the calls for one channel overlapped, which they must not. */
final class Heard implements Broker.Listener, PresenceStore.Listener {

    /** One arrival: a message, a gap, or a change of presence. */
    record Arrival(ServerFrame frame, @Nullable String except) {}

    private final Map<String, List<Arrival>> arrivals = new ConcurrentHashMap<>();
    private final Set<String> inside = ConcurrentHashMap.newKeySet();
    private final Set<String> overlapped = new CopyOnWriteArraySet<>();

    @Override
    public void message(String channel, ServerFrame.Message message, @Nullable String except) {
        add(channel, message, except);
    }

    @Override
    public void gap(String channel, ServerFrame.GapReason reason, @Nullable Position position) {
        add(channel, new ServerFrame.Gap(channel, reason, position, 0), null);
    }

    @Override
    public void changed(String channel, ServerFrame change, @Nullable String except) {
        add(channel, change, except);
    }

    private void add(String channel, ServerFrame frame, @Nullable String except) {
        if (!inside.add(channel)) {
            overlapped.add(channel);
        }
        arrivals.computeIfAbsent(channel, name -> new CopyOnWriteArrayList<>()).add(new Arrival(frame, except));
        inside.remove(channel);
    }

    /** Returns everything of a channel so far. */
    List<Arrival> all(String channel) {
        if (overlapped.contains(channel)) {
            throw new AssertionError("The listener was called twice at a time for " + channel);
        }
        return arrivals.getOrDefault(channel, List.of());
    }

    /** Waits until a channel has brought so many frames of a kind, and returns them. */
    <T extends ServerFrame> List<T> await(String channel, Class<T> kind, int count) {
        return Await.value(count + " of " + kind.getSimpleName() + " in " + channel, Await.deadline(), () -> {
            List<T> found = of(channel, kind);
            return found.size() >= count ? found : null;
        });
    }

    /** Returns the frames of a kind so far. */
    <T extends ServerFrame> List<T> of(String channel, Class<T> kind) {
        List<T> found = new ArrayList<>();
        for (Arrival arrival : all(channel)) {
            if (kind.isInstance(arrival.frame())) {
                found.add(kind.cast(arrival.frame()));
            }
        }
        return found;
    }
}
