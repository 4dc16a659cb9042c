package dev.polywire.cluster.redis;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.Member;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Peers;
import dev.polywire.spi.PresenceStore;
import dev.polywire.spi.PresenceStore.Snapshot;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One node with a Vert.x of its own, and all that it has heard. */
final class Life implements Peers.Listener, PresenceStore.Listener, Broker.Listener {
    final Vertx vertx = Vertx.vertx();
    final RedisCluster cluster;
    final List<String> buried = new CopyOnWriteArrayList<>();
    final List<ServerFrame.Message> messages = new CopyOnWriteArrayList<>();
    private final Map<String, List<ServerFrame>> changes = new ConcurrentHashMap<>();
    volatile Function<Buffer, Future<Buffer>> answers = Future::succeededFuture;
    private boolean over;

    Life(RedisCluster cluster) {
        this.cluster = cluster;
        cluster.peers().listen(this);
        cluster.presence().listen(this);
        cluster.broker().listen(this);
    }

    Life join() {
        Await.get("join", cluster.join(vertx).map(true));
        return this;
    }

    String name() {
        return cluster.peers().self();
    }

    static Member member(String session) {
        return new Member(session, "u-" + session, Payload.of("online"), 1000);
    }

    Future<Snapshot> entering(String channel, String session) {
        return cluster.presence().join(channel, member(session), 100_000);
    }

    void enter(String channel, String session) {
        Await.get("join", entering(channel, session));
    }

    /** Returns who is in a channel, in order; nobody when that cannot be read at the moment. */
    List<String> sessions(String channel) {
        return Await.get(
                        "read",
                        cluster.presence()
                                .read(channel, 100_000)
                                .map(now -> now.members().stream()
                                        .map(Member::session)
                                        .toList())
                                .otherwise(List.of()))
                .stream()
                .sorted()
                .toList();
    }

    <T extends ServerFrame> List<T> heard(String channel, Class<T> kind) {
        List<T> found = new ArrayList<>();
        for (ServerFrame frame : changes.getOrDefault(channel, List.of())) {
            if (kind.isInstance(frame)) {
                found.add(kind.cast(frame));
            }
        }
        return found;
    }

    Lease lease() {
        return cluster.parts().lease();
    }

    boolean steady() {
        return on(() -> lease().steady());
    }

    boolean held() {
        return on(() -> lease().held());
    }

    private boolean on(java.util.function.BooleanSupplier what) {
        io.vertx.core.Promise<Boolean> answer = io.vertx.core.Promise.promise();
        cluster.parts().commands().context().runOnContext(v -> answer.complete(what.getAsBoolean()));
        return Await.get("an answer of the event loop", answer.future());
    }

    void kill() {
        over = true;
        Cast.kill(cluster);
    }

    void leave() {
        over = true;
        Await.get("leave", cluster.leave().map(true));
    }

    void end() {
        if (!over) {
            leave();
        }
        Await.get("close", vertx.close().map(true));
    }

    @Override
    public Future<Buffer> asked(String from, Buffer question) {
        return answers.apply(question);
    }

    @Override
    public void told(String from, Buffer message) {}

    @Override
    public void buried(String name) {
        buried.add(name);
    }

    @Override
    public void changed(String channel, ServerFrame change, @Nullable String except) {
        changes.computeIfAbsent(channel, name -> new CopyOnWriteArrayList<>()).add(change);
    }

    @Override
    public void message(String channel, ServerFrame.Message message, @Nullable String except) {
        messages.add(message);
    }

    @Override
    public void gap(String channel, ServerFrame.GapReason reason, @Nullable Position position) {}
}
