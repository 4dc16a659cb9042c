package dev.polywire;

import dev.polywire.protocol.CloseReason;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The sessions of this node. Safe to call from any thread. */
public interface Sessions {

    /**
     * Finds a session by its public id.
     *
     * @param id the id
     * @return null when there is none
     */
    @Nullable
    Session get(String id);

    /**
     * Finds the sessions of a user.
     *
     * @param user the user's id
     * @return a copy, perhaps empty
     */
    Collection<Session> ofUser(String user);

    /**
     * Finds the sessions that are subscribed to a channel.
     *
     * @param channel the channel
     * @return a copy, perhaps empty
     */
    Collection<Session> inChannel(String channel);

    /**
     * Returns all sessions.
     *
     * @return a copy
     */
    Collection<Session> all();

    /**
     * Sends a message to each session that matches; encoded once.
     *
     * @param filter which sessions
     * @param event the application's event name
     * @param payload what {@link dev.polywire.protocol.Payload#of} takes
     * @return how many it was queued for
     * @throws dev.polywire.protocol.ProtocolException {@code too_large} when the payload is over {@link SessionOptions#window}
     */
    int send(Predicate<Session> filter, String event, Object payload);

    /**
     * Ends all sessions of a user.
     *
     * @param user the user's id
     * @param reason what the clients are told
     * @return completes when they have ended, with how many there were
     */
    Future<Integer> disconnect(String user, CloseReason reason);
}
