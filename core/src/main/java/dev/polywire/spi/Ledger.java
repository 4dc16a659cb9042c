package dev.polywire.spi;

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
 *   <li>State and owner are written in one step, and the state is deleted in the step that hands it out (rule 37): nobody ever gets it twice.
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
     * Gives a session away together with its state.
     *
     * @param session its id
     * @param fence the fence under which the caller has owned it
     * @param to the node that is to have it; null for whichever comes for it first
     * @param state what it is
     * @param keep for how long the state is kept for who comes
     * @return the new fence; fails with a {@link dev.polywire.protocol.ProtocolException} {@code lost} when somebody else has it by now, and {@code unavailable} when it is not known
     *     whether it was written: then the caller must neither go on with the session nor write it again
     */
    Future<Long> give(String session, long fence, @Nullable String to, Buffer state, Duration keep);

    /**
     * Takes a session that is waiting for this node, or for anybody.
     *
     * @param session its id
     * @return its state and the fence under which the caller owns it now; null when nothing waits for the caller
     */
    Future<@Nullable Taken> take(String session);

    /**
     * Ends a session for good, so that nobody takes it up again: its owner is silent, or it ended.
     *
     * @param session its id
     * @param fence the fence under which it is to end
     * @return false when it has another fence by now
     */
    Future<Boolean> end(String session, long fence);

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
     * @param ended whether it is over
     */
    record Entry(@Nullable String owner, long fence, boolean waits, boolean ended) {}

    /**
     * A session that was taken.
     *
     * @param fence the fence under which it is owned now
     * @param state what it was
     */
    record Taken(long fence, Buffer state) {}
}
