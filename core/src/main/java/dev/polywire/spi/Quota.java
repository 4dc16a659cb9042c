package dev.polywire.spi;

import io.vertx.core.Future;
import java.util.List;

/**
 * What each user and each address has used at all nodes together. Nobody's frame waits for it: a node lets pass what it knows to be within the limits, tells afterwards what
 * that was, and hears what the others have used. Safe to call from any thread.
 *
 * <ol>
 *   <li>What is used of a rate is counted in time, which is what is used divided by the rate. It adds up to a debt that is paid off as time goes by, one second in each second, and
 *       never is below zero. So nobody here needs to know a rate.
 *   <li>Of what is held (sessions, for example) each node says how many it has. What a node said is void when the node has left or was buried.
 *   <li>A key under which nothing is owed and nothing held is forgotten.
 * </ol>
 */
public interface Quota {
    /** The longest debt, microseconds: what is beyond it is forgiven. */
    long MOST = 600_000_000;

    /** For how long what a node holds counts after it last said so, milliseconds. It says so again in time. */
    long KEPT = 600_000;

    /**
     * Tells what this node has used since it last told, and asks what all have.
     *
     * @param key whose it is; 1 to 1000 characters of any kind
     * @param use what this node has used
     * @return what all nodes owe and the others hold, this use included; fails with a {@link dev.polywire.protocol.ProtocolException} {@code unavailable} when it is not known
     *     whether it was counted: then it is not told again
     */
    Future<Standing> tell(String key, Use use);

    /**
     * Sets who hears that what was told may be forgotten. Called once, before this node joins.
     *
     * @param forgotten called on any thread; what this node holds is to be told again
     */
    void listen(Runnable forgotten);

    /**
     * What one node has used.
     *
     * @param spent of each rate, in microseconds, each at least 0; always as many for one key, 16 at the most
     * @param held of each thing that is held, how many this node has now, each at least 0; always as many for one key, 4 at the most
     */
    record Use(List<Long> spent, List<Integer> held) {}

    /**
     * What all nodes have used.
     *
     * @param owed how long it takes until nothing is owed, of each rate, in microseconds, 0 to {@link #MOST}
     * @param held of each thing that is held, how many the other nodes have, this one not included
     */
    record Standing(List<Long> owed, List<Long> held) {}
}
