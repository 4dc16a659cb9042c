package dev.polywire.examples.livefeed;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
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
    private static final int HISTORY = 2400;

    /** What a page asks to learn which node has its session. */
    private static final String WHICH_NODE = "which-node";

    /** Makes an engine that is one of several when it has a cluster to join. */
    static Realtime engine(Vertx vertx, String channel, @Nullable Cluster cluster) {
        RealtimeOptions options = new RealtimeOptions()
                .allowAnonymous(true)
                .namespace(
                        channel,
                        new ChannelOptions().presence(true).historySize(HISTORY).historyAge(Duration.ofMinutes(10)));
        Realtime realtime = Realtime.create(vertx, options);
        return cluster == null ? realtime : realtime.cluster(cluster);
    }

    /** Which one of how many a node is. */
    record Place(int number, int of) {}

    /** Serves what an engine has to say about a feed. */
    static Future<FeedNode> start(
            Vertx vertx, Realtime realtime, Feed feed, String channel, Place place, String host, int port) {
        realtime.channels().handler(channel, feed);
        // A session's requests are answered where the session is, so this tells a page which node that is now.
        realtime.request(WHICH_NODE, (session, payload) -> Future.succeededFuture(place.number()));
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
        router.get().handler(StaticHandler.create("livefeed").setCachingEnabled(false));
        HttpServerOptions http =
                options.applyTo(new HttpServerOptions()).setHost(host).setPort(port);
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
