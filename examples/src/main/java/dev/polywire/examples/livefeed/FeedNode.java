package dev.polywire.examples.livefeed;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SlowConsumerPolicy;
import dev.polywire.examples.shared.DemoHttp;
import dev.polywire.spi.Cluster;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.StaticHandler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A realtime engine, and an HTTP server with the page.
 *
 * @param realtime the engine
 * @param server listens
 */
record FeedNode(Realtime realtime, HttpServer server) {
    /** How many lines are kept for who comes back in a new session. */
    private static final int HISTORY = 2400;

    /** So often at most is a page told of a new state, updates a second. */
    static final int UPDATES = 20;

    /** What a page asks for when it is further behind than an update reaches. */
    static final String WHOLE = "whole";

    /** What a page asks to learn which node has its session. */
    private static final String WHICH_NODE = "which-node";

    /** Makes an engine that is one of several when it has a cluster to join. */
    static Realtime engine(Vertx vertx, Source source, @Nullable Cluster cluster) {
        RealtimeOptions options = new RealtimeOptions()
                .allowAnonymous(true)
                .namespace(source.channel(), source.isState() ? stateChannel() : logChannel());
        Realtime realtime = Realtime.create(vertx, options);
        return cluster == null ? realtime : realtime.cluster(cluster);
    }

    /**
     * A channel of increments to a state. What comes within a twentieth of a second, or while a page cannot take more, gives way
     * to the newest, for which nobody waits; it reaches far enough back to do for those that gave way.
     */
    private static ChannelOptions stateChannel() {
        return new ChannelOptions()
                .presence(true)
                .slowConsumer(SlowConsumerPolicy.LATEST)
                .historySize(1)
                .maxBatchDelay(Duration.ofMillis(1000 / UPDATES));
    }

    /** A channel in which every message matters. */
    private static ChannelOptions logChannel() {
        return new ChannelOptions().presence(true).historySize(HISTORY).historyAge(Duration.ofMinutes(10));
    }

    /** Which one of how many a node is. */
    record Place(int number, int of) {}

    /** Serves what an engine has to say about a feed. */
    static Future<FeedNode> start(
            Vertx vertx, Realtime realtime, Feed feed, String channel, Place place, String host, int port) {
        realtime.channels().handler(channel, feed);
        // A session's requests are answered where the session is, so this tells a page which node that is now.
        realtime.request(WHICH_NODE, (session, payload) -> Future.succeededFuture(place.number()));
        realtime.request(WHOLE, (session, payload) -> Future.succeededFuture(feed.snapshot()));
        RealtimeOptions options = realtime.options();
        Router router = Router.router(vertx);
        realtime.mount(router);
        router.get("/feed.json")
                .handler(ctx -> ctx.json(new JsonObject()
                        .put("path", options.path())
                        .put("channel", channel)
                        .put("nodes", place.of())
                        .put("transports", options.transports())));
        router.get().handler(ctx -> {
            ctx.response()
                    .putHeader(
                            "Content-Security-Policy",
                            "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'")
                    .putHeader("X-Content-Type-Options", "nosniff")
                    .putHeader("Referrer-Policy", "no-referrer");
            ctx.next();
        });
        // What the page takes from others comes out of jars: the policy above forbids it to load anything elsewhere.
        router.get("/webjars/*").handler(StaticHandler.create("META-INF/resources/webjars"));
        router.get("/shared/*")
                .handler(StaticHandler.create("shared").setCachingEnabled(false).setIndexPage("none"));
        router.get().handler(StaticHandler.create("livefeed").setCachingEnabled(false));
        HttpServerOptions http = options.applyTo(DemoHttp.options(host, port));
        return realtime.ready()
                .compose(ready ->
                        vertx.createHttpServer(http).requestHandler(router).listen())
                .map(server -> new FeedNode(realtime, server))
                .recover(failure -> realtime.close().transform(done -> Future.failedFuture(failure)));
    }

    int port() {
        return server.actualPort();
    }

    Future<Void> close() {
        return realtime.close().transform(done -> server.close());
    }
}
