package dev.polywire.cluster.redis;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Member;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channels where this node has members. It keeps in mind who they are, to put them back when Redis has forgotten them, and who is to leave, until
 * Redis has answered that; and it compares with Redis, one channel after the other. On the context.
 */
final class Rooms {
    private static final Logger LOG = LoggerFactory.getLogger(Rooms.class);

    /** How many members one script puts back. */
    private static final int CHUNK = 100;

    /** How many channels are put back side by side. */
    private static final int WORKERS = 8;

    /** In how many rounds all channels are compared with Redis, and how many in one round at least. */
    private static final int ROUNDS = 30;

    private static final int COMPARED = 20;

    /** How often a channel is compared by name, without finding anything, after Redis was away. */
    private static final int AUDITS = 2;

    /** Has a member of this node's leave. */
    interface Leaving {
        /** In turn with the other calls about it. */
        Future<Boolean> leave(String channel, String session);
    }

    private record Given(String session, long due) {}

    private record Index(String channel) {}

    private final RedisPresence.Parts parts;
    private final Leaving leaving;
    private final PresenceStore.Listener listener;
    private final Audit audit;
    private final Map<String, Room> rooms = new LinkedHashMap<>();
    private final Map<String, Set<Room>> bySession = new HashMap<>();
    private final PriorityQueue<Given> givens = new PriorityQueue<>(Comparator.comparingLong(Given::due));
    private Iterator<Room> round = List.<Room>of().iterator();
    private int restoring;
    private boolean restoreAgain;
    private boolean closed;

    Rooms(RedisPresence.Parts parts, Leaving leaving, PresenceStore.Listener listener) {
        this.parts = parts;
        this.leaving = leaving;
        this.listener = listener;
        this.audit = new Audit(parts.keys(), parts.lease(), leaving);
    }

    @Nullable
    Room get(String channel) {
        return rooms.get(channel);
    }

    Room open(String channel) {
        return rooms.computeIfAbsent(channel, name -> {
            Room[] made = new Room[1];
            made[0] = new Room(name, parts.keys(), parts.lease(), listener, session -> disown(made[0], session));
            made[0].idleSince = System.nanoTime();
            return made[0];
        });
    }

    /** Keeps a member in mind, before Redis is asked to add it. */
    Room.Mine own(Room room, Member member) {
        Room.Mine mine = room.own.computeIfAbsent(member.session(), session -> new Room.Mine(member));
        mine.leaving = false;
        mine.given = false;
        bySession.computeIfAbsent(member.session(), session -> new HashSet<>()).add(room);
        return mine;
    }

    /** Forgets a member: it has left, or another node has it. */
    void disown(Room room, String session) {
        room.own.remove(session);
        room.idleSince = System.nanoTime();
        Set<Room> all = bySession.get(session);
        if (all != null) {
            all.remove(room);
            if (all.isEmpty()) {
                bySession.remove(session);
            }
        }
    }

    Room.@Nullable Mine leaving(String channel, String session) {
        Room room = rooms.get(channel);
        Room.Mine mine = room == null ? null : room.own.get(session);
        if (mine != null) {
            mine.leaving = true;
        }
        return mine;
    }

    void updated(String channel, String session, Payload state) {
        Room room = rooms.get(channel);
        Room.Mine mine = room == null ? null : room.own.get(session);
        if (mine != null) {
            Member was = mine.member;
            mine.member = new Member(session, was.user(), state, was.since());
        }
    }

    /** Has Redis tell this node of a channel, and know that it has members there. */
    Future<Void> ready(Room room) {
        Future<Void> known = room.ready;
        if (known != null) {
            return known;
        }
        Future<Void> hears = room.hears
                ? Future.succeededFuture()
                : parts.listening()
                        .subscribe(parts.keys().topic(room.channel), room)
                        .onSuccess(done -> room.hears = true);
        Future<Void> mine = hears.compose(done -> index(room));
        if (!mine.failed()) {
            room.ready = mine;
            mine.onFailure(error -> {
                if (room.ready == mine) {
                    room.ready = null;
                }
            });
        }
        return mine;
    }

    private Future<Void> index(Room room) {
        return parts.turns()
                .take(
                        new Index(room.channel),
                        () -> parts.nodes().index(parts.lease().self(), room.channel))
                .compose(alive -> {
                    if (!alive) {
                        parts.lease().renew();
                        return Future.failedFuture(new Away("This node was buried.", false));
                    }
                    return Future.succeededFuture();
                });
    }

    // ---- when all was forgotten, or this node is dead --------------------------------------------------------------

    /** This node has another name, and nothing of what it had. */
    void buried() {
        for (Room room : rooms.values()) {
            room.own.clear();
            room.strange = Set.of();
            room.ready = null;
            room.idleSince = System.nanoTime();
        }
        bySession.clear();
        givens.clear();
    }

    /** Puts everything back, and has everybody leave who was to. */
    void restore() {
        if (closed) {
            return;
        }
        if (restoring > 0) {
            restoreAgain = true;
            return;
        }
        restoreAgain = false;
        rooms.values().forEach(room -> {
            room.ready = null;
            room.audits = AUDITS;
        });
        Iterator<Room> all = List.copyOf(rooms.values()).iterator();
        restoring = WORKERS;
        for (int i = 0; i < WORKERS; i++) {
            next(all);
        }
    }

    private void next(Iterator<Room> all) {
        if (!all.hasNext() || closed) {
            restoring--;
            if (restoring == 0 && restoreAgain) {
                restore();
            }
            return;
        }
        restore(all.next()).onComplete(done -> parts.commands().context().runOnContext(v -> next(all)));
    }

    private Future<Void> restore(Room room) {
        leaveAgain(room);
        if (room.own.isEmpty()) {
            return Future.succeededFuture();
        }
        room.calls++;
        // In any case: what Redis has forgotten, it may have forgotten without a word.
        Future<Void> known = room.ready == null ? ready(room) : index(room);
        return known.compose(done -> {
                    List<Room.Mine> present = new ArrayList<>();
                    for (Room.Mine mine : room.own.values()) {
                        if (mine.present()) {
                            present.add(mine);
                        }
                    }
                    return restore(room, present, 0);
                })
                .onFailure(error -> LOG.debug("Members could not be put back yet: {}", error.getMessage()))
                .onComplete(done -> room.calls--);
    }

    private Future<Void> restore(Room room, List<Room.Mine> present, int from) {
        if (from >= present.size()) {
            return Future.succeededFuture();
        }
        List<Member> members = new ArrayList<>();
        List<Long> fences = new ArrayList<>();
        int end = Math.min(present.size(), from + CHUNK);
        for (Room.Mine mine : present.subList(from, end)) {
            if (room.own.get(mine.member.session()) == mine && !mine.leaving && !mine.given) {
                members.add(mine.member);
                fences.add(mine.fence);
            }
        }
        String node = parts.lease().self();
        return parts.keys().restore(room.channel, node, members, fences).compose(moved -> {
            if (moved == null) {
                parts.lease().renew();
                return Future.failedFuture(new Away("This node was buried.", false));
            }
            moved.forEach(session -> disown(room, session));
            for (Member member : members) {
                Room.Mine mine = room.own.get(member.session());
                if ((mine == null || mine.leaving) && !moved.contains(member.session())) {
                    // It left meanwhile, and that may have come first.
                    leaving.leave(room.channel, member.session());
                }
            }
            return restore(room, present, end);
        });
    }

    private void leaveAgain(Room room) {
        for (Room.Mine mine : List.copyOf(room.own.values())) {
            if (mine.leaving) {
                leaving.leave(room.channel, mine.member.session());
            }
        }
    }

    // ---- sessions that go to other nodes ---------------------------------------------------------------------------

    void given(String session, Duration keep) {
        Set<Room> all = bySession.get(session);
        if (all == null) {
            return;
        }
        long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(keep.toMillis());
        all.forEach(room -> {
            Room.Mine mine = room.own.get(session);
            if (mine != null) {
                mine.given = true;
                mine.due = due;
            }
        });
        givens.add(new Given(session, due));
    }

    /** Returns for how many milliseconds members of sessions that were given away may have to stay; 0 when there are none. */
    long givenFor() {
        long now = System.nanoTime();
        long most = 0;
        for (Given given : givens) {
            if (bySession.containsKey(given.session())) {
                most = Math.max(most, TimeUnit.NANOSECONDS.toMillis(given.due() - now));
            }
        }
        return most;
    }

    /** Has everybody leave but those whose session was given away. */
    Future<Void> leaveAll() {
        List<Future<Boolean>> all = new ArrayList<>();
        for (Room room : List.copyOf(rooms.values())) {
            for (Room.Mine mine : List.copyOf(room.own.values())) {
                if (!mine.given) {
                    all.add(leaving.leave(room.channel, mine.member.session()));
                }
            }
        }
        return Future.join(all).mapEmpty();
    }

    private void reap() {
        long now = System.nanoTime();
        for (Given given = givens.peek(); given != null && given.due() - now <= 0; given = givens.peek()) {
            givens.remove();
            for (Room room : List.copyOf(bySession.getOrDefault(given.session(), Set.of()))) {
                Room.Mine mine = room.own.get(given.session());
                // It may have been here again since, and be on its way once more.
                if (mine != null && mine.given && mine.due - now <= 0) {
                    leaving.leave(room.channel, given.session());
                }
            }
        }
    }

    // ---- what is looked at from time to time -----------------------------------------------------------------------

    /** Called when the lease was renewed. */
    void tick() {
        if (closed) {
            return;
        }
        reap();
        if (!round.hasNext()) {
            round = List.copyOf(rooms.values()).iterator();
        }
        for (int i = Math.max(COMPARED, rooms.size() / ROUNDS); i > 0 && round.hasNext(); i--) {
            Room room = round.next();
            if (rooms.get(room.channel) == room && room.calls == 0) {
                compare(room);
            }
        }
    }

    private void compare(Room room) {
        leaveAgain(room);
        String node = parts.lease().self();
        parts.keys().state(room.channel, node).onSuccess(state -> {
            if (room.calls > 0
                    || rooms.get(room.channel) != room
                    || !node.equals(parts.lease().self())) {
                return;
            }
            if (room.own.isEmpty() && state.mine() == 0) {
                retire(room);
                return;
            }
            room.compare(state.version());
            if (!room.own.isEmpty()) {
                // That lies elsewhere in Redis, and may have been forgotten alone: whoever removes this node's members
                // would not find them.
                index(room);
            }
            if (state.mine() != room.own.size()) {
                room.audits = Math.max(room.audits, 1);
            }
            if (room.audits > 0) {
                audit.compare(room, () -> rooms.get(room.channel) == room, () -> restore(room));
            }
        });
    }

    private void retire(Room room) {
        long linger = TimeUnit.MILLISECONDS.toNanos(parts.options().getLinger().toMillis());
        if (System.nanoTime() - room.idleSince < linger) {
            return;
        }
        rooms.remove(room.channel);
        room.close();
        parts.listening().unsubscribe(parts.keys().topic(room.channel), room);
        String node = parts.lease().self();
        parts.turns().take(new Index(room.channel), () -> parts.nodes().unindex(node, room.channel));
    }

    /** Hears no more. What this node has stays known, so that it can leave. */
    void close() {
        closed = true;
        for (Room room : rooms.values()) {
            room.close();
            parts.listening().unsubscribe(parts.keys().topic(room.channel), room);
        }
    }
}
