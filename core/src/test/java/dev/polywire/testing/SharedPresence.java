package dev.polywire.testing;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/** One presence for several nodes: who came in by a node leaves with it, unless another one has them by then. Safe for all threads. */
final class SharedPresence {
    /** Who has the members of a session that is on its way. */
    private static final String NOBODY = "";

    private final PresenceStore all;
    private final Map<MemoryNode, PresenceStore.Listener> listeners = new ConcurrentHashMap<>();
    private final Map<Key, String> owners = new HashMap<>();

    private record Key(String channel, String session) {}

    private final BiFunction<String, String, Future<?>> gate;

    SharedPresence(PresenceStore all, BiFunction<String, String, Future<?>> gate) {
        this.all = all;
        this.gate = gate;
        all.listen((channel, change, except) ->
                listeners.values().forEach(listener -> listener.changed(channel, change, except)));
    }

    PresenceStore of(MemoryNode node) {
        return new View(node);
    }

    /** The session is on its way to another node: its members stay, whatever becomes of the one that it was at. */
    synchronized void park(String session) {
        owners.replaceAll((key, owner) -> key.session().equals(session) ? NOBODY : owner);
    }

    /** Nobody came for a session that was on its way. */
    synchronized void reap(String session) {
        leave(key -> key.session().equals(session), NOBODY);
    }

    synchronized void leaveAll(String name) {
        leave(key -> true, name);
    }

    private void leave(java.util.function.Predicate<Key> which, String of) {
        List<Key> gone = new ArrayList<>();
        owners.forEach((key, owner) -> {
            if (owner.equals(of) && which.test(key)) {
                gone.add(key);
            }
        });
        for (Key key : gone) {
            owners.remove(key);
            all.leave(key.channel(), key.session());
        }
    }

    private synchronized Future<PresenceStore.Snapshot> join(
            String name, String channel, ServerFrame.Member member, int bytes) {
        owners.put(new Key(channel, member.session()), name);
        return all.join(channel, member, bytes);
    }

    private synchronized Future<Boolean> leave(String name, String channel, String session) {
        return owners.remove(new Key(channel, session), name)
                ? all.leave(channel, session)
                : Future.succeededFuture(false);
    }

    private final class View implements PresenceStore {
        private final MemoryNode node;

        View(MemoryNode node) {
            this.node = node;
        }

        @Override
        public void listen(Listener listener) {
            listeners.put(node, listener);
        }

        @Override
        public Future<Snapshot> join(String channel, ServerFrame.Member member, int bytes) {
            return gate.apply("join", channel)
                    .compose(
                            open -> MemoryCluster.later(SharedPresence.this.join(node.self(), channel, member, bytes)));
        }

        @Override
        public Future<Boolean> update(String channel, String session, Payload state) {
            return MemoryCluster.later(all.update(channel, session, state));
        }

        @Override
        public Future<Boolean> leave(String channel, String session) {
            return gate.apply("leave", channel)
                    .compose(open -> MemoryCluster.later(SharedPresence.this.leave(node.self(), channel, session)));
        }

        @Override
        public Future<Snapshot> read(String channel, int bytes) {
            return MemoryCluster.later(all.read(channel, bytes));
        }

        @Override
        public Future<Void> close() {
            listeners.remove(node);
            return MemoryCluster.later(Future.succeededFuture());
        }
    }
}
