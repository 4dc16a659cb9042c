package dev.polywire.examples.livefeed;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.BufferedInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/** The live feed: an HTTP server with a page, a realtime engine, and a source that feeds it. */
public final class LiveFeed {
    private static final int HISTORY = 2400;

    private final Realtime realtime;
    private final HttpServer server;
    private final Feed feed;
    private final String channel;

    private LiveFeed(Realtime realtime, HttpServer server, Feed feed, String channel) {
        this.realtime = realtime;
        this.server = server;
        this.feed = feed;
        this.channel = channel;
    }

    /**
     * Starts a live feed.
     *
     * @param vertx where it runs
     * @param settings what is fed, and where it is served
     * @return completes when the server listens
     */
    public static Future<LiveFeed> start(Vertx vertx, LiveFeedSettings settings) {
        return vertx.executeBlocking(() -> source(settings)).compose(source -> start(vertx, settings, source));
    }

    static Future<LiveFeed> start(Vertx vertx, LiveFeedSettings settings, Source source) {
        RealtimeOptions options = new RealtimeOptions()
                .allowAnonymous(true)
                .namespace(
                        source.channel(),
                        new ChannelOptions().presence(true).historySize(HISTORY).historyAge(Duration.ofMinutes(10)));
        Realtime realtime = Realtime.create(vertx, options);
        Feed feed = new Feed(source, realtime.channels());
        realtime.channels().handler(source.channel(), feed);

        Router router = Router.router(vertx);
        realtime.mount(router);
        String channel = source.channel();
        router.get("/feed.json")
                .handler(ctx -> ctx.json(new JsonObject()
                        .put("path", options.path())
                        .put("channel", channel)
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

        HttpServerOptions http = options.applyTo(new HttpServerOptions())
                .setHost(settings.host())
                .setPort(settings.port());
        return vertx.createHttpServer(http)
                .requestHandler(router)
                .listen()
                .map(server -> {
                    feed.start();
                    return new LiveFeed(realtime, server, feed, channel);
                })
                .recover(failure -> realtime.close().transform(done -> Future.failedFuture(failure)));
    }

    /**
     * Returns the port that it listens on.
     *
     * @return the free one that was taken when 0 was asked for
     */
    public int port() {
        return server.actualPort();
    }

    /**
     * Returns the channel that the feed is published to.
     *
     * @return {@code metrics} or {@code lines}
     */
    public String channel() {
        return channel;
    }

    /**
     * Returns the engine.
     *
     * @return running until {@link #close}
     */
    public Realtime realtime() {
        return realtime;
    }

    /**
     * Stops feeding and serving.
     *
     * @return completes when the server is closed
     */
    public Future<Void> close() {
        feed.close();
        return realtime.close().transform(done -> server.close());
    }

    JsonObject snapshot() {
        return feed.snapshot();
    }

    private static Source source(LiveFeedSettings settings) {
        return switch (settings.from()) {
            case MACHINE -> new MachineSource(settings.rate());
            case STDIN ->
                new LineSource("standard input", settings.rate(), () -> System.in, Pace.perSecond(settings.rate()));
            case FILE -> {
                Path file = Objects.requireNonNull(settings.file());
                yield new LineSource(
                        file.getFileName().toString(),
                        settings.rate(),
                        () -> new BufferedInputStream(Files.newInputStream(file)),
                        Pace.perSecond(settings.rate()));
            }
        };
    }
}
