package dev.polywire.examples.livefeed;

import dev.polywire.Realtime;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** The live feed: HTTP servers with a page, realtime engines, and a source that feeds them. */
public final class LiveFeed {
    private final Vertx vertx;
    private final Nodes nodes;
    private final Feed feed;
    private final String channel;

    private LiveFeed(Vertx vertx, Nodes nodes, Feed feed, String channel) {
        this.vertx = vertx;
        this.nodes = nodes;
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
        String channel = source.channel();
        if (settings.nodes() == 1) {
            Realtime realtime = FeedNode.engine(vertx, source, null);
            Feed feed = new Feed(source, realtime.channels());
            return Nodes.one(vertx, settings, realtime, feed, channel)
                    .map(nodes -> new LiveFeed(vertx, nodes, feed, channel).begin());
        }
        // The proxy first: whether its port is free is soon told.
        return Nodes.door(vertx, settings)
                .compose(door -> several(vertx, settings, source, door)
                        .recover(failure -> door.proxy().close().transform(done -> Future.failedFuture(failure))));
    }

    private static Future<LiveFeed> several(Vertx vertx, LiveFeedSettings settings, Source source, Nodes.Door door) {
        String channel = source.channel();
        return vertx.<RedisServer>executeBlocking(RedisServer::standalone).compose(redis -> {
            List<Realtime> engines = Nodes.engines(vertx, settings.nodes(), redis, source);
            Feed feed = new Feed(source, engines.get(0).channels());
            return Nodes.several(vertx, door, redis, engines, feed, channel)
                    .map(nodes -> new LiveFeed(vertx, nodes, feed, channel).begin());
        });
    }

    private LiveFeed begin() {
        feed.start();
        return this;
    }

    /**
     * Returns the port that it listens on.
     *
     * @return the free one that was taken when 0 was asked for
     */
    public int port() {
        return nodes.port();
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
     * Returns the engine, or the first of several.
     *
     * @return running until {@link #close}
     */
    public Realtime realtime() {
        return nodes.nodes().get(0).realtime();
    }

    /**
     * Stops feeding and serving.
     *
     * @return completes when the server is closed
     */
    public Future<Void> close() {
        feed.close();
        return nodes.close(vertx);
    }

    /** Returns the nodes, and what is before and behind them. */
    Nodes nodes() {
        return nodes;
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
