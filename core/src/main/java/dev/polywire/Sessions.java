package dev.polywire;

import dev.polywire.protocol.CloseReason;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of this node, and what ends sessions on all nodes. Safe to call from any thread.
 *
 * <p>With {@link Realtime#cluster(dev.polywire.spi.Cluster)}, {@link #disconnect}, {@link #revoke} and {@link #restore} ask every node, and fail with
 * {@code unavailable} when one that is alive has not answered in five seconds: the others have done it then, and to ask again does no harm.
 */
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
     * Ends all sessions of a user, on all nodes. One that is parked or on its way between two nodes ends with {@link CloseReason#DISCONNECTED} where its client comes for it; one that is opened afterwards is not
     * meant. The wall clocks of the nodes may differ by up to ten seconds for that.
     *
     * @param user the user's id
     * @param reason what the clients are told
     * @return completes when they have ended, with how many there were on nodes; fails with {@code unavailable} when a node has not answered that it is done, or more than 100,000 users were disconnected
     *     within {@link SessionOptions#grace} and a minute, of which sessions under way may be passed by: to ask again does no harm
     */
    Future<Integer> disconnect(String user, CloseReason reason);

    /**
     * Ends at once what goes on under a user, a token or a session (sessions with {@code disconnected}, bare reads too), and refuses it for a
     * time: opening, resuming, refreshing and bare reads are answered {@code forbidden}.
     *
     * <p>It holds on all nodes, and on those that join while one of them is there; it is forgotten with the last. At most 100,000 revocations are kept at a
     * time. A longer one replaces a shorter one of the same thing, and the other way round.
     *
     * @param what what is revoked
     * @param time for how long, 1 ms to 365 days
     * @return completes when all have ended, with how many sessions and bare reads there were; fails with {@code unavailable} when too many
     *     revocations are kept already: then what went on has ended, and may come back
     * @throws IllegalArgumentException for another length of time
     */
    Future<Integer> revoke(Revocation what, Duration time);

    /**
     * Takes a revocation back before its time is over, on all nodes.
     *
     * @param what what was revoked
     * @return false when it was not, or no longer, on any
     */
    Future<Boolean> restore(Revocation what);
}
