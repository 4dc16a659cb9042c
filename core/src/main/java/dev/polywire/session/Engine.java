package dev.polywire.session;

import dev.polywire.RealtimeOptions;
import dev.polywire.TransportChoice;
import dev.polywire.channel.ChannelHub;
import dev.polywire.channel.MemoryBroker;
import dev.polywire.channel.MemoryPresence;
import dev.polywire.channel.TimeLimit;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Limits;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.Versions;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.PresenceStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the parts of one engine share, and find each other by. {@link Assembly} makes it. Safe for all threads. */
final class Engine {
    /** Over which time sessions are given away when the engine is closed, which leaves as much again for the last of them. */
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private final Vertx vertx;
    private final RealtimeOptions options;
    private final LongSupplier clock;
    /** What everybody is offered unless the application chooses. */
    private final TransportChoice.Offer general;

    private final Stats stats = new Stats();
    private final Hooks hooks = new Hooks();
    private final SessionRegistry registry;
    private final BareReaders readers;
    private final Revocations revocations;
    private final Expulsion expulsion = new Expulsion(this);
    private final TicketOffice ticketOffice = new TicketOffice(this);
    private final Tickets tickets;
    private final Requests requests;
    private final Overload overload;
    private final Admission admission;
    private final OutboxMemory outboxMemory;
    private final Codec codec;
    private final Map<io.netty.channel.EventLoop, EventLoop> loops = new ConcurrentHashMap<>();

    private @Nullable Broker broker;
    private @Nullable PresenceStore presenceStore;
    private volatile @Nullable ChannelHub hub;
    private volatile @Nullable Access access;
    private volatile @Nullable TransportChoice choice;
    private volatile Versions versions;
    private volatile boolean closing;
    private volatile boolean draining;
    private volatile @Nullable Nodes nodes;

    Engine(Vertx vertx, RealtimeOptions options, LongSupplier clock) {
        this.vertx = vertx;
        this.options = options;
        this.clock = clock;
        this.general = new TransportChoice.Offer(this.options.transports(), null);
        this.registry = new SessionRegistry(options.session().grace().toMillis());
        this.outboxMemory =
                new OutboxMemory(registry, loops.values(), options.limits().outboxMemory());
        this.readers = new BareReaders(options.limits().bareReaders());
        this.overload = new Overload(options.limits().overload(), this::lag, clock);
        this.admission = new Admission(this);
        this.revocations = new Revocations(clock);
        this.tickets = new Tickets(
                clock, options.auth().ticket().toMillis(), options.auth().tickets());
        this.requests = new Requests(
                vertx, options.eventBus(), options.session().requestTimeout().toMillis());
        this.codec = new JsonCodec(options.session().frame(), options.session().depth());
        this.versions = new Versions(Map.of(1, codec));
    }

    // ---- what does not change --------------------------------------------------------------------------------------

    RealtimeOptions options() {
        return options;
    }

    Stats counters() {
        return stats;
    }

    Hooks hooks() {
        return hooks;
    }

    SessionRegistry registry() {
        return registry;
    }

    OutboxMemory outboxMemory() {
        return outboxMemory;
    }

    BareReaders readers() {
        return readers;
    }

    Overload overload() {
        return overload;
    }

    Admission admission() {
        return admission;
    }

    private long lag() {
        long most = 0;
        for (EventLoop loop : loops.values()) {
            most = Math.max(most, loop.lag().millis());
        }
        return most;
    }

    /** Tells whether a name can be that of a channel that a client asks for. */
    boolean isChannel(String name) {
        return name.length() <= options.limits().channelLength() && Limits.isChannel(name);
    }

    Revocations revocations() {
        return revocations;
    }

    Expulsion expulsion() {
        return expulsion;
    }

    TicketOffice ticketOffice() {
        return ticketOffice;
    }

    Tickets tickets() {
        return tickets;
    }

    Requests requests() {
        return requests;
    }

    Codec codec() {
        return codec;
    }

    long now() {
        return clock.getAsLong();
    }

    long wallClock() {
        return System.currentTimeMillis();
    }

    /** Returns the context of the caller, without what belongs to a single request. */
    ContextInternal here() {
        return ((ContextInternal) vertx.getOrCreateContext()).unwrap();
    }

    /** Returns a future that completes where the caller is, wherever another one does. */
    <T> Future<T> here(Future<T> elsewhere) {
        if (elsewhere.isComplete()) {
            return elsewhere;
        }
        Promise<T> promise = here().promise();
        elsewhere.onComplete(promise);
        return promise.future();
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

    // ---- what the application may set ------------------------------------------------------------------------------

    void versions(Versions value) {
        versions = value;
    }

    Versions versions() {
        return versions;
    }

    void choice(TransportChoice value) {
        choice = value;
    }

    TransportChoice.Offer offer(Handshake who, Payload capabilities) {
        TransportChoice chosen = choice;
        return chosen == null ? general : chosen.choose(who, capabilities, options.transports());
    }

    void nodes(Nodes value) {
        nodes = value;
    }

    /** Returns this node among the others; null when there are none. */
    @Nullable
    Nodes nodes() {
        return nodes;
    }

    /** Returns the way of sessions from node to node; null when there is only this one. */
    @Nullable
    Moves moves() {
        Nodes among = nodes;
        return among == null ? null : among.moves();
    }

    /**
     * Takes nobody in any more, and gives all sessions away evenly over a time.
     *
     * @return completes when they are written; at once when there is nobody to give them to
     */
    Future<Void> drain(Duration time) {
        draining = true;
        Nodes among = nodes;
        return among == null || !among.joined()
                ? Future.succeededFuture()
                : Draining.drain(vertx, this, among.moves(), time);
    }

    /** A session has ended. */
    void ended(LiveSession session, CloseReason reason) {
        registry.ended(session, reason);
        Moves way = moves();
        if (way != null) {
            way.owned().ended(session.id(), SessionRegistry.told(reason));
        }
    }

    /** Makes the id of a new session. */
    String newId() {
        Nodes among = nodes;
        return among == null ? Secrets.token() : among.newId();
    }

    void access(Access value) {
        access = value;
    }

    Access access() {
        Access made = access;
        if (made == null) {
            throw new IllegalStateException("The engine is not mounted yet.");
        }
        return made;
    }

    synchronized void cluster(Broker newBroker, PresenceStore presence) {
        if (hub != null) {
            throw new IllegalStateException("The cluster must be set before channels are used.");
        }
        broker = newBroker;
        presenceStore = presence;
    }

    /** Returns the channels; every publish comes by here, and takes no lock once they are there. */
    ChannelHub hub() {
        ChannelHub made = hub;
        return made == null ? firstHub() : made;
    }

    private synchronized ChannelHub firstHub() {
        ChannelHub made = hub;
        if (made == null) {
            made = new ChannelHub(
                    options,
                    broker == null ? new MemoryBroker(options.broker(), clock) : broker,
                    presenceStore == null ? new MemoryPresence() : presenceStore,
                    codec,
                    new TimeLimit(options.broker().timeout().toMillis(), this::after));
            hub = made;
        }
        return made;
    }

    /** Sets a deadline from any thread: on the loop of whoever calls, which in a session's case needs no hop. */
    private Runnable after(long millis, Runnable task) {
        EventLoop loop = loopOf(here());
        TimerWheel.@Nullable Timer[] set = new TimerWheel.@Nullable Timer[1];
        loop.run(() -> set[0] = loop.after(millis, task));
        return () -> loop.run(() -> {
            TimerWheel.Timer timer = set[0];
            if (timer != null) {
                timer.cancel();
            }
        });
    }

    // ---- what goes to sessions -------------------------------------------------------------------------------------

    /** Returns what other nodes are told of this one. */
    JsonObject facts() {
        JsonObject all = stats();
        return new JsonObject()
                .put("sessions", all.getValue("sessions"))
                .put("sessionsByTransport", all.getValue("sessionsByTransport"))
                .put("bareReaders", all.getValue("bareReaders"));
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

    JsonObject stats() {
        JsonObject all = stats.toJson(registry.all());
        all.put("bareReaders", readers.size())
                .put("addresses", admission.addresses())
                .put("limitsShared", admission.shared().shared());
        return overload.addTo(all);
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    boolean closing() {
        return closing;
    }

    /** Tells whether nobody is taken in any more, because those that are there go elsewhere. */
    boolean draining() {
        return draining || closing;
    }

    /** Takes nobody in any more, and ends all sessions and bare reads; completes when they have ended, or had five seconds to. */
    Future<Void> end() {
        Nodes among = nodes;
        if (among == null || !among.joined() || closing) {
            return endAll();
        }
        return drain(DRAIN)
                .timeout(LiveSession.LEAVING, TimeUnit.MILLISECONDS)
                .otherwiseEmpty()
                .compose(v -> endAll());
    }

    private Future<Void> endAll() {
        closing = true;
        List<Future<Void>> ending = new ArrayList<>();
        for (LiveSession session : registry.all()) {
            ending.add(session.close(CloseReason.RESTART));
        }
        readers.cut();
        Nodes among = nodes;
        if (among != null) {
            among.relay().end();
        }
        return Future.join(ending)
                .<Void>mapEmpty()
                .timeout(LiveSession.LEAVING + 1_000, TimeUnit.MILLISECONDS)
                .otherwiseEmpty();
    }

    Future<Void> closeHub() {
        ChannelHub made = hub;
        return made == null ? Future.succeededFuture() : made.close();
    }
}
