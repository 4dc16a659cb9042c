package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The confirmations of a client (R37): messages as the application gets them, and which of them it has confirmed. */
final class Confirmations {
    /** So many ids are known of messages that were confirmed; the server stops to deliver again long before. */
    private static final int KNOWN = 500;

    private final Place place;
    private final Supplier<@Nullable String> session;
    private final Consumer<JsonObject> send;
    /** Ids that were confirmed, and in which session. */
    private final Map<String, String> confirmed = new LinkedHashMap<>();

    /**
     * @param send throws when the frame cannot be queued
     */
    Confirmations(Place place, Supplier<@Nullable String> session, Consumer<JsonObject> send) {
        this.place = place;
        this.session = session;
        this.send = send;
    }

    /** Makes a message of a frame; null when it was confirmed before. */
    @Nullable
    Message message(JsonObject frame, @Nullable Position position) {
        String id = Frames.text(frame, "confirm");
        if (id == null) {
            return new Message(frame, position, () -> {});
        }
        String came = session.get();
        if (confirmed.containsKey(id)) {
            confirm(id, came);
            return null;
        }
        return new Message(frame, position, () -> place.run(() -> confirm(id, came)));
    }

    private void confirm(String id, @Nullable String came) {
        // A session that is gone delivers again in the next one; that ack is to be sent there.
        if (came == null || !came.equals(session.get()) || Objects.equals(confirmed.get(id), came)) {
            return;
        }
        try {
            send.accept(new JsonObject().put("type", "ack").put("id", id));
        } catch (PolywireException full) {
            // The server delivers again, which is then confirmed.
            return;
        }
        confirmed.put(id, came);
        Iterator<String> oldest = confirmed.keySet().iterator();
        while (confirmed.size() > KNOWN) {
            oldest.next();
            oldest.remove();
        }
    }
}
