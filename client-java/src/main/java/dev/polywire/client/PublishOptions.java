package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How one message is published. Each has its default; not for several threads at a time. */
public final class PublishOptions {
    private @Nullable String id;
    private boolean ack = true;
    private boolean echo = true;
    private @Nullable String key;
    private boolean confirm;
    private @Nullable String traceId;
    private Duration timeout = Duration.ZERO;

    /** Creates the defaults: with an answer, waited for without end, and heard by the publisher, too. */
    public PublishOptions() {}

    private static String text(String name, String value, int most) {
        if (value.isEmpty() || value.length() > most) {
            throw new IllegalArgumentException(name + " must have 1 to " + most + " characters.");
        }
        return value;
    }

    /** Sets an id of the application's own, 1 to 64 characters: what has the same one within five minutes is published once. The client makes one when not said. */
    public PublishOptions id(String value) {
        id = text("id", Objects.requireNonNull(value, "id"), 64);
        return this;
    }

    /** Sets whether the server's answer is waited for. If not, and without an id, the message is not sent again after a lost session. */
    public PublishOptions ack(boolean value) {
        ack = value;
        return this;
    }

    /** Sets whether the message is sent to ourselves as well, where we are subscribed. */
    public PublishOptions echo(boolean value) {
        echo = value;
        return this;
    }

    /** Sets a key, 1 to 128 characters, of which only the newest message matters. */
    public PublishOptions key(String value) {
        key = text("key", Objects.requireNonNull(value, "key"), 128);
        return this;
    }

    /** Sets whether subscribers are to confirm the message. */
    public PublishOptions confirm(boolean value) {
        confirm = value;
        return this;
    }

    /** Sets a trace that it belongs to, 1 to 128 characters. */
    public PublishOptions traceId(String value) {
        traceId = text("traceId", Objects.requireNonNull(value, "traceId"), 128);
        return this;
    }

    /** Sets how long the answer is waited for, at least 1 ms; not said, or zero, without end, which is across wires and sessions. */
    public PublishOptions timeout(Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("timeout must not be negative.");
        }
        timeout = value;
        return this;
    }

    long millis() {
        return timeout.toMillis();
    }

    boolean asks() {
        return ack || id != null;
    }

    JsonObject fill(JsonObject frame) {
        if (id != null) {
            frame.put("id", id);
        }
        if (!echo) {
            frame.put("echo", false);
        }
        if (key != null) {
            frame.put("key", key);
        }
        if (confirm) {
            frame.put("confirm", true);
        }
        return traceId == null ? frame : frame.put("traceId", traceId);
    }
}
