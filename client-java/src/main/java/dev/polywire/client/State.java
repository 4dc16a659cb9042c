package dev.polywire.client;

/** What a client is doing. */
public enum State {
    /** It was made, and nobody has asked it to connect. */
    IDLE,
    /** No session was open yet; it is being opened, again and again if need be. */
    CONNECTING,
    /** A session is open, and a wire carries it. */
    CONNECTED,
    /** The session has no wire; another one is being opened. */
    RECONNECTING,
    /** The server does not want this client, or {@code maxAttempts} is used up: it does not come back by itself. */
    FAILED,
    /** The session was ended, here or by the server's application. */
    CLOSED;

    /** Whether nothing follows any more. */
    boolean over() {
        return this == FAILED || this == CLOSED;
    }
}
