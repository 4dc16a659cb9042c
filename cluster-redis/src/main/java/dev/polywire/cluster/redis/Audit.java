package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Compares by name whom this node has in a channel with whom Redis has there as this node's: calls of a connection that broke may have come after all,
 * in any order. On the context.
 */
final class Audit {
    private final PresenceKeys keys;
    private final Lease lease;
    private final Rooms.Leaving leaving;

    Audit(PresenceKeys keys, Lease lease, Rooms.Leaving leaving) {
        this.keys = keys;
        this.lease = lease;
        this.leaving = leaving;
    }

    /**
     * Puts back who is missing, and has those leave that are too many for the second time in a row.
     *
     * @param current whether the room is still the one of its channel
     * @param restore puts everybody of the room back
     */
    void compare(Room room, BooleanSupplier current, Runnable restore) {
        String node = lease.self();
        sessions(room.channel, node, "0", new HashSet<>()).onSuccess(there -> {
            if (room.calls > 0 || !current.getAsBoolean() || !node.equals(lease.self())) {
                return;
            }
            boolean missing = room.own.values().stream()
                    .anyMatch(mine -> mine.present() && !there.contains(mine.member.session()));
            if (missing) {
                restore.run();
            }
            there.removeAll(room.own.keySet());
            if (!missing && there.isEmpty()) {
                room.audits = Math.max(0, room.audits - 1);
            }
            for (String session : there) {
                // For the second time: it did not just leave.
                if (room.strange.contains(session)) {
                    leaving.leave(room.channel, session);
                }
            }
            room.strange = Set.copyOf(there);
        });
    }

    private Future<Set<String>> sessions(String channel, String node, String from, Set<String> sofar) {
        return keys.sessions(channel, node, from).compose(page -> {
            sofar.addAll(page.sessions());
            return page.next().equals("0")
                    ? Future.succeededFuture(sofar)
                    : sessions(channel, node, page.next(), sofar);
        });
    }
}
