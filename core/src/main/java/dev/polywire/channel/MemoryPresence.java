package dev.polywire.channel;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Presence for one node, in memory.
 *
 * <p>A channel that becomes empty is dropped, but its versions must not begin again: a subscriber that holds version 7 would take
 * the next four changes for old ones. So all channels share a floor, the highest version that any dropped channel reached, and a
 * channel that comes (back) counts on from there.
 */
public final class MemoryPresence implements PresenceStore {
    private final ConcurrentHashMap<String, Room> rooms = new ConcurrentHashMap<>();
    private final AtomicLong floor = new AtomicLong();
    private volatile @Nullable Listener listener;
    private volatile boolean closed;

    /** Creates an empty store. */
    public MemoryPresence() {}

    /** One channel; all under its monitor. */
    private static final class Room {
        final Map<String, ServerFrame.Member> members = new LinkedHashMap<>();
        final Map<String, Integer> users = new HashMap<>();
        long version;
        boolean dead;

        Room(long version) {
            this.version = version;
        }

        Snapshot snapshot(int bytes) {
            return Snapshot.of(members.values(), version, bytes);
        }

        /** Adds or takes a session of a user, and tells whether it is the first or last one. Everybody anonymous is alone. */
        boolean alone(@Nullable String user, int by) {
            if (user == null) {
                return true;
            }
            Integer left =
                    users.merge(user, by, (was, change) -> was + change == 0 ? null : Integer.valueOf(was + change));
            return left == null || by > 0 && left == 1;
        }
    }

    @Override
    public void listen(Listener heard) {
        listener = heard;
    }

    @Override
    public Future<Snapshot> join(String channel, ServerFrame.Member member, int bytes) {
        if (closed) {
            return closing();
        }
        while (true) {
            Room room = rooms.computeIfAbsent(channel, name -> new Room(floor.get()));
            synchronized (room) {
                if (room.dead) {
                    continue;
                }
                if (room.members.putIfAbsent(member.session(), member) == null) {
                    boolean first = room.alone(member.user(), 1);
                    room.version++;
                    // The newcomer has the snapshot, which this change is in.
                    tell(
                            channel,
                            new ServerFrame.Join(channel, member, room.members.size(), room.version, first),
                            member.session());
                }
                return Future.succeededFuture(room.snapshot(bytes));
            }
        }
    }

    @Override
    public Future<Boolean> update(String channel, String session, Payload state) {
        if (closed) {
            return closing();
        }
        Room room = rooms.get(channel);
        if (room == null) {
            return Future.succeededFuture(false);
        }
        synchronized (room) {
            ServerFrame.Member was = room.members.get(session);
            if (was == null) {
                return Future.succeededFuture(false);
            }
            ServerFrame.Member now = new ServerFrame.Member(session, was.user(), state, was.since());
            room.members.put(session, now);
            room.version++;
            // Its own session hears of it, too: a version that it never saw would look like a loss (R35).
            tell(channel, new ServerFrame.PresenceChange(channel, now, room.members.size(), room.version), null);
            return Future.succeededFuture(true);
        }
    }

    @Override
    public Future<Boolean> leave(String channel, String session) {
        if (closed) {
            return closing();
        }
        Room room = rooms.get(channel);
        if (room == null) {
            return Future.succeededFuture(false);
        }
        synchronized (room) {
            ServerFrame.Member gone = room.members.remove(session);
            if (gone == null) {
                return Future.succeededFuture(false);
            }
            boolean last = room.alone(gone.user(), -1);
            room.version++;
            tell(channel, new ServerFrame.Leave(channel, gone, room.members.size(), room.version, last), session);
            if (room.members.isEmpty()) {
                // The floor rises before the room can be replaced by one that starts from it.
                floor.accumulateAndGet(room.version, Math::max);
                room.dead = true;
                rooms.remove(channel, room);
            }
            return Future.succeededFuture(true);
        }
    }

    /** {@inheritDoc} An empty channel answers with the version that its next member will follow, or a lower one. */
    @Override
    public Future<Snapshot> read(String channel, int bytes) {
        if (closed) {
            return closing();
        }
        Room room = rooms.get(channel);
        if (room == null) {
            return Future.succeededFuture(new Snapshot(List.of(), 0, floor.get()));
        }
        synchronized (room) {
            return Future.succeededFuture(room.snapshot(bytes));
        }
    }

    @Override
    public Future<Void> close() {
        closed = true;
        rooms.clear();
        return Future.succeededFuture();
    }

    private void tell(String channel, ServerFrame change, @Nullable String except) {
        Listener heard = listener;
        if (heard != null) {
            try {
                heard.changed(channel, change, except);
            } catch (Throwable e) {
                Faults.contain(e);
                Log.warn("The listener failed on a change of presence in channel " + channel, e);
            }
        }
    }

    private static <T> Future<T> closing() {
        return Future.failedFuture(new ProtocolException(ErrorCode.UNAVAILABLE, "The server is closing."));
    }
}
