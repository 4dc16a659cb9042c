package dev.polywire.session;

import dev.polywire.channel.MemoryBroker;
import dev.polywire.channel.MemoryPresence;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Peers;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What several {@link OneNode}s share: messages, presence, a ledger, and a way to each other that a test can cut. */
final class SharedStore {
    private final MemoryBroker broker = new MemoryBroker(new dev.polywire.BrokerOptions(), System::currentTimeMillis);
    private final MemoryPresence presence = new MemoryPresence();
    private final List<Broker.Listener> listeners = new CopyOnWriteArrayList<>();
    private final List<PresenceStore.Listener> watchers = new CopyOnWriteArrayList<>();
    private final Map<String, BiFunction<String, Buffer, Future<Buffer>>> nodes = new ConcurrentHashMap<>();
    private final Map<String, Ledger.Entry> entries = new HashMap<>();
    private final Map<String, Buffer> states = new HashMap<>();

    /** Loses the answers to questions of this kind. */
    volatile String loseAnswersTo = "";

    /** Loses the questions. */
    volatile String loseQuestions = "";

    SharedStore() {
        broker.listen(new Broker.Listener() {
            @Override
            public void message(
                    String channel, dev.polywire.protocol.ServerFrame.Message message, @Nullable String except) {
                listeners.forEach(listener -> listener.message(channel, message, except));
            }

            @Override
            public void gap(
                    String channel,
                    dev.polywire.protocol.ServerFrame.GapReason reason,
                    dev.polywire.protocol.@Nullable Position position) {
                listeners.forEach(listener -> listener.gap(channel, reason, position));
            }
        });
        presence.listen(
                (channel, change, except) -> watchers.forEach(watcher -> watcher.changed(channel, change, except)));
    }

    /** One node's view of the broker: ending a subscription here ends it for no other. */
    Broker broker() {
        return EngineKit.standIn(Broker.class, broker, (method, arguments, real) -> {
            switch (method.getName()) {
                case "listen" -> {
                    listeners.add((Broker.Listener) arguments[0]);
                    return null;
                }
                case "unsubscribe", "close" -> {
                    return Future.succeededFuture();
                }
                default -> {
                    return real.call();
                }
            }
        });
    }

    PresenceStore presence() {
        return EngineKit.standIn(PresenceStore.class, presence, (method, arguments, real) -> {
            if (method.getName().equals("listen")) {
                watchers.add((PresenceStore.Listener) arguments[0]);
                return null;
            }
            return method.getName().equals("close") ? Future.succeededFuture() : real.call();
        });
    }

    /** Makes an engine one of the nodes. */
    Moves join(Engine engine, String name) {
        Moves moves = new Moves(engine, peers(name), ledger(name));
        engine.moves(moves);
        nodes.put(name, (from, question) -> moves.owned().asked(from, question.toJsonObject()));
        return moves;
    }

    /** Kills a node, as far as the others can tell. */
    void bury(String name) {
        nodes.remove(name);
    }

    private Peers peers(String self) {
        return new Peers() {
            @Override
            public String self() {
                return self;
            }

            @Override
            public void listen(Listener listener) {}

            @Override
            public Future<Buffer> ask(String node, Buffer question, long millis) {
                BiFunction<String, Buffer, Future<Buffer>> other = nodes.get(node);
                String kind = question.toJsonObject().getString("move");
                if (other == null) {
                    return Future.failedFuture(new ProtocolException(ErrorCode.LOST, "It is buried."));
                }
                if (kind.equals(loseQuestions)) {
                    return silence();
                }
                return other.apply(self, question)
                        .compose(answer ->
                                kind.equals(loseAnswersTo) ? silence() : Future.succeededFuture(answer.copy()));
            }

            @Override
            public Future<Void> tellAll(Buffer message) {
                return Future.succeededFuture();
            }

            @Override
            public void describe(JsonObject facts) {}

            @Override
            public Future<List<Node>> nodes() {
                return Future.succeededFuture(List.of());
            }
        };
    }

    private static <T> Future<T> silence() {
        return Future.failedFuture(new ProtocolException(ErrorCode.UNAVAILABLE, "No answer came."));
    }

    Ledger ledger(String self) {
        return new Ledger() {
            @Override
            public Future<@Nullable Entry> find(String session) {
                synchronized (entries) {
                    return Future.succeededFuture(entries.get(session));
                }
            }

            @Override
            public Future<Long> give(String session, long fence, @Nullable String to, Buffer state, Duration keep) {
                synchronized (entries) {
                    Entry entry = entries.get(session);
                    if ((entry == null ? 0 : entry.fence()) != fence || entry != null && entry.ended()) {
                        return Future.failedFuture(new ProtocolException(ErrorCode.LOST, "Somebody else has it."));
                    }
                    entries.put(session, new Entry(to, fence + 1, true, false));
                    states.put(session, state.copy());
                    return Future.succeededFuture(fence + 1);
                }
            }

            @Override
            public Future<@Nullable Taken> take(String session) {
                synchronized (entries) {
                    Entry entry = entries.get(session);
                    Buffer state = states.get(session);
                    if (entry == null
                            || state == null
                            || entry.owner() != null && !entry.owner().equals(self)) {
                        return Future.succeededFuture(null);
                    }
                    states.remove(session);
                    long fence = entry.owner() == null ? entry.fence() + 1 : entry.fence();
                    entries.put(session, new Entry(self, fence, false, false));
                    return Future.succeededFuture(new Taken(fence, state));
                }
            }

            @Override
            public Future<Boolean> end(String session, long fence) {
                synchronized (entries) {
                    Entry entry = entries.get(session);
                    if ((entry == null ? 0 : entry.fence()) != fence) {
                        return Future.succeededFuture(false);
                    }
                    entries.put(session, new Entry(null, fence + 1, false, true));
                    states.remove(session);
                    return Future.succeededFuture(true);
                }
            }

            @Override
            public Future<List<String>> renew(Collection<String> sessions) {
                return Future.succeededFuture(List.of());
            }
        };
    }
}
