package dev.polywire.spi;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * The other nodes, and the way to them. Safe to call from any thread.
 *
 * <p>A node has a name for one life of it: after it has been buried, or was started again, it has another one. It lives by a lease that it renews. Who finds that a lease has
 * ended buries the node, once and for good: its members leave presence, its sessions are lost, and should it only have been asleep, it is told so
 * (rules 34 and 38). Nobody is buried for a lease that nobody could renew, because the store was away.
 */
public interface Peers {

    /** How much a question, an answer and what all are told may have, in bytes: 4 MiB. As much is carried, and more is refused. */
    int MOST_BYTES = 4 * 1024 * 1024;

    /**
     * Returns this node's name in its present life. Session ids begin with it, so that every node knows whom to ask.
     *
     * @return 8 to 24 lower-case letters and digits, never used before by any node; changes when the node was buried
     */
    String self();

    /**
     * Sets who answers the other nodes' questions. Called once, before this node joins.
     *
     * @param listener called on any thread
     */
    void listen(Listener listener);

    /**
     * Asks one node something, once: a question may get lost, and so may its answer.
     *
     * @param node its name
     * @param question what it is asked; {@link #MOST_BYTES} at the most
     * @param millis how long to wait
     * @return the answer; fails with a {@link dev.polywire.protocol.ProtocolException} {@code unavailable} when none came in time, and at once when
     *     the node has failed at it or answers too many others; {@code too_large} when the question has more than {@link #MOST_BYTES}, or the answer
     *     would have had; and {@code lost} when the node is buried, or has been by this call because its lease had ended
     */
    Future<Buffer> ask(String node, Buffer question, long millis);

    /**
     * Tells every other node something that wants no answer. Who is away at the moment may miss it.
     *
     * @param message what they are told; {@link #MOST_BYTES} at the most
     * @return completes when it is sent; fails with a {@link dev.polywire.protocol.ProtocolException} {@code too_large}, and {@code unavailable}
     */
    Future<Void> tellAll(Buffer message);

    /**
     * Says something about this node that the others can read, for operators: its sessions by transport, for example. Carried with the next renewal.
     *
     * @param facts small; replaces what was said before
     */
    void describe(JsonObject facts);

    /**
     * Lists the nodes that are alive, this one included.
     *
     * @return in the order of their names
     */
    Future<List<Node>> nodes();

    /**
     * A node.
     *
     * @param name its name
     * @param facts what it says about itself
     */
    record Node(String name, JsonObject facts) {}

    /** Answers, and hears of this node's own end. */
    interface Listener {
        /**
         * Another node asks.
         *
         * @param from its name
         * @param question what it asks
         * @return the answer; of a failure the other side is told that there was one, and its words only when it is a
         *     {@link dev.polywire.protocol.ProtocolException} {@code unavailable} or {@code too_large}
         */
        Future<Buffer> asked(String from, Buffer question);

        /**
         * Another node tells.
         *
         * @param from its name
         * @param message what it tells
         */
        void told(String from, Buffer message);

        /**
         * This node has been buried: what it was is gone for the others. Its sessions are to be ended as lost at once; {@link Peers#self} is a new name already.
         *
         * @param name what its name was
         */
        void buried(String name);
    }
}
