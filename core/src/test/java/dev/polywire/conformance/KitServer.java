package dev.polywire.conformance;

import dev.polywire.AddressOptions;
import dev.polywire.Authorizer;
import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.OverloadOptions;
import dev.polywire.Principal;
import dev.polywire.RateLimit;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.SessionOptions;
import dev.polywire.SlowConsumerPolicy;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.session.Assembly;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Transport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
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

    /** The mount path. */
    public static final String PATH = "/realtime";

    private final Realtime realtime;
    private final HttpServer http;
    private final List<Published> published = new CopyOnWriteArrayList<>();
    private final List<Ended> ended = new CopyOnWriteArrayList<>();
    private final List<String> opened = new CopyOnWriteArrayList<>();
    private final Promise<Boolean> gate = Promise.promise();
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final Set<String> banned = ConcurrentHashMap.newKeySet();
    private volatile @Nullable ChannelHandler watcher;
    private volatile @Nullable Authorizer ruler;
    private volatile double heap;
    private volatile long lag;

    private KitServer(Vertx vertx, RealtimeOptions options, List<Transport> transports, boolean virtualTime) {
        realtime = virtualTime ? Realtime.create(vertx, options, clock::get) : Realtime.create(vertx, options);
        transports.forEach(realtime::transport);
        realtime.authenticator((token, who) -> known(token));
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
        Router router = Router.router(vertx);
        realtime.mount(router);
        http = Await.get(
                "the server's port",
                vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
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
        return new KitServer(vertx, options, transports, false);
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
        return new KitServer(vertx, options, transports, true);
    }

    /**
     * Returns options with the kit's namespaces, anonymous clients, and limits that no test reaches by accident.
     *
     * @param transports the transports' names
     * @return new options
     */
    public static RealtimeOptions options(List<String> transports) {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .transports(transports)
                .session(new SessionOptions()
                        .inbox(100_000)
                        .rate(new RateLimit(1_000_000, 1_000_000, 1 << 28, 1 << 28, 100)))
                .limits(new LimitOptions()
                        .userMessages(0)
                        .userBytes(0)
                        .attaches(0)
                        .address(new AddressOptions()
                                .messages(0)
                                .bytes(0)
                                .opens(0)
                                .connects(0))
                        .overload(new OverloadOptions().heapPercent(0).lag(Duration.ZERO)))
                .namespace("open", anyone())
                .namespace("slow", anyone())
                .namespace("secret", anyone())
                .namespace("kept", anyone().historySize(1000))
                .namespace("faulty", anyone())
                .namespace("known", anyone().subscribe(ChannelOptions.Subscribers.AUTHENTICATED))
                .namespace("own", anyone().subscribe(ChannelOptions.Subscribers.OWNER))
                .namespace("closed", anyone().subscribe(ChannelOptions.Subscribers.NOBODY))
                .namespace(
                        "ticket",
                        anyone().subscribe(ChannelOptions.Subscribers.TOKEN)
                                .historySize(10)
                                .presence(true))
                .namespace(
                        "members",
                        anyone().read(ChannelOptions.Readers.SUBSCRIBERS)
                                .historySize(10)
                                .presence(true))
                .namespace(
                        "unread",
                        anyone().read(ChannelOptions.Readers.NOBODY)
                                .historySize(10)
                                .presence(true))
                .namespace("crowd", anyone().presence(true))
                .namespace("drop", anyone().slowConsumer(SlowConsumerPolicy.DROP_OLDEST))
                .namespace("latest", anyone().slowConsumer(SlowConsumerPolicy.LATEST))
                .namespace(
                        "newest",
                        anyone().slowConsumer(SlowConsumerPolicy.LATEST).historySize(20))
                .namespace(
                        "sure", anyone().confirmTimeout(Duration.ofMillis(150)).confirmAttempts(3));
    }

    /** Takes {@code user:x}, {@code user:x;5000} for five seconds, and {@code user:x;;{…}} with claims. */
    private static Future<Principal> known(@Nullable String token) {
        if ("garbled".equals(token)) {
            return Future.failedFuture(new ProtocolException(ErrorCode.INVALID_TOKEN, "That is no token."));
        }
        if ("later".equals(token)) {
            return Future.failedFuture(new ProtocolException(ErrorCode.UNAVAILABLE, "Not now.", null, 1500));
        }
        if ("never".equals(token)) {
            return Promise.<Principal>promise().future();
        }
        if (token == null || !token.startsWith("user:")) {
            return Future.failedFuture("who is that?");
        }
        String[] parts = token.substring(5).split(";", 3);
        Instant end =
                parts.length < 2 || parts[1].isEmpty() ? null : Instant.now().plusMillis(Long.parseLong(parts[1]));
        JsonObject claims = parts.length < 3 ? new JsonObject() : new JsonObject(parts[2]);
        return Future.succeededFuture(new Principal(parts[0], claims, end));
    }

    private static ChannelOptions anyone() {
        return new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE);
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
        ((Assembly) realtime).probes(() -> heap, () -> lag);
    }

    /**
     * Makes the engine believe that its event loops are so late.
     *
     * @param millis 0 when they keep up
     */
    public void lag(long millis) {
        lag = millis;
        ((Assembly) realtime).probes(() -> heap, () -> lag);
    }

    /**
     * Returns the engine.
     *
     * @return not closed yet
     */
    public Realtime realtime() {
        return realtime;
    }

    /**
     * Returns the port.
     *
     * @return on 127.0.0.1
     */
    public int port() {
        return http.actualPort();
    }

    /**
     * Returns a session that is open.
     *
     * @param id its id
     * @return never null
     */
    public Session session(String id) {
        return Await.value(
                "session " + id, Await.deadline(), () -> realtime.sessions().get(id));
    }

    /**
     * Returns what clients have published to {@code open}, {@code kept} and {@code slow} channels, in the order of taking effect.
     *
     * @return live
     */
    public List<Published> published() {
        return published;
    }

    /**
     * Returns the sessions that the application was told have ended.
     *
     * @return live
     */
    public List<Ended> ended() {
        return ended;
    }

    /**
     * Returns the sessions that the application was told of.
     *
     * @return live
     */
    public List<String> opened() {
        return opened;
    }

    /** Closes engine and port. */
    public void close() {
        Await.get("the engine's end", realtime.close());
        Await.get("the server's end", http.close());
    }
}
