package dev.polywire.protocol;

import java.util.Locale;

/** The stable codes of {@code error} frames and of HTTP error replies (section 10 of the protocol). */
public enum ErrorCode {
    /** Not JSON, not an object, wrong members, too deep, or invalid UTF-8. */
    BAD_FRAME(400),
    /** No such type of frame. */
    UNKNOWN_TYPE(400),
    /** No protocol version in common. */
    UNSUPPORTED_VERSION(400),
    /** A cursor that cannot be read. */
    BAD_CURSOR(400),
    /** Credentials are missing, refused or expired. */
    UNAUTHENTICATED(401),
    /** The token cannot be read. */
    INVALID_TOKEN(401),
    /** Not allowed. */
    FORBIDDEN(403),
    /** No such session, as far as this client may know. */
    UNKNOWN(404),
    /** The session's grace ended. */
    EXPIRED(404),
    /** The session ended because its outbox was full. */
    SLOW_CONSUMER(404),
    /** The session ended because counts could not be reconciled. */
    LOST(404),
    /** The session ended because it is no longer allowed. */
    DENIED(404),
    /** The application or an operator ended the session. */
    DISCONNECTED(404),
    /** No such endpoint or address. */
    NOT_FOUND(404),
    /** The endpoint knows other methods. */
    METHOD_NOT_ALLOWED(405),
    /** This transport is not offered to this client; another one is. */
    NOT_OFFERED(406),
    /** A body that did not come in time. */
    REQUEST_TIMEOUT(408),
    /** An attach number that is not greater than the last. */
    STALE(409),
    /** A newer attach took over. */
    REPLACED(409),
    /** A POST that starts beyond the next number. */
    OUT_OF_ORDER(409),
    /** The two ends count differently. */
    OUT_OF_STEP(409),
    /** A frame or body over its limit. */
    TOO_LARGE(413),
    /** A body that is not JSON by its content type. */
    UNSUPPORTED_MEDIA_TYPE(415),
    /** Over a rate limit; {@code retryAfter} says when to go on. */
    RATE_LIMITED(429),
    /** Too many channels in one session. */
    CHANNEL_LIMIT(400),
    /** Not a channel name. */
    BAD_CHANNEL(400),
    /** The session is not in that channel. */
    NOT_SUBSCRIBED(400),
    /** The channel keeps no history. */
    NO_HISTORY(400),
    /** The channel has no presence. */
    NO_PRESENCE(400),
    /** Cannot be done now. */
    UNAVAILABLE(503),
    /** No answer in time. */
    TIMEOUT(504),
    /** The server failed. */
    INTERNAL(500);

    private final int status;
    private final String wire;

    ErrorCode(int status) {
        this.status = status;
        this.wire = name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the HTTP status of a reply with this code.
     *
     * @return 400 to 504
     */
    public int status() {
        return status;
    }

    /**
     * Returns the code on the wire.
     *
     * @return snake case
     */
    public String wire() {
        return wire;
    }
}
