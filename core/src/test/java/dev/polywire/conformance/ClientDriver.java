package dev.polywire.conformance;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the author of a transport supplies so that the kit's {@link ReferenceClient} can speak over it: bytes out, text in.
 *
 * <p>A driver knows nothing of the protocol's counts. It is called on one Vert.x context, and calls back there.
 */
public interface ClientDriver {

    /**
     * Returns the transport's name, as {@code welcome.transports} has it.
     *
     * @return lower-case letters
     */
    String name();

    /**
     * Tells how frames go up.
     *
     * @return true when by {@link Link#send} on the same connection, numbered by its {@code welcome}; false when by {@link #post}
     */
    boolean duplex();

    /**
     * Tells whether a connection goes on after its first batch.
     *
     * @return false for a wire like long polling, on which every batch is an attach of its own
     */
    default boolean streams() {
        return true;
    }

    /**
     * Opens one connection. For long polling that is one poll.
     *
     * @param opening what to say first
     * @param listener hears what comes; {@link Listener#closed} exactly once, at the end
     * @return the connection, perhaps not yet connected
     */
    Link open(Opening opening, Listener listener);

    /**
     * Sends a body to {@code POST /send}. Called only when {@link #duplex} is false.
     *
     * @param session the session's id, or null to leave it out
     * @param secret the resume secret, or null to leave it out
     * @param first the number of the first counted frame, or 0 to leave it out
     * @param body the body
     * @return the answer, whatever its status; fails when there is none
     */
    Future<Answer> post(@Nullable String session, @Nullable String secret, long first, Buffer body);

    /**
     * Lets go of everything.
     *
     * @return completes when done
     */
    Future<Void> close();

    /**
     * What to say first on a connection.
     *
     * @param hello the {@code hello} without its {@code resume}, or other bytes; null to stay silent where the wire allows it
     * @param resume what to state when a session is resumed, or null
     * @param patience how long a poll may wait in milliseconds, or -1 to leave that to the server
     * @param extra what else the request has
     */
    record Opening(@Nullable Buffer hello, ClientMachine.@Nullable Attempt resume, long patience, Extra extra) {
        /**
         * Makes an opening of which the request has nothing else.
         *
         * @param hello likewise
         * @param resume likewise
         * @param patience likewise
         */
        public Opening(@Nullable Buffer hello, ClientMachine.@Nullable Attempt resume, long patience) {
            this(hello, resume, patience, Extra.NONE);
        }
    }

    /**
     * What the request that opens a connection has besides: headers and a query, such as a browser's page adds. A driver that adds
     * headers by itself, such as an {@code Origin}, leaves them out when there is something in this.
     *
     * @param headers by name; {@code Sec-WebSocket-Protocol} is offered besides the protocol's own
     * @param query without a question mark, or empty
     */
    record Extra(Map<String, String> headers, String query) {
        /** Nothing. */
        public static final Extra NONE = new Extra(Map.of(), "");
    }

    /**
     * An answer over HTTP.
     *
     * @param status the status
     * @param body the body as text
     */
    record Answer(int status, String body) {}

    /**
     * How a connection ended.
     *
     * @param code the WebSocket close code, or the HTTP status, or 0 when it broke
     * @param body the close reason, or the body of a refusal
     * @param complete whether it said all that it had to say, as an answered poll has
     */
    record End(int code, String body, boolean complete) {}

    /** One connection. */
    interface Link {
        /**
         * Sends one frame, or bytes that are none. Only on a duplex wire.
         *
         * @param frame the bytes
         */
        void send(Buffer frame);

        /** Resets the connection, whatever is on its way. */
        void cut();

        /** Closes the connection in good order, as far as the wire has one. */
        void close();
    }

    /** Hears what comes on a connection. */
    interface Listener {
        /**
         * A frame has come.
         *
         * @param text the frame
         */
        void frame(String text);

        /**
         * The connection is gone.
         *
         * @param end how
         */
        void closed(End end);
    }
}
