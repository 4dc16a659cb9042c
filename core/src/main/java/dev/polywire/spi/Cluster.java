package dev.polywire.spi;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * What makes a node one of several: the same channels and presence everywhere, and a way for sessions from node to node. Given to the engine in
 * code, one object per engine. Safe to call from any thread.
 *
 * <p>The parts may be asked for at once, and be used when {@link #join} has completed.
 */
public interface Cluster {

    /**
     * Joins. Called once, before anything else is done with the parts but setting their listeners.
     *
     * @param vertx runs it
     * @return completes when this node may serve; fails when it cannot
     */
    Future<Void> join(Vertx vertx);

    /**
     * Returns what carries messages.
     *
     * @return always the same
     */
    Broker broker();

    /**
     * Returns who knows who is present.
     *
     * @return always the same
     */
    PresenceStore presence();

    /**
     * Returns the way to the other nodes.
     *
     * @return always the same
     */
    Peers peers();

    /**
     * Returns where it is written who owns the sessions that have moved.
     *
     * @return always the same
     */
    Ledger ledger();

    /**
     * Returns what users and addresses have used at all nodes.
     *
     * @return always the same
     */
    Quota quota();

    /**
     * Leaves: members of this node that are still present leave, and the others are told. The engine calls it after it has given its sessions away.
     *
     * @return completes when done, or when that could not be done in time
     */
    Future<Void> leave();
}
