package dev.polywire.independent;

import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;

/** One connection of a session: it carries frames, and knows how the client's place is told on its kind of wire. */
abstract class Wire {
    /** Completes with the {@code welcome}, or fails with {@link Refused}. */
    final CompletableFuture<JsonObject> welcome = new CompletableFuture<>();

    /** The number of the next counted frame that comes down this connection (R21). */
    long next;

    /** The server has said bye on it, so its end is no surprise. */
    boolean bye;

    /** Says hello; with {@code place} it resumes the session there. */
    abstract void open(JsonObject hello, JsonObject place);

    /** Sends a frame that the session has taken into its queue. */
    abstract void counted(String frame);

    /** Sends a frame that has no number; counts in it are filled in when it is written. */
    abstract void uncounted(JsonObject frame);

    /** Goes on polling, if this is a wire that polls, after another wire has failed to take over. */
    void again() {}

    /** Ends it without a word, as a broken network would. */
    abstract void cut();

    /** A server that does not want this client; {@code status} is a close code or an HTTP status. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final String code;
        final int status;

        Refused(String code, int status) {
            super(code + " " + status);
            this.code = code;
            this.status = status;
        }
    }
}
