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
import dev.polywire.SubscriptionTokens;
import dev.polywire.TransportChoice;
import dev.polywire.auth.ChannelTokens;
import dev.polywire.auth.JwtAuthenticator;
import dev.polywire.limit.SharedLimits;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Versions;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Peers;
import dev.polywire.spi.PresenceStore;
import dev.polywire.spi.Transport;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The engine in the application's hands: takes what it sets, puts that on a router, and shows it what goes on. */
public final class Assembly implements Realtime {
    private final Vertx vertx;
    private final Engine engine;
    private final Facade facade;
    private final Gateway gateway;
    private final List<Transport> transports = new ArrayList<>();

    private @Nullable Authenticator authenticator;
    private Authorizer authorizer = Authorizer.ALLOW_ALL;
    private @Nullable SubscriptionTokens tokens;
    private volatile @Nullable JwtAuthenticator jwt;
    private boolean mounted;
    private volatile @Nullable EventBusBridge bridge;

    /**
     * Creates an engine; for {@link Realtime#create}.
     *
     * @param vertx runs it
     * @param options how it behaves; copied
     * @param clock monotonic milliseconds
     */
    public Assembly(Vertx vertx, RealtimeOptions options, LongSupplier clock) {
        this.vertx = vertx;
        this.engine = new Engine(vertx, new RealtimeOptions(options).check(), clock);
        this.facade = new Facade(engine);
        this.gateway = new Gateway(engine);
    }

    /** Returns what the parts share; for tests of this package. */
    Engine engine() {
        return engine;
    }

    /** Returns the way in; for tests of this package. */
    Gateway gateway() {
        return gateway;
    }

    // ---- setting up ------------------------------------------------------------------------------------------------

    @Override
    public synchronized Realtime authenticator(Authenticator value) {
        unmounted("authenticator");
        authenticator = value;
        return this;
    }

    @Override
    public synchronized Realtime authorizer(Authorizer value) {
        unmounted("authorizer");
        authorizer = value;
        return this;
    }

    @Override
    public synchronized Realtime subscriptionTokens(SubscriptionTokens value) {
        unmounted("subscriptionTokens");
        tokens = value;
        return this;
    }

    @Override
    public synchronized Realtime transport(Transport transport) {
        unmounted("transport");
        transports.add(transport);
        return this;
    }

    /** A rule that comes too late would not be asked, and nobody would notice. */
    private void unmounted(String setter) {
        if (mounted) {
            throw new IllegalStateException(
                    "Realtime." + setter + "(…) must be called before the engine is mounted or deployed.");
        }
    }

    @Override
    public Realtime transportChoice(TransportChoice value) {
        engine.choice(value);
        return this;
    }

    @Override
    public Realtime cluster(Broker broker, PresenceStore presence) {
        engine.cluster(broker, presence);
        return this;
    }

    @Override
    public synchronized Realtime cluster(Cluster cluster) {
        unmounted("cluster");
        ClusterBounds.check(engine.options());
        engine.cluster(cluster.broker(), cluster.presence());
        engine.admission().share(cluster.quota());
        engine.nodes(new Nodes(engine, gateway, cluster, vertx));
        return this;
    }

    /**
     * Sets the protocol versions that are spoken; for tests of translation.
     *
     * @param value the versions
     * @return this
     */
    public Assembly versions(Versions value) {
        engine.versions(value);
        return this;
    }

    /**
     * Returns the limits of users and addresses; for tests, which want to know when other nodes have heard.
     *
     * @return always the same
     */
    public SharedLimits limits() {
        return engine.admission().shared();
    }

    /**
     * Sets what the circuit breaker goes by; for tests, which have no heap to fill and no loop to hold up.
     *
     * @param heap the fraction of the heap that is full
     * @param lag how late the event loops are, milliseconds
     * @return this
     */
    public Assembly probes(DoubleSupplier heap, LongSupplier lag) {
        engine.overload().probes(heap, lag);
        return this;
    }

    @Override
    public Realtime request(String address, RequestHandler handler) {
        engine.requests().handler(address, handler);
        return this;
    }

    @Override
    public Realtime onConnect(Consumer<Session> handler) {
        engine.hooks().onConnect(handler);
        return this;
    }

    @Override
    public Realtime onDisconnect(BiConsumer<Session, CloseReason> handler) {
        engine.hooks().onDisconnect(handler);
        return this;
    }

    @Override
    public synchronized Realtime mount(Router router) {
        boolean signed = options().auth().jwt().usable();
        if (authenticator == null && !signed && !options().allowAnonymous()) {
            throw new IllegalStateException(
                    "Set an Authenticator with Realtime.authenticator(…) or auth.jwt in the options,"
                            + " or allow anonymous access with RealtimeOptions.allowAnonymous(true); without any of these nobody"
                            + " could connect safely.");
        }
        if (!mounted) {
            Mounting.find(transports, options());
            if (signed) {
                verifyTokens();
            }
            SubscriptionTokens verifier = tokens == null && jwt != null ? new ChannelTokens(jwt) : tokens;
            Access access = new Access(engine, authenticator, authorizer, verifier);
            if (verifier == null && access.gate().asksForTokens()) {
                throw new IllegalStateException(
                        "A namespace has the option subscribe: token, so who verifies such tokens must be"
                                + " set with Realtime.subscriptionTokens(…), or auth.jwt in the options.");
            }
            engine.access(access);
            if (options().eventBus().enabled()) {
                bridge = new EventBusBridge(engine, facade, vertx);
            }
            // Last: what could not be mounted may be set right and mounted again.
            mounted = true;
            Nodes nodes = engine.nodes();
            if (nodes != null) {
                nodes.join();
            }
        }
        if (authenticator != null && options().auth().tickets() > 0) {
            TicketEndpoint.mount(router, engine, gateway);
        }
        Mounting.mount(router, vertx, gateway, transports);
        return this;
    }

    private void verifyTokens() {
        if (authenticator != null && authenticator != jwt) {
            throw new IllegalStateException("There must be one Authenticator: either that of"
                    + " Realtime.authenticator(…), or auth.jwt in the options.");
        }
        JwtAuthenticator made = jwt;
        if (made == null) {
            made = new JwtAuthenticator(vertx, options().auth().jwt());
            jwt = made;
        }
        authenticator = made;
    }

    @Override
    public synchronized Future<Void> ready() {
        JwtAuthenticator fetching = jwt;
        Nodes nodes = engine.nodes();
        Future<Void> keys = fetching == null ? Future.succeededFuture() : fetching.ready();
        return nodes == null ? keys : keys.compose(there -> nodes.ready());
    }

    @Override
    public Supplier<VerticleBase> verticle() {
        return verticle(RealtimeVerticle.plain());
    }

    @Override
    public Supplier<VerticleBase> verticle(HttpServerOptions http) {
        HttpServerOptions mine = new HttpServerOptions(http);
        if (mine.isSsl() && options().tls().given()) {
            throw new IllegalArgumentException(
                    "TLS must be set up by the options (\"tls\") or by the HttpServerOptions that the"
                            + " verticle is given, not by both.");
        }
        return () -> new RealtimeVerticle(this, mine);
    }

    // ---- what goes on ----------------------------------------------------------------------------------------------

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
        return engine.options();
    }

    @Override
    public JsonObject stats() {
        return engine.stats();
    }

    @Override
    public Future<List<Peers.Node>> nodes() {
        Nodes nodes = engine.nodes();
        return nodes == null ? Future.succeededFuture(List.of(new Peers.Node("", engine.facts()))) : nodes.list();
    }

    @Override
    public Future<Void> drain(Duration time) {
        return engine.drain(time);
    }

    @Override
    public Future<Void> close() {
        Future<Void> ended = engine.end();
        EventBusBridge listening = bridge;
        Future<Void> deaf = listening == null ? Future.succeededFuture() : listening.close();
        JwtAuthenticator fetching = jwt;
        Future<Void> still = fetching == null ? Future.succeededFuture() : fetching.close();
        Nodes nodes = engine.nodes();
        return ended.eventually(() -> deaf)
                .eventually(() -> still)
                .eventually(() -> nodes == null ? Future.succeededFuture() : nodes.leave())
                .eventually(engine::closeHub);
    }
}
