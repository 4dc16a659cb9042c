package dev.polywire.client;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;

/** Takes our channels, and our states there, to a new session (R17). */
final class Restoring {
    private static final int CHUNK = 100;

    private final Machine machine;
    private final Calls calls;
    private final BiConsumer<JsonObject, String> lost;

    /**
     * @param lost told of a state that the new session does not take
     */
    Restoring(Machine machine, Calls calls, BiConsumer<JsonObject, String> lost) {
        this.machine = machine;
        this.calls = calls;
        this.lost = lost;
    }

    void restore(Collection<LiveChannel> channels) {
        List<LiveChannel> wanted =
                channels.stream().filter(one -> one.subscription().wanted()).toList();
        List<LiveChannel> plain =
                wanted.stream().filter(one -> !one.subscription().shows()).toList();
        for (int at = 0; at < plain.size(); at += CHUNK) {
            subscribe(plain.subList(at, Math.min(plain.size(), at + CHUNK)));
        }
        wanted.stream()
                .filter(one -> one.subscription().shows())
                .forEach(one -> one.subscription().begin(true));
        for (LiveChannel channel : plain) {
            JsonObject own = channel.subscription().own();
            if (own != null && !queued(own)) {
                lost.accept(own, "too_large");
            }
        }
    }

    /** In as few frames as may be. */
    private void subscribe(List<LiveChannel> channels) {
        String id = calls.id();
        JsonArray names = new JsonArray();
        JsonObject positions = new JsonObject();
        for (LiveChannel channel : channels) {
            names.add(channel.name());
            JsonObject position = channel.subscription().request(id, true).getJsonObject("positions");
            if (position != null) {
                positions.mergeIn(position);
            }
        }
        JsonObject frame =
                new JsonObject().put("type", "subscribe").put("id", id).put("channels", names);
        if (!positions.isEmpty()) {
            frame.put("positions", positions);
        }
        if (queued(frame)) {
            return;
        }
        if (channels.size() == 1) {
            channels.get(0)
                    .subscription()
                    .frame(new JsonObject().put("type", "error").put("id", id).put("code", "too_large"));
            return;
        }
        int half = channels.size() / 2;
        subscribe(channels.subList(0, half));
        subscribe(channels.subList(half, channels.size()));
    }

    /** Queues a frame for a new session, whose limit may be lower than the last one's. */
    private boolean queued(JsonObject frame) {
        try {
            machine.push(frame);
            return true;
        } catch (PolywireException tooLarge) {
            return false;
        }
    }
}
