package dev.polywire.testing;

import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** One broker for several nodes, each of which hears the channels that it has subscribed to. Safe for all threads. */
final class SharedBroker {
    private final Broker all;
    private final Map<String, Set<MemoryNode>> subscribed = new ConcurrentHashMap<>();
    private final Map<MemoryNode, Broker.Listener> listeners = new ConcurrentHashMap<>();

    private final BiFunction<String, String, Future<?>> gate;

    SharedBroker(Broker all, BiFunction<String, String, Future<?>> gate) {
        this.all = all;
        this.gate = gate;
        all.listen(new Broker.Listener() {
            @Override
            public void message(String channel, ServerFrame.Message message, @Nullable String except) {
                hearing(channel).forEach(listener -> listener.message(channel, message, except));
            }

            @Override
            public void gap(String channel, ServerFrame.GapReason reason, @Nullable Position position) {
                hearing(channel).forEach(listener -> listener.gap(channel, reason, position));
            }
        });
    }

    private Iterable<Broker.Listener> hearing(String channel) {
        return subscribed.getOrDefault(channel, Set.of()).stream()
                .filter(listeners::containsKey)
                .map(listeners::get)
                .toList();
    }

    Broker of(MemoryNode node) {
        return new View(node);
    }

    private synchronized Future<@Nullable Position> subscribe(MemoryNode node, String channel, Broker.Keep keep) {
        subscribed
                .computeIfAbsent(channel, name -> ConcurrentHashMap.newKeySet())
                .add(node);
        return all.subscribe(channel, keep);
    }

    private synchronized Future<Void> unsubscribe(MemoryNode node, String channel) {
        Set<MemoryNode> nodes = subscribed.get(channel);
        if (nodes != null && nodes.remove(node) && nodes.isEmpty()) {
            subscribed.remove(channel);
            return all.unsubscribe(channel);
        }
        return Future.succeededFuture();
    }

    private final class View implements Broker {
        private final MemoryNode node;

        View(MemoryNode node) {
            this.node = node;
        }

        @Override
        public void listen(Listener listener) {
            listeners.put(node, listener);
        }

        @Override
        public Future<@Nullable Position> subscribe(String channel, Keep keep) {
            return gate.apply("subscribe", channel)
                    .compose(open -> MemoryCluster.later(SharedBroker.this.subscribe(node, channel, keep)));
        }

        @Override
        public Future<Void> unsubscribe(String channel) {
            return MemoryCluster.later(SharedBroker.this.unsubscribe(node, channel));
        }

        @Override
        public Future<Receipt> publish(Publication publication) {
            return MemoryCluster.later(all.publish(publication));
        }

        @Override
        public Future<Slice> read(String channel, Keep keep, @Nullable Position since, int limit, boolean reverse) {
            return gate.apply("read", channel)
                    .compose(open -> MemoryCluster.later(all.read(channel, keep, since, limit, reverse)));
        }

        @Override
        public Future<Void> close() {
            listeners.remove(node);
            new HashSet<>(subscribed.keySet()).forEach(channel -> SharedBroker.this.unsubscribe(node, channel));
            return MemoryCluster.later(Future.succeededFuture());
        }
    }
}
