package dev.polywire.protocol;

import org.jspecify.annotations.Nullable;

/** A refusal with a stable code, meant for the client; it has no stack trace because it is an answer, not a fault. */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The stable code. */
    private final ErrorCode code;

    /** The id of the frame that is refused, when it had a readable one. */
    private final @Nullable String id;

    /** Milliseconds until trying again makes sense, or 0. */
    private final long retryAfter;

    /**
     * Creates a refusal.
     *
     * @param code the stable code
     * @param message a sentence for people, without internals
     */
    public ProtocolException(ErrorCode code, String message) {
        this(code, message, null, 0);
    }

    /**
     * Creates a refusal of an identified frame.
     *
     * @param code the stable code
     * @param message a sentence for people, without internals
     * @param id the frame's id, or null
     * @param retryAfter milliseconds, or 0 when waiting does not help
     */
    public ProtocolException(ErrorCode code, String message, @Nullable String id, long retryAfter) {
        super(message, null, false, false);
        this.code = code;
        this.id = id;
        this.retryAfter = retryAfter;
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
     * Returns the sentence for people.
     *
     * @return never null
     */
    public String text() {
        String text = getMessage();
        return text == null ? code.wire() : text;
    }

    /**
     * Returns the id of the refused frame.
     *
     * @return null when it had none that could be read
     */
    public @Nullable String id() {
        return id;
    }

    /**
     * Returns when trying again makes sense.
     *
     * @return milliseconds, or 0
     */
    public long retryAfter() {
        return retryAfter;
    }
}
