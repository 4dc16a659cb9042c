package dev.polywire.spi;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows who is in which channel, on all nodes. Safe to call from any thread.
 *
 * <ol>
 *   <li>An entry is keyed by (channel, session). Each change raises the channel's version by one and is announced once, in the order of versions (rule 34).
 *   <li>Joining again, leaving twice, or updating who is not there changes nothing and announces nothing.
 *   <li>Calls for one (channel, session) take effect in the order in which they are made: a session may leave and join again at once.
 *   <li>A channel's version never goes back, not even while it is empty: whoever holds version 7 would take the next changes for old ones.
 *   <li>A join or leave MAY spare the session that it is about, by {@code except}; a change of state MUST reach it, too, or its version would jump.
 * </ol>
 */
public interface PresenceStore {

    /**
     * Sets who hears of changes. Called once, before anything else.
     *
     * @param listener called on any thread, but for one channel never concurrently
     */
    void listen(Listener listener);

    /**
     * Adds a member.
     *
     * @param channel the channel
     * @param member the member
     * @param bytes how many members the answer lists, as for {@link #read}: a crowd that joins must not cost the square of its size
     * @return the channel after it, the member counted in
     */
    Future<Snapshot> join(String channel, ServerFrame.Member member, int bytes);

    /**
     * Changes a member's state.
     *
     * @param channel the channel
     * @param session the member's session
     * @param state the new state
     * @return completes when done; false when there is no such member
     */
    Future<Boolean> update(String channel, String session, Payload state);

    /**
     * Removes a member.
     *
     * @param channel the channel
     * @param session the member's session
     * @return completes when done; false when there was no such member
     */
    Future<Boolean> leave(String channel, String session);

    /**
     * Reads a channel.
     *
     * @param channel the channel
     * @param bytes list those that came first, as many as {@link Snapshot#of} lists in so many bytes; 0 when the number alone is wanted
     * @return the channel as it is now
     */
    Future<Snapshot> read(String channel, int bytes);

    /**
     * Lets go of everything.
     *
     * @return completes when done
     */
    Future<Void> close();

    /**
     * A channel's presence at one moment.
     *
     * @param members those that came first, in the order of their coming: all, or as many as were asked for
     * @param count how many
     * @param version rises by one with each change; while a channel is empty, any that is not lower than one told before
     */
    record Snapshot(List<ServerFrame.Member> members, int count, long version) {

        /**
         * Lists no more members than a frame may carry: a list that grows with the channel, and with what its members put into
         * their states, would end the session of everybody who asks for it.
         *
         * @param all the members, in the order of their coming; no more are looked at than are listed, and one
         * @param version the channel's version
         * @param bytes about how many bytes of JSON the members may take; {@link Integer#MAX_VALUE} lists all
         * @return all are counted, and the first of them listed
         */
        public static Snapshot of(Collection<ServerFrame.Member> all, long version, int bytes) {
            List<ServerFrame.Member> listed = new ArrayList<>();
            long sum = 0;
            for (Iterator<ServerFrame.Member> next = all.iterator(); bytes > 0 && next.hasNext(); ) {
                ServerFrame.Member member = next.next();
                String user = member.user();
                sum += 100 + member.session().length() + member.state().bytes().length;
                sum += user == null ? 0 : 3L * user.length();
                if (sum > bytes && bytes < Integer.MAX_VALUE) {
                    break;
                }
                listed.add(member);
            }
            return new Snapshot(List.copyOf(listed), all.size(), version);
        }
    }

    /** Hears of changes. */
    interface Listener {
        /**
         * Somebody came, changed, or left.
         *
         * @param channel the channel
         * @param change what happened, as subscribers get it: a {@code join}, {@code leave} or {@code presence} frame
         * @param except a session that need not hear of it, or null
         */
        void changed(String channel, ServerFrame change, @Nullable String except);
    }
}
