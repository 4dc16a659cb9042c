package dev.polywire.examples.notifications;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * One entry of one person's inbox.
 *
 * @param id unique
 * @param message what it says
 * @param from who sent it
 * @param at milliseconds since 1970
 * @param expires milliseconds since 1970, or 0 for never
 * @param quiet whether it came in quiet hours, and is not to disturb
 * @param acknowledged whether a device of the person has shown it
 * @param read whether the person has read it
 */
record Notification(
        String id,
        Message message,
        String from,
        long at,
        long expires,
        boolean quiet,
        boolean acknowledged,
        boolean read) {

    Notification read(boolean value) {
        return new Notification(id, message, from, at, expires, quiet, acknowledged || value, value);
    }

    Notification acknowledge() {
        return new Notification(id, message, from, at, expires, quiet, true, read);
    }

    boolean expired(long now) {
        return expires > 0 && expires <= now;
    }

    @Nullable
    String key() {
        return message.key();
    }

    JsonObject toJson() {
        return message.toJson()
                .put("id", id)
                .put("from", from)
                .put("at", at)
                .put("expires", expires)
                .put("quiet", quiet)
                .put("acknowledged", acknowledged)
                .put("read", read);
    }

    static Notification fromJson(JsonObject json) {
        return new Notification(
                json.getString("id"),
                Message.fromJson(json),
                json.getString("from"),
                json.getLong("at"),
                json.getLong("expires", 0L),
                json.getBoolean("quiet", false),
                json.getBoolean("acknowledged", false),
                json.getBoolean("read", false));
    }
}
