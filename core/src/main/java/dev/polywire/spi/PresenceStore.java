package dev.polywire.spi;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
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
     * @return the channel after it, member included
     */
    Future<Snapshot> join(String channel, ServerFrame.Member member);

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
     * @param countOnly whether the number alone is wanted; {@code members} is empty then
     * @return the channel as it is now
     */
    Future<Snapshot> read(String channel, boolean countOnly);

    /**
     * Lets go of everything.
     *
     * @return completes when done
     */
    Future<Void> close();

    /**
     * A channel's presence at one moment.
     *
     * @param members all members, in the order of their coming
     * @param count how many
     * @param version rises by one with each change; while a channel is empty, any that is not lower than one told before
     */
    record Snapshot(List<ServerFrame.Member> members, int count, long version) {

        /**
         * Returns the same with no more members than a frame may carry: a list that grows with the channel, and with what its
         * members put into their states, would end the session of everybody who asks for it.
         *
         * @param bytes about how many bytes of JSON the members may take
         * @return this, when all fit
         */
        public Snapshot within(int bytes) {
            long sum = 0;
            for (int i = 0; i < members.size(); i++) {
                ServerFrame.Member member = members.get(i);
                String user = member.user();
                sum += 100 + member.session().length() + member.state().bytes().length;
                sum += user == null ? 0 : 3L * user.length();
                if (sum > bytes) {
                    return new Snapshot(List.copyOf(members.subList(0, i)), count, version);
                }
            }
            return this;
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
