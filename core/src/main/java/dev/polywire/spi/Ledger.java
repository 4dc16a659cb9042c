package dev.polywire.spi;

import dev.polywire.protocol.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where it is written who owns a session that is not with the node that its id names, and what it was when it was given away. Safe to call from any thread.
 *
 * <ol>
 *   <li>A session that never moved has no entry, and its fence is 0. Every change of owner raises the fence by one, and happens exactly when the fence was the one expected
 *       and, in {@link #give}, the owner the one that gives (rule 35): two may believe to own it under one fence, when what was written about it got lost.
 *   <li>State and owner are written in one step, and the state is handed out in the step that makes who gets it the owner (rule 37): nobody else ever gets it.
 *   <li>An answer that gets lost costs no session: {@link #give} and {@link #take} ask again, under the name of their attempt, until they know what came of it.
 *   <li>An entry is kept for as long as its owner renews it, and for some time after that.
 * </ol>
 */
public interface Ledger {

    /**
     * Looks up a session.
     *
     * @param session its id
     * @return its entry; null when it has none
     */
    Future<@Nullable Entry> find(String session);

    /**
     * Gives a session away together with its state. What this node has handed to the broker before has taken effect by the time that it is written, or never will: the next owner's publishes
     * come after it.
     *
     * @param session its id
     * @param fence the fence under which the caller has owned it
     * @param proof what whoever takes it has to give, too; not empty
     * @param to the node that is to have it; null for whichever comes for it first
     * @param state what it is
     * @param keep for how long the state is kept for who comes, and for how long it is tried to write it
     * @return the new fence; fails with a {@link dev.polywire.protocol.ProtocolException} {@code lost} when somebody else has it by now, and {@code unavailable} when it could not be
     *     written in time, or nobody knows whether it was: then the caller must neither go on with the session nor write it again. When it takes long, what was meant for one node may be
     *     written for whichever comes
     */
    Future<Long> give(String session, long fence, String proof, @Nullable String to, Buffer state, Duration keep);

    /**
     * Takes a session that is waiting for this node, or for anybody.
     *
     * @param session its id
     * @param proof the one that it was given away with
     * @return its state and the fence under which the caller owns it now; null when nothing waits for the caller; fails with a {@link dev.polywire.protocol.ProtocolException}
     *     {@code unknown} when the proof is another one, which changes nothing, and {@code unavailable} when the ledger cannot be asked, or has not answered for minutes
     */
    Future<@Nullable Taken> take(String session, String proof);

    /**
     * Ends a session for good, so that nobody takes it up again: its owner is silent, or it ended.
     *
     * @param session its id
     * @param fence the fence under which it is to end
     * @param why what its client is told when it asks for it
     * @return false when it has another fence by now
     */
    Future<Boolean> end(String session, long fence, ErrorCode why);

    /**
     * Keeps the entries of sessions that this node owns.
     *
     * @param sessions their ids, those of the sessions that have moved here
     * @return those of them that this node does not own any more
     */
    Future<List<String>> renew(Collection<String> sessions);

    /**
     * Who has a session.
     *
     * @param owner the node; null when its state waits for whoever comes
     * @param fence the number of its owners before this one
     * @param waits whether its state is still to be taken
     * @param over why it is over; null when it is not
     */
    record Entry(
            @Nullable String owner,
            long fence,
            boolean waits,
            @Nullable ErrorCode over) {}

    /**
     * A session that was taken.
     *
     * @param fence the fence under which it is owned now
     * @param state what it was
     */
    record Taken(long fence, Buffer state) {}
}
