package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** A message of a channel, or one to this session alone. Immutable, but for a payload that handlers share: do not change it. */
public final class Message {
    private final JsonObject frame;
    private final @Nullable Position position;
    private final Runnable confirm;

    Message(JsonObject frame, @Nullable Position position, Runnable confirm) {
        this.frame = frame;
        this.position = position;
        this.confirm = confirm;
    }

    /** Returns the channel's name, or null when it is addressed to this session alone. */
    public @Nullable String channel() {
        return Frames.text(frame, "channel");
    }

    /** Returns the application's name for what has happened, or null. */
    public @Nullable String event() {
        return Frames.text(frame, "event");
    }

    /** Returns the data: a JsonObject, JsonArray, String, Number, Boolean or null. */
    public @Nullable Object payload() {
        return frame.getValue("payload");
    }

    /** Returns when the server took it in, milliseconds since 1970 by its clock. */
    public long timestamp() {
        return Frames.number(frame, "timestamp", 0);
    }

    /** Returns its place in the channel's history, good for a later subscribe; null when it is not stored. */
    public @Nullable Position position() {
        return position;
    }

    /** Returns the id of the user who published it, or null when the server does not know it. */
    public @Nullable String user() {
        return Frames.text(frame, "user");
    }

    /** Returns the key of which only the newest message matters, or null. */
    public @Nullable String key() {
        return Frames.text(frame, "key");
    }

    /** Returns when it was published, milliseconds since 1970 by the publisher's own clock; 0 when it did not say. */
    public long sentAt() {
        return Frames.number(frame, "sentAt", 0);
    }

    /** Returns the trace that it belongs to, or null. */
    public @Nullable String traceId() {
        return Frames.text(frame, "traceId");
    }

    /** Returns how often it was delivered: 1, or more when it had to be confirmed and was not. */
    public int attempt() {
        return (int) Frames.number(frame, "attempt", 1);
    }

    /** Returns whether the publisher wants it to be confirmed. */
    public boolean needsConfirm() {
        return frame.containsKey("confirm");
    }

    /** Tells the server that the message was dealt with, so that it does not deliver it again; nothing when it did not ask. From any thread. */
    public void confirm() {
        confirm.run();
    }

    /** Leaves out the payload. */
    @Override
    public String toString() {
        return "Message[channel=" + channel() + ", event=" + event() + ", position=" + position + "]";
    }
}
