package dev.polywire.spi;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An attach, a POST or a read that is refused: how to say so on each wire. It has no stack trace, because it is an answer. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final CloseReason reason;
    private final long retryAfter;
    private final long received;
    private final transient @Nullable List<Integer> versions;

    /**
     * Creates a refusal.
     *
     * @param code the stable code
     * @param reason how a connection that asked is closed
     * @param message a sentence for people, without internals
     */
    public Refusal(ErrorCode code, CloseReason reason, String message) {
        this(code, reason, message, 0, -1, null);
    }

    /**
     * Creates a refusal with everything that it may carry.
     *
     * @param code the stable code
     * @param reason how a connection that asked is closed
     * @param message a sentence for people, without internals
     * @param retryAfter milliseconds, or 0
     * @param received the client's frames that were accepted so far, or -1 when it does not matter
     * @param versions the protocol versions that are spoken, or null when it does not matter
     */
    public Refusal(
            ErrorCode code,
            CloseReason reason,
            String message,
            long retryAfter,
            long received,
            @Nullable List<Integer> versions) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
        this.retryAfter = retryAfter;
        this.received = received;
        this.versions = versions;
    }

    /**
     * Returns the stable code.
     *
     * @return never null
     */
    public ErrorCode code() {
        return code;
    }

    /**
     * Returns how a connection that asked is closed.
     *
     * @return never null
     */
    public CloseReason reason() {
        return reason;
    }

    /**
     * Returns the status of an HTTP reply.
     *
     * @return 400 to 504
     */
    public int status() {
        return code.status();
    }

    /**
     * Returns when trying again makes sense.
     *
     * @return milliseconds, or 0
     */
    public long retryAfter() {
        return retryAfter;
    }

    /**
     * Returns the body of an HTTP reply: {@code code}, {@code message} and what else there is to say.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        JsonObject json = new JsonObject().put("code", code.wire()).put("message", getMessage());
        if (retryAfter > 0) {
            json.put("retryAfter", retryAfter);
        }
        if (received >= 0) {
            json.put("received", received);
        }
        if (versions != null) {
            json.put("versions", new JsonArray(versions));
        }
        return json;
    }

    /**
     * Returns the same as an {@code error} frame.
     *
     * @return a new object
     */
    public JsonObject toFrame() {
        return new JsonObject().put("type", "error").mergeIn(toJson());
    }

    /**
     * Returns the {@code bye} frame that follows the error on a wire that has frames.
     *
     * @return a new object
     */
    public JsonObject toBye() {
        JsonObject bye = new JsonObject()
                .put("type", "bye")
                .put("code", reason.code())
                .put("reason", reason.wire())
                .put("reconnect", reason.reconnect().wire());
        if (retryAfter > 0) {
            bye.put("retryAfter", retryAfter);
        }
        return bye.put("sent", 0);
    }
}
