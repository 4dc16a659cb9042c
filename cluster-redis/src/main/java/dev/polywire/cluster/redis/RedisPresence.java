package dev.polywire.cluster.redis;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Member;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Presence in Redis: each change is one script that writes and announces it (rule 34). */
final class RedisPresence implements PresenceStore {

    /** What it works with, once the node has joined. */
    record Parts(
            Commands commands,
            Listening listening,
            RedisOptions options,
            PresenceKeys keys,
            NodeKeys nodes,
            Lease lease,
            Turns turns) {}

    private record Key(String channel, String session) {}

    private volatile @Nullable Listener listener;
    private volatile @Nullable Rooms rooms;
    private volatile @Nullable Parts parts;
    private volatile boolean closed;

    RedisPresence() {}

    void start(Commands commands, Listening listening, RedisOptions options, NodeKeys nodes, Lease lease) {
        Turns turns = new Turns(commands.context(), options.getMaxQueued());
        Parts now = new Parts(commands, listening, options, new PresenceKeys(commands, options), nodes, lease, turns);
        parts = now;
        rooms = new Rooms(now, this::left, (channel, change, except) -> {
            Listener hears = listener;
            if (hears != null) {
                hears.changed(channel, change, except);
            }
        });
    }

    @Override
    public void listen(Listener hears) {
        listener = hears;
    }

    /** Makes a call on the context; whatever fails is unavailable. */
    private <T> Future<T> run(Function<Parts, Future<T>> call) {
        Parts now = parts;
        if (now == null) {
            throw new IllegalStateException("This node has not joined.");
        }
        Promise<T> promise = Promise.promise();
        now.commands.context().runOnContext(v -> {
            Future<T> called = closed ? Future.failedFuture(new Away("Closed.", false)) : call.apply(now);
            called.recover(error -> Future.failedFuture(Away.unavailable(error)))
                    .onComplete(promise);
        });
        return promise.future();
    }

    /** Returns what is known of this node's members. On the context. */
    Rooms rooms() {
        Rooms now = rooms;
        if (now == null) {
            throw new IllegalStateException("This node has not joined.");
        }
        return now;
    }

    @Override
    public Future<Snapshot> join(String channel, Member member, int bytes) {
        return run(now -> now.turns.take(new Key(channel, member.session()), () -> join(now, channel, member, bytes)));
    }

    private Future<Snapshot> join(Parts now, String channel, Member member, int bytes) {
        if (!now.lease.held()) {
            return Future.failedFuture(new Away("This node does not know whether it still lives.", false));
        }
        String node = now.lease.self();
        String session = member.session();
        Room room = rooms().open(channel);
        room.calls++;
        room.lists(bytes);
        boolean fresh = !room.own.containsKey(session);
        Room.Mine mine = rooms().own(room, member);
        boolean[] asked = {false};
        return rooms().ready(room)
                .compose(ready -> {
                    asked[0] = true;
                    return now.keys.join(channel, node, member, bytes);
                })
                .transform(result -> {
                    room.calls--;
                    if (result.failed()) {
                        boolean perhaps = asked[0] && (!(result.cause() instanceof Away away) || away.sent());
                        if (fresh && !perhaps) {
                            rooms().disown(room, session);
                        }
                        return Future.failedFuture(result.cause());
                    }
                    Entrant joined = result.result().member();
                    if (joined == null || !node.equals(now.lease.self())) {
                        rooms().disown(room, session);
                        now.lease.renew();
                        return Future.failedFuture(new Away("This node was buried.", true));
                    }
                    mine.fence = joined.fence();
                    mine.member = joined.member();
                    Snapshot snapshot = result.result().snapshot();
                    int listed = snapshot.members().size();
                    // A longer list than one script makes is read in pages.
                    return listed >= PresenceKeys.PAGE && listed < snapshot.count()
                            ? now.keys.read(channel, bytes)
                            : Future.succeededFuture(snapshot);
                });
    }

    @Override
    public Future<Boolean> update(String channel, String session, Payload state) {
        return run(now -> now.turns.take(
                new Key(channel, session),
                () -> now.keys.update(channel, now.lease.self(), session, state).onSuccess(done -> {
                    if (done) {
                        rooms().updated(channel, session, state);
                    }
                })));
    }

    @Override
    public Future<Boolean> leave(String channel, String session) {
        return run(now -> left(now, channel, session));
    }

    private Future<Boolean> left(String channel, String session) {
        Parts now = parts;
        return now == null ? Future.failedFuture("Not there.") : left(now, channel, session);
    }

    private Future<Boolean> left(Parts now, String channel, String session) {
        return now.turns.take(new Key(channel, session), () -> {
            Room.Mine mine = rooms().leaving(channel, session);
            return now.keys.leave(channel, now.lease.self(), session).onSuccess(done -> {
                Room room = rooms().get(channel);
                if (room != null && mine != null && mine.leaving && room.own.get(session) == mine) {
                    rooms().disown(room, session);
                }
            });
        });
    }

    @Override
    public Future<Snapshot> read(String channel, int bytes) {
        return run(now -> now.keys.read(channel, bytes));
    }

    /** A session is another node's soon; until then its members stay, and they go when nobody has taken it in time. On the context. */
    void given(String session, Duration keep) {
        rooms().given(session, keep);
    }

    @Override
    public Future<Void> close() {
        return run(now -> {
                    rooms().close();
                    closed = true;
                    return Future.<Void>succeededFuture();
                })
                .otherwiseEmpty();
    }
}
