package dev.polywire.protocol;

import java.util.Locale;

/** Why a connection or a session ends, and what the client should do about it (section 7 of the protocol). */
public enum CloseReason {
    /** The client said {@code bye}, or the application closed the session. */
    NORMAL(1000, Reconnect.NONE, 200),
    /** A binary message arrived. */
    UNSUPPORTED_DATA(1003, Reconnect.NONE, 415),
    /** Sustained abuse of a limit, or an origin that is not allowed. */
    POLICY(1008, Reconnect.NONE, 403),
    /** A frame was over the limit; the client replaces it by a {@code noop}. */
    TOO_LARGE(1009, Reconnect.RESUME, 413),
    /** The server shuts down. */
    RESTART(1012, Reconnect.NEW, 503),
    /** Over capacity; {@code retryAfter} says when to try again. */
    TRY_LATER(1013, Reconnect.RESUME, 503),
    /** The connection does not speak the protocol. */
    BAD_FRAME(4000, Reconnect.NONE, 400),
    /** No credentials, or refused or expired ones. */
    UNAUTHENTICATED(4001, Reconnect.NONE, 401),
    /** The token cannot be read. */
    INVALID_TOKEN(4002, Reconnect.NONE, 401),
    /** No {@code hello} in time. */
    AUTHENTICATION_TIMEOUT(4003, Reconnect.RESUME, 408),
    /** May not connect, or the session is another user's. */
    FORBIDDEN(4004, Reconnect.NONE, 403),
    /** The session's grace ended. */
    EXPIRED(4005, Reconnect.NEW, 404),
    /** Nothing was heard for two heartbeats. */
    HEARTBEAT_TIMEOUT(4006, Reconnect.RESUME, 408),
    /** No version in common. */
    UNSUPPORTED_VERSION(4007, Reconnect.NONE, 400),
    /** A newer attach took over. */
    REPLACED(4008, Reconnect.NONE, 409),
    /** An attach number that is not greater than the last. */
    STALE(4009, Reconnect.NONE, 409),
    /** The two ends count differently on this wire. */
    OUT_OF_STEP(4010, Reconnect.RESUME, 409),
    /** The outbox is full and its policy is to disconnect. */
    SLOW_CONSUMER(4011, Reconnect.NEW, 404),
    /** The counts cannot be reconciled. */
    LOST(4012, Reconnect.NEW, 404),
    /** The application or an operator ended the session. */
    DISCONNECTED(4013, Reconnect.NONE, 404),
    /** The server cannot take more frames of this session now. */
    INBOX_FULL(4014, Reconnect.RESUME, 503),
    /** This transport is not offered to this client; another one is. */
    NOT_OFFERED(4015, Reconnect.RESUME, 406),
    /** The connection has lasted as long as one may; the session goes on with the next. */
    RENEW(4016, Reconnect.RESUME, 503);

    /** What the client should do after the close. */
    public enum Reconnect {
        /** Not come back by itself. */
        NONE,
        /** Attach again to the same session. */
        RESUME,
        /** Open a new session. */
        NEW;

        /**
         * Returns the name on the wire.
         *
         * @return lower case
         */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final int code;
    private final Reconnect reconnect;
    private final int status;
    private final String wire;

    CloseReason(int code, Reconnect reconnect, int status) {
        this.code = code;
        this.reconnect = reconnect;
        this.status = status;
        this.wire = name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the WebSocket close code (RFC 6455, section 7.4), which {@code bye} carries on every wire.
     *
     * @return 1000 to 1013 or 4000 to 4016
     */
    public int code() {
        return code;
    }

    /**
     * Returns what the client should do.
     *
     * @return never null
     */
    public Reconnect reconnect() {
        return reconnect;
    }

    /**
     * Returns the HTTP status that stands for this reason in a reply.
     *
     * @return a status code
     */
    public int status() {
        return status;
    }

    /**
     * Returns the name on the wire, which is also an error code.
     *
     * @return snake case
     */
    public String wire() {
        return wire;
    }
}
