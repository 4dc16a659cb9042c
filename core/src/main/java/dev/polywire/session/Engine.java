package dev.polywire.session;

import dev.polywire.Authenticator;
import dev.polywire.Authorizer;
import dev.polywire.Channels;
import dev.polywire.Presence;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.RealtimeVerticle;
import dev.polywire.RequestHandler;
import dev.polywire.Session;
import dev.polywire.Sessions;
import dev.polywire.TransportChoice;
import dev.polywire.channel.ChannelHub;
import dev.polywire.channel.MemoryBroker;
import dev.polywire.channel.MemoryPresence;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.Versions;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.PresenceStore;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine: puts the parts together, and is what {@link Realtime} shows of them. */
public final class Engine implements Realtime {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final Vertx vertx;
    private final RealtimeOptions options;
    private final LongSupplier clock;
    private final Stats stats = new Stats();
    private final SessionRegistry registry;
    private final Requests requests;
    private final Codec codec;
    private Versions versions;
    private final Gateway gateway = new Gateway(this);
    private final Map<io.netty.channel.EventLoop, EventLoop> loops = new ConcurrentHashMap<>();
    private final List<Transport> transports = new ArrayList<>();
    private final AtomicInteger bare = new AtomicInteger();
    private final Set<BareReader> readers = ConcurrentHashMap.newKeySet();
    private final Facade facade = new Facade(this);

    private @Nullable Authenticator authenticator;
    private Authorizer authorizer = Authorizer.ALLOW_ALL;
    private volatile @Nullable TransportChoice choice;
    private @Nullable Broker broker;
    private @Nullable PresenceStore presenceStore;
    private @Nullable ChannelHub hub;
    private @Nullable Access access;
    private @Nullable EventBusBridge bridge;
    private volatile Consumer<Session> onConnect = session -> {};
    private volatile BiConsumer<Session, CloseReason> onDisconnect = (session, reason) -> {};
    private volatile boolean closing;

    /**
     * Creates an engine; for {@link Realtime#create}.
     *
     * @param vertx runs it
     * @param options how it behaves; copied
     * @param clock monotonic milliseconds
     */
    public Engine(Vertx vertx, RealtimeOptions options, LongSupplier clock) {
        this.vertx = vertx;
        this.options = new RealtimeOptions(options).check();
        this.clock = clock;
        this.registry = new SessionRegistry(this.options.session().grace().toMillis());
        this.requests = new Requests(
                vertx,
                this.options.eventBus(),
                this.options.session().requestTimeout().toMillis());
        this.codec = new JsonCodec(
                this.options.session().frame(), this.options.session().depth());
        this.versions = new Versions(Map.of(1, codec));
    }

    // ---- setting up ------------------------------------------------------------------------------------------------

    @Override
    public Realtime authenticator(Authenticator value) {
        unmounted("authenticator");
        authenticator = value;
        return this;
    }

    @Override
    public Realtime authorizer(Authorizer value) {
        unmounted("authorizer");
        authorizer = value;
        return this;
    }

    /** A rule that comes too late would not be asked, and nobody would notice. */
    private synchronized void unmounted(String setter) {
        if (access != null) {
            throw new IllegalStateException(
                    "Realtime." + setter + "(…) must be called before the engine is mounted or deployed.");
        }
    }

    @Override
    public Realtime transportChoice(TransportChoice value) {
        choice = value;
        return this;
    }

    @Override
    public Realtime transport(Transport transport) {
        unmounted("transport");
        transports.add(transport);
        return this;
    }

    @Override
    public Realtime cluster(Broker newBroker, PresenceStore presence) {
        if (hub != null) {
            throw new IllegalStateException("The cluster must be set before channels are used.");
        }
        broker = newBroker;
        presenceStore = presence;
        return this;
    }

    /**
     * Sets the protocol versions that are spoken; for tests of translation.
     *
     * @param value the versions
     * @return this
     */
    public Engine versions(Versions value) {
        versions = value;
        return this;
    }

    @Override
    public Realtime request(String address, RequestHandler handler) {
        requests.handler(address, handler);
        return this;
    }

    @Override
    public Realtime onConnect(Consumer<Session> handler) {
        onConnect = handler;
        return this;
    }

    @Override
    public Realtime onDisconnect(BiConsumer<Session, CloseReason> handler) {
        onDisconnect = handler;
        return this;
    }

    @Override
    public synchronized Realtime mount(Router router) {
        if (authenticator == null && !options.allowAnonymous()) {
            throw new IllegalStateException("Set an Authenticator with Realtime.authenticator(…), or allow anonymous"
                    + " access with RealtimeOptions.allowAnonymous(true); without either nobody could connect safely.");
        }
        if (access == null) {
            access = new Access(this, authenticator, authorizer);
            Mounting.find(transports, options);
            if (options.eventBus().enabled()) {
                bridge = new EventBusBridge(this, vertx);
            }
        }
        Mounting.mount(router, vertx, gateway, transports);
        return this;
    }

    @Override
    public Supplier<VerticleBase> verticle() {
        return () -> new RealtimeVerticle(this);
    }

    // ---- what the parts need ---------------------------------------------------------------------------------------

    /** Returns the context of the caller, without what belongs to a single request. */
    ContextInternal here() {
        return ((ContextInternal) vertx.getOrCreateContext()).unwrap();
    }

    /**
     * Returns the loop that owns sessions opened on a context: the same thread, but a context of the engine's own, because the
     * timers of a verticle's context end with the verticle, and sessions may outlive it.
     */
    EventLoop loopOf(ContextInternal context) {
        return loops.computeIfAbsent(
                context.nettyEventLoop(),
                thread -> new EventLoop(
                        ((VertxInternal) vertx)
                                .contextBuilder()
                                .withThreadingModel(ThreadingModel.EVENT_LOOP)
                                .withEventLoop(thread)
                                .build(),
                        clock));
    }

    long now() {
        return clock.getAsLong();
    }

    long wallClock() {
        return System.currentTimeMillis();
    }

    Stats counters() {
        return stats;
    }

    SessionRegistry registry() {
        return registry;
    }

    Requests requests() {
        return requests;
    }

    Codec codec() {
        return codec;
    }

    Versions versions() {
        return versions;
    }

    boolean closing() {
        return closing;
    }

    synchronized ChannelHub hub() {
        ChannelHub made = hub;
        if (made == null) {
            if (broker == null) {
                broker = new MemoryBroker(options.dedupeWindow(), options.dedupeEntries(), clock);
            }
            if (presenceStore == null) {
                presenceStore = new MemoryPresence();
            }
            made = new ChannelHub(options, broker, presenceStore, codec);
            hub = made;
        }
        return made;
    }

    Access access() {
        Access made = access;
        if (made == null) {
            throw new IllegalStateException("The engine is not mounted yet.");
        }
        return made;
    }

    TransportChoice.Offer offer(Handshake who, Payload capabilities) {
        return choice == null
                ? new TransportChoice.Offer(options.transports(), null)
                : choice.choose(who, capabilities, options.transports());
    }

    /** Turns a value into a payload that a session can take: one over the window would end healthy sessions as too slow. */
    Payload sized(@Nullable Object value) {
        Payload payload = Payload.of(value);
        int window = options.session().window();
        if (payload.bytes().length > window) {
            throw new ProtocolException(
                    ErrorCode.TOO_LARGE,
                    "A payload of " + payload.bytes().length + " bytes is over the window of " + window + ".");
        }
        return payload;
    }

    ServerFrame.Message directMessage(String event, Object payload) {
        return new ServerFrame.Message(null, event, sized(payload), wallClock(), 0, null, null, null, null, null, 1);
    }

    boolean bareOpened() {
        if (closing || bare.incrementAndGet() > options.bareReaders()) {
            bare.decrementAndGet();
            return false;
        }
        return true;
    }

    void bareReads(BareReader reader) {
        readers.add(reader);
    }

    void bareClosed(BareReader reader) {
        readers.remove(reader);
        bare.decrementAndGet();
    }

    void connected(LiveSession session, Handshake who) {
        LOG.info(
                "connect session={} user={} transport={} remote={}",
                session.id(),
                session.principal().id(),
                who.transport(),
                who.remoteAddress());
        try {
            onConnect.accept(session);
        } catch (RuntimeException e) {
            LOG.warn("onConnect failed session={}", session.id(), e);
        }
    }

    void disconnected(LiveSession session, CloseReason reason) {
        stats.closed();
        LOG.info(
                "disconnect session={} user={} transport={} reason={}",
                session.id(),
                session.principal().id(),
                session.transport(),
                reason.wire());
        try {
            onDisconnect.accept(session, reason);
        } catch (RuntimeException e) {
            LOG.warn("onDisconnect failed session={}", session.id(), e);
        }
    }

    /** Returns the way in for transports. */
    SessionGateway gateway() {
        return gateway;
    }

    // ---- what the application sees ---------------------------------------------------------------------------------

    @Override
    public Sessions sessions() {
        return facade;
    }

    @Override
    public Channels channels() {
        return facade.channels();
    }

    @Override
    public Presence presence() {
        return facade.presence();
    }

    @Override
    public RealtimeOptions options() {
        return options;
    }

    @Override
    public JsonObject stats() {
        Map<String, Integer> byTransport = new TreeMap<>();
        for (LiveSession session : registry.all()) {
            byTransport.merge(session.transport(), 1, Integer::sum);
        }
        JsonObject sessions = new JsonObject();
        byTransport.forEach(sessions::put);
        return stats.toJson()
                .put("sessions", registry.size())
                .put("sessionsByTransport", sessions)
                .put("bareReaders", bare.get());
    }

    @Override
    public Future<Void> close() {
        closing = true;
        List<Future<Void>> ending = new ArrayList<>();
        for (LiveSession session : registry.all()) {
            ending.add(session.close(CloseReason.RESTART));
        }
        readers.forEach(BareReader::cut);
        EventBusBridge listening = bridge;
        Future<Void> deaf = listening == null ? Future.succeededFuture() : listening.close();
        return Future.join(ending)
                .<Void>mapEmpty()
                .timeout(5, TimeUnit.SECONDS)
                .otherwiseEmpty()
                .eventually(() -> deaf)
                .eventually(() -> hub == null ? Future.succeededFuture() : hub.close());
    }
}
