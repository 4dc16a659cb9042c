package dev.polywire;

import dev.polywire.protocol.CloseReason;
import dev.polywire.session.Assembly;
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
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A Polywire engine: sessions over any wire, and the channels that they share. Made once, set up, then mounted on a router or
 * deployed as a verticle. Setters are for the time before that.
 */
public interface Realtime {

    /**
     * Creates an engine.
     *
     * @param vertx runs it
     * @param options how it behaves; copied
     * @return an engine that is not mounted yet
     * @throws IllegalArgumentException when options contradict each other, saying what would be right
     */
    static Realtime create(Vertx vertx, RealtimeOptions options) {
        return create(vertx, options, () -> System.nanoTime() / 1_000_000);
    }

    /**
     * Creates an engine whose limits and deadlines go by another clock, for tests.
     *
     * @param vertx runs it
     * @param options how it behaves; copied
     * @param clock monotonic milliseconds
     * @return an engine that is not mounted yet
     */
    static Realtime create(Vertx vertx, RealtimeOptions options, LongSupplier clock) {
        return new Assembly(vertx, options, clock);
    }

    /**
     * Sets who tells users apart. Without it, {@link RealtimeOptions#allowAnonymous} must be set.
     *
     * @param authenticator the application's
     * @return this
     * @throws IllegalStateException when the engine is mounted already
     */
    Realtime authenticator(Authenticator authenticator);

    /**
     * Sets who may do what; everything that the channels' options allow, by default.
     *
     * @param authorizer the application's
     * @return this
     * @throws IllegalStateException when the engine is mounted already
     */
    Realtime authorizer(Authorizer authorizer);

    /**
     * Sets who verifies the tokens that clients show for single channels, where {@link ChannelOptions.Subscribers#TOKEN} asks for one.
     *
     * @param value asked on event loops
     * @return this
     * @throws IllegalStateException when the engine was mounted or deployed before
     */
    Realtime subscriptionTokens(SubscriptionTokens value);

    /**
     * Sets what each client is offered; what the options say, by default.
     *
     * @param choice the application's
     * @return this
     */
    Realtime transportChoice(TransportChoice choice);

    /**
     * Adds a transport. When none is added, those on the class path are found by {@link java.util.ServiceLoader}.
     *
     * @param transport the transport
     * @return this
     * @throws IllegalStateException when the engine is mounted already
     */
    Realtime transport(Transport transport);

    /**
     * Sets what carries messages between nodes and who knows who is present; in memory, by default. Sessions know nothing of other nodes by
     * that: a client has to come back to the node where its session is.
     *
     * @param broker the broker
     * @param presence the presence store
     * @return this
     */
    Realtime cluster(Broker broker, PresenceStore presence);

    /**
     * Makes this engine one node of several: any of them takes any request of any session, and channels, presence and what {@link #sessions} ends by user
     * are the same on all. The node joins when the engine is mounted; until {@link #ready} it answers 503. {@link #close} leaves.
     *
     * @param cluster the way to the others; for one engine only
     * @return this
     * @throws IllegalStateException when the engine is mounted already
     */
    Realtime cluster(Cluster cluster);

    /**
     * Answers clients' requests at an address.
     *
     * @param address what clients name
     * @param handler the answer
     * @return this
     */
    Realtime request(String address, RequestHandler handler);

    /**
     * Sets who hears of each session that opens.
     *
     * @param handler called once per session, on its event loop
     * @return this
     */
    Realtime onConnect(Consumer<Session> handler);

    /**
     * Sets who hears of each session that ends at this node, whatever it ends by.
     *
     * <p>A session that goes to another node has not ended; the node that has it last calls its own handler. Nobody's is called for a session that ends without a node: one that was given away, by
     * {@link #drain} or to the node that its client had reached, when nobody comes for it within {@link SessionOptions#grace}, and those of a node that died. A node that was silent for
     * longer than its lease calls it, with {@code lost}, when it is heard again. Presence is left in each of these cases.
     *
     * @param handler called once per session with the reason, on its event loop
     * @return this
     */
    Realtime onDisconnect(BiConsumer<Session, CloseReason> handler);

    /**
     * Adds the endpoints to a router, under {@link RealtimeOptions#path}.
     *
     * @param router may have body, session, CORS and authentication handlers before or behind it
     * @return this
     * @throws IllegalStateException when neither an authenticator nor anonymous access is set, or a transport is missing
     */
    Realtime mount(Router router);

    /**
     * Tells when what the engine needs from elsewhere is there: the keys of the tokens, if the options have a URL of them, and its place in the
     * cluster, if it is given one. Until then nobody is let in whose token only those keys could verify, or nobody at all. For after
     * {@link #mount}; a verticle waits for it by itself.
     *
     * @return complete at once when nothing is needed; fails when the first attempt did, saying why
     */
    Future<Void> ready();

    /**
     * Returns a supplier of verticles that serve this engine; each instance has its event loop, and all share the port.
     *
     * @return for {@link Vertx#deployVerticle(Supplier, io.vertx.core.DeploymentOptions)}
     */
    Supplier<VerticleBase> verticle();

    /**
     * Returns a supplier of verticles that serve this engine with a server of more options than {@link RealtimeOptions} has: client
     * certificates, several names, limits of HTTP/2 and so on. Host and port are those of {@link RealtimeOptions}, and what
     * {@link RealtimeOptions#applyTo} sets is set. Without TLS, switch off {@link HttpServerOptions#setHttp2ClearTextEnabled} as
     * {@link #verticle()} does, or nothing bounds how long a peer may take to send the head of its first request.
     *
     * @param http the server's options; copied
     * @return for {@link Vertx#deployVerticle(Supplier, io.vertx.core.DeploymentOptions)}
     * @throws IllegalArgumentException when both this and {@link RealtimeOptions#tls} set up TLS
     */
    Supplier<VerticleBase> verticle(HttpServerOptions http);

    /**
     * Returns the sessions of this node.
     *
     * @return never null
     */
    Sessions sessions();

    /**
     * Returns the channels.
     *
     * @return never null
     */
    Channels channels();

    /**
     * Returns who is where.
     *
     * @return never null
     */
    Presence presence();

    /**
     * Returns the options.
     *
     * @return not to be changed
     */
    RealtimeOptions options();

    /**
     * Returns what the engine has counted: sessions in all and by transport and the bytes that they keep, and totals since it was made.
     *
     * @return a new object
     */
    JsonObject stats();

    /**
     * Lists the nodes of the cluster that are alive, and what they say about themselves: {@code sessions}, {@code sessionsByTransport} and {@code bareReaders}, as in {@link #stats},
     * a few seconds old. Safe to call from any thread.
     *
     * @return in the order of their names; this node alone, without a name, when it has no cluster. Fails when the cluster cannot be asked
     */
    Future<List<Peers.Node>> nodes();

    /**
     * Takes no new sessions any more, and gives those that are here to the other nodes, a few at a time, so that their clients go on there. A
     * client is told to come back ({@code bye} 4016 {@code renew}) when its session is written for whichever node it reaches. Clients that open a session
     * are told to try elsewhere. Without other nodes the sessions stay until {@link #close}. May be called from any thread.
     *
     * @param time over which they are given away; zero for all at once
     * @return completes when all are given away
     */
    Future<Void> drain(Duration time);

    /**
     * Says {@code bye} to every client and ends every session, waiting for at most five seconds. Where there are other nodes, sessions are given to
     * them first, as by {@link #drain}, over two seconds.
     *
     * @return completes when done
     */
    Future<Void> close();
}
