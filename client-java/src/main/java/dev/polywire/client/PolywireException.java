package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A failure that the server told or the client found. Its {@link #code()} is stable: one of section 10 of the protocol, or the client's
 * own {@code outcome_unknown}, {@code queue_full}, {@code timeout}, {@code too_large}, {@code closed}, {@code max_attempts},
 * {@code superseded}, {@code no_transport}, {@code duplicate_id} or {@code unsubscribed}. Has no stack trace: where it was made says nothing.
 */
public final class PolywireException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String code;
    private final @Nullable String detail;
    private final long retryAfter;
    private final @Nullable String channel;

    /**
     * Creates a failure, such as one that a {@link PolywireClient#onRequest request handler} tells the server.
     *
     * @param code a code of the protocol, or the application's own
     * @param message for people, or null
     */
    public PolywireException(String code, @Nullable String message) {
        this(code, message, 0, null);
    }

    PolywireException(String code) {
        this(code, null, 0, null);
    }

    PolywireException(String code, @Nullable String message, long retryAfter, @Nullable String channel) {
        super(message == null || message.isEmpty() ? code : code + ": " + message, null, false, false);
        this.code = code;
        detail = message;
        this.retryAfter = retryAfter;
        this.channel = channel;
    }

    /** Makes one of an {@code error} frame. */
    static PolywireException of(JsonObject frame) {
        String code = Frames.text(frame, "code");
        return new PolywireException(
                code == null ? "internal" : code,
                Frames.text(frame, "message"),
                Frames.number(frame, "retryAfter", 0),
                Frames.text(frame, "channel"));
    }

    /** Returns what went wrong, stable across versions. */
    public String code() {
        return code;
    }

    /** Returns what was said for people, without the code. */
    @Nullable
    String detail() {
        return detail;
    }

    /** Returns how long to wait before trying again; zero when the server did not say. */
    public Duration retryAfter() {
        return Duration.ofMillis(retryAfter);
    }

    /** Returns the channel that it is about, or null. */
    public @Nullable String channel() {
        return channel;
    }
}
