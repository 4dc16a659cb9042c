package dev.polywire.conformance;

import dev.polywire.Authorizer;
import dev.polywire.ChannelHandler;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.protocol.CloseReason;
import dev.polywire.session.Assembly;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Transport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A real engine on loopback, as the tests of the kit need it.
 *
 * <p>Namespaces: {@code open} (anyone publishes), {@code kept} (with history), {@code crowd} (with presence), {@code drop} and
 * {@code latest} (policies for slow consumers), {@code sure} (confirmations), {@code secret} (nobody may), {@code slow} (the
 * authoriser waits for {@link #letGo}), {@code faulty} (the authoriser throws), {@code known}, {@code own}, {@code closed} and
 * {@code ticket} (who may subscribe), {@code members} and {@code unread} (who may ask). A token {@code user:x} is x, and
 * {@code user:x;5000} is so for five seconds; <code>user:x;;{"a":1}</code> has claims, too; {@code garbled} is none, {@code later} cannot be looked at now, {@code never} is not answered, any other is refused, none
 * is anonymous.
 */
public final class KitServer {
    /** What an application publishes at its end of an {@code open} or {@code kept} channel. */
    public record Published(String session, String channel, String payload) {}

    /** A session that has ended. */
    public record Ended(String session, CloseReason reason) {}

    /** How many engines a cluster has. */
    public static final int NODES = 2;

    /** The mount path. */
    public static final String PATH = "/realtime";

    private final List<KitNode> nodes = new ArrayList<>();
    private final List<Integer> targets = new CopyOnWriteArrayList<>();
    private final @Nullable RoundRobinProxy proxy;
    private final List<Published> published = new CopyOnWriteArrayList<>();
    private final List<Ended> ended = new CopyOnWriteArrayList<>();
    private final List<String> opened = new CopyOnWriteArrayList<>();
    private final Map<String, Long> attached = new ConcurrentHashMap<>();
    private final Promise<Boolean> gate = Promise.promise();
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final Set<String> banned = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ChannelHandler watcher;
    private volatile @Nullable Authorizer ruler;
    private volatile double heap;
    private volatile long lag;

    private KitServer(
            Vertx vertx,
            RealtimeOptions options,
            Supplier<List<Transport>> transports,
            boolean virtualTime,
            @Nullable Supplier<Cluster> cluster) {
        int count = cluster == null ? 1 : NODES;
        for (int i = 0; i < count; i++) {
            nodes.add(new KitNode(
                    vertx,
                    options,
                    transports.get(),
                    virtualTime ? clock::get : null,
                    cluster == null ? null : cluster.get(),
                    attached,
                    this::setUp));
        }
        nodes.forEach(node -> targets.add(node.port()));
        proxy = cluster == null ? null : new RoundRobinProxy(vertx, targets);
    }

    private void setUp(Realtime realtime) {
        realtime.authenticator((token, who) -> KitUsers.known(token));
        realtime.authorizer((principal, action, target) -> {
            Authorizer other = ruler;
            if (other != null) {
                return other.authorize(principal, action, target);
            }
            if (action == Authorizer.Action.CONNECT) {
                return Future.succeededFuture(!banned.contains(String.valueOf(principal.id())));
            }
            if (target.startsWith("faulty:")) {
                throw new IllegalStateException("thrown by a test");
            }
            if (banned.contains(target)) {
                return Future.succeededFuture(false);
            }
            return target.startsWith("slow:") ? gate.future() : Future.succeededFuture(!target.startsWith("secret:"));
        });
        realtime.subscriptionTokens((principal, channel, token) ->
                Future.succeededFuture(token.equals(ticket(String.valueOf(principal.id()), channel))));
        realtime.onConnect(session -> opened.add(session.id()));
        realtime.onDisconnect((session, reason) -> ended.add(new Ended(session.id(), reason)));
        ChannelHandler recorder = new ChannelHandler() {
            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                ChannelHandler other = watcher;
                if (other != null) {
                    return other.onPublish(session, publication);
                }
                published.add(new Published(
                        session.id(),
                        String.valueOf(publication.message().channel()),
                        publication.message().payload().toString()));
                return Future.succeededFuture(publication);
            }
        };
        for (String namespace : List.of("open", "kept", "slow")) {
            realtime.channels().handler(namespace, recorder);
        }
    }

    /**
     * Starts an engine.
     *
     * @param vertx carries it
     * @param options its options, best begun with {@link #options}
     * @param transports what clients can use
     * @return a server that listens
     */
    public static KitServer start(Vertx vertx, RealtimeOptions options, List<Transport> transports) {
        return new KitServer(vertx, options, () -> transports, false, null);
    }

    /**
     * Starts an engine whose rate limits go by a clock that stands still until {@link #advance}.
     *
     * @param vertx carries it
     * @param options its options, best begun with {@link #options}
     * @param transports what clients can use
     * @return a server that listens
     */
    public static KitServer inVirtualTime(Vertx vertx, RealtimeOptions options, List<Transport> transports) {
        return new KitServer(vertx, options, () -> transports, true, null);
    }

    /**
     * Starts an engine, or {@value #NODES} of them behind a {@link RoundRobinProxy}.
     *
     * @param vertx carries them
     * @param options their options, best begun with {@link #options}
     * @param transports what clients can use, new for each engine
     * @param virtualTime whether rate limits go by a clock that stands still until {@link #advance}
     * @param cluster makes what each engine joins; null for a single one that joins nothing
     * @return a server that listens
     */
    static KitServer start(
            Vertx vertx,
            RealtimeOptions options,
            Supplier<List<Transport>> transports,
            boolean virtualTime,
            @Nullable Supplier<Cluster> cluster) {
        return new KitServer(vertx, options, transports, virtualTime, cluster);
    }

    /**
     * Returns options with the kit's namespaces, anonymous clients, and limits that no test reaches by accident.
     *
     * @param transports the transports' names
     * @return new options
     */
    public static RealtimeOptions options(List<String> transports) {
        return KitOptions.of(transports);
    }

    /**
     * Sets who decides about publications instead of the recorder.
     *
     * @param handler only its {@code onPublish} is asked
     */
    public void watch(ChannelHandler handler) {
        watcher = handler;
    }

    /**
     * Sets who is asked instead of the kit's authoriser.
     *
     * @param authorizer is asked about everything
     */
    public void rule(Authorizer authorizer) {
        ruler = authorizer;
    }

    /**
     * Refuses a channel, or the connections of a user, from now on; who is in stays in until somebody looks again.
     *
     * @param target the channel's name, or the user's id
     */
    public void ban(String target) {
        banned.add(target);
    }

    /**
     * Makes a token for a channel whose namespace asks for one.
     *
     * @param user the user's id
     * @param channel the channel
     * @return what the kit's verifier takes
     */
    public static String ticket(String user, String channel) {
        return user + " may read " + channel;
    }

    /** Lets the authoriser answer for the {@code slow} channels. */
    public void letGo() {
        gate.tryComplete(true);
    }

    /**
     * Moves the virtual clock.
     *
     * @param millis by how much
     */
    public void advance(long millis) {
        clock.addAndGet(millis);
    }

    /**
     * Makes the engine believe that its heap is so full.
     *
     * @param fraction 0 to 1
     */
    public void heap(double fraction) {
        heap = fraction;
        probes();
    }

    /**
     * Makes the engine believe that its event loops are so late.
     *
     * @param millis 0 when they keep up
     */
    public void lag(long millis) {
        lag = millis;
        probes();
    }

    private void probes() {
        nodes.forEach(node -> ((Assembly) node.realtime()).probes(() -> heap, () -> lag));
    }

    /**
     * Returns the engine, or the first of several.
     *
     * @return not closed yet
     */
    public Realtime realtime() {
        return nodes.get(0).realtime();
    }

    /**
     * Does something to each engine.
     *
     * @param action the same for all
     */
    public void each(Consumer<Realtime> action) {
        nodes.forEach(node -> action.accept(node.realtime()));
    }

    /**
     * Counts the engines.
     *
     * @return at least 1
     */
    public int size() {
        return nodes.size();
    }

    /**
     * Returns the port.
     *
     * @return on 127.0.0.1
     */
    public int port() {
        return proxy == null ? nodes.get(0).port() : proxy.port();
    }

    /**
     * Returns a session that is open.
     *
     * @param id its id
     * @return never null
     */
    public Session session(String id) {
        return Await.value("session " + id, Await.deadline(), () -> find(id));
    }

    /**
     * Finds a session, at whichever engine it is.
     *
     * @param id its id
     * @return null when there is none
     */
    public @Nullable Session find(String id) {
        return nodes.stream()
                .map(node -> node.realtime().sessions().get(id))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /**
     * Tells which attach over HTTP was committed last.
     *
     * @param id the session's id
     * @return its number; 0 before the first
     */
    long attached(String id) {
        return attached.getOrDefault(id, 0L);
    }

    /**
     * Counts the sessions that are open.
     *
     * @return at all engines
     */
    public int sessions() {
        return nodes.stream()
                .mapToInt(node -> node.realtime().sessions().all().size())
                .sum();
    }

    /**
     * Adds up something that the engines count.
     *
     * @param name its name in {@link Realtime#stats}
     * @return at all engines
     */
    public int stat(String name) {
        return nodes.stream()
                .mapToInt(node -> node.realtime().stats().getInteger(name))
                .sum();
    }

    /**
     * Returns what clients have published to {@code open}, {@code kept} and {@code slow} channels, in the order of taking effect.
     *
     * @return live
     */
    public List<Published> published() {
        return published;
    }

    /** Returns the sessions that the application was told have ended, live. */
    public List<Ended> ended() {
        return ended;
    }

    /** Returns the sessions that the application was told of, live. */
    public List<String> opened() {
        return opened;
    }

    /** Takes the first of several engines out of the balancer, and has it give its sessions away. */
    Future<Void> drain(Duration time) {
        targets.remove((Integer) nodes.get(0).port());
        return realtime().drain(time);
    }

    /** Waits until each engine knows what the others have used of the limits that they share. */
    void settle() {
        KitNode.settle(nodes);
    }

    /** Closes the engines; the port stays. */
    public void stop() {
        nodes.forEach(KitNode::stop);
    }

    /** Closes engines and ports. */
    public void close() {
        nodes.forEach(KitNode::close);
        if (proxy != null) {
            proxy.close();
        }
    }
}
