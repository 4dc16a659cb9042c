package dev.polywire;

import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;

/** Who is in which channel. Safe to call from any thread. */
public interface Presence {

    /**
     * Reads the members of a channel.
     *
     * @param channel the channel
     * @return members, count and version
     */
    Future<PresenceStore.Snapshot> members(String channel);

    /**
     * Reads only their number.
     *
     * @param channel the channel
     * @return how many sessions are members
     */
    Future<Integer> count(String channel);
}
