package dev.polywire;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Payload;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** One client's session, whatever wire carries it at the moment. Safe to call from any thread. */
public interface Session {

    /**
     * Returns the public id, which may appear in presence and logs; it opens nothing.
     *
     * @return 22 characters
     */
    String id();

    /**
     * Returns whose session it is.
     *
     * @return {@link Principal#ANONYMOUS} for nobody in particular
     */
    Principal principal();

    /**
     * Returns the name of the transport in use, or of the last one while there is no connection.
     *
     * @return for example {@code websocket}
     */
    String transport();

    /**
     * Tells whether a connection is attached now. A session on long polling counts as connected between two polls.
     *
     * @return false while only the grace keeps it
     */
    boolean connected();

    /**
     * Returns when the session was opened.
     *
     * @return wall-clock time
     */
    Instant connectedAt();

    /**
     * Returns when something last came from the client.
     *
     * @return wall-clock time
     */
    Instant lastActivity();

    /**
     * Returns a map for the application's own use, which lives as long as the session.
     *
     * @return concurrent
     */
    Map<String, Object> attributes();

    /**
     * Returns the channels it is subscribed to.
     *
     * @return a copy
     */
    Set<String> channels();

    /**
     * Sends a message to this session alone. It is queued, and survives changes of wire like any other frame.
     *
     * @param event the application's event name
     * @param payload what {@link Payload#of} takes
     * @return completes when queued; fails when the session has ended, or the payload is over {@link SessionOptions#window}
     */
    Future<Void> send(String event, Object payload);

    /**
     * Asks the client and awaits its reply.
     *
     * @param event what is asked
     * @param payload what {@link Payload#of} takes
     * @param timeout how long to wait
     * @return the reply; fails with a {@link dev.polywire.protocol.ProtocolException} {@code timeout} or what the client refused with
     */
    Future<Payload> request(String event, Object payload, Duration timeout);

    /**
     * Ends the session, on whatever wire, and tells the client why.
     *
     * @param reason why
     * @return completes when it has ended
     */
    Future<Void> close(CloseReason reason);
}
