package dev.polywire.examples.livefeed;

import dev.polywire.Realtime;
import dev.polywire.cluster.redis.RedisCluster;
import dev.polywire.cluster.redis.RedisOptions;
import dev.polywire.examples.shared.DemoHttp;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a live feed, and how one gets to them: the only one directly; several by a proxy that hands each request to the next of them, whosever it is, with a real Redis behind them.
 *
 * @param nodes at least one
 * @param proxy before several
 * @param redis behind several
 */
record Nodes(
        List<FeedNode> nodes,
        @Nullable HttpServer proxy,
        @Nullable RedisServer redis) {
    private static final String LOOPBACK = "127.0.0.1";

    /** Starts one node where the settings say. */
    static Future<Nodes> one(Vertx vertx, LiveFeedSettings settings, Realtime realtime, Feed feed, String channel) {
        return FeedNode.start(
                        vertx, realtime, feed, channel, new FeedNode.Place(1, 1), settings.host(), settings.port())
                .map(node -> new Nodes(List.of(node), null, null));
    }

    /** Starts several on free ports of this machine, behind a proxy that is there already and is told of them. */
    static Future<Nodes> several(
            Vertx vertx, Door door, RedisServer redis, List<Realtime> engines, Feed feed, String channel) {
        List<Future<FeedNode>> starting = new ArrayList<>();
        for (int i = 0; i < engines.size(); i++) {
            FeedNode.Place place = new FeedNode.Place(i + 1, engines.size());
            starting.add(FeedNode.start(vertx, engines.get(i), feed, channel, place, LOOPBACK, 0));
        }
        return Future.join(starting)
                .map(all -> {
                    door.nodes().addAll(starting.stream().map(Future::result).toList());
                    return new Nodes(door.nodes(), door.proxy(), redis);
                })
                .recover(failure -> {
                    List<Future<Void>> ends = starting.stream()
                            .filter(Future::succeeded)
                            .map(node -> node.result().close())
                            .toList();
                    return Future.join(ends)
                            .transform(done -> end(vertx, redis).transform(ended -> Future.failedFuture(failure)));
                });
    }

    /** Makes engines that share a Redis; the first is the one to publish by. */
    static List<Realtime> engines(Vertx vertx, int count, RedisServer redis, Source source) {
        List<Realtime> engines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            engines.add(FeedNode.engine(
                    vertx, source, new RedisCluster(new RedisOptions().setEndpoints(redis.endpoints()))));
        }
        return engines;
    }

    private static Future<Void> end(Vertx vertx, RedisServer redis) {
        return vertx.executeBlocking(() -> {
            redis.close();
            return null;
        });
    }

    /** Returns the port that browsers are to use. */
    int port() {
        return proxy == null ? nodes.get(0).port() : proxy.actualPort();
    }

    Future<Void> close(Vertx vertx) {
        // At the same time, for none of them is to take over from the others.
        Future<Void> closed =
                Future.join(nodes.stream().map(FeedNode::close).toList()).transform(done -> Future.succeededFuture());
        if (proxy != null) {
            closed = closed.transform(done -> proxy.close());
        }
        RedisServer last = redis;
        return last == null ? closed : closed.transform(done -> end(vertx, last));
    }

    /**
     * A proxy, and the nodes that it goes to.
     *
     * @param proxy listens
     * @param nodes empty until they have started
     */
    record Door(HttpServer proxy, List<FeedNode> nodes) {}

    /** Starts a proxy where the settings say. */
    static Future<Door> door(Vertx vertx, LiveFeedSettings settings) {
        List<FeedNode> nodes = new CopyOnWriteArrayList<>();
        HttpClient client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(1000));
        AtomicInteger requests = new AtomicInteger();
        HttpProxy proxy = HttpProxy.reverseProxy(new ProxyOptions().setSupportWebSocket(true), client);
        proxy.origin(context -> {
            FeedNode next = nodes.get(Math.floorMod(requests.getAndIncrement(), nodes.size()));
            RequestOptions to = new RequestOptions().setServer(SocketAddress.inetSocketAddress(next.port(), LOOPBACK));
            // By its host a node tells which pages are its own, so it must be the one that the browser knows. Said
            // here,
            // because an interceptor's word for it does not hold for WebSocket.
            HostAndPort known = context.request().proxiedRequest().authority();
            if (known != null) {
                to.setHost(known.host()).setPort(known.port() > 0 ? known.port() : 80);
            }
            // Connections that are cut are what this is about, and nothing to log.
            return context.client().request(to).map(request -> request.exceptionHandler(lost -> {}));
        });
        return vertx.createHttpServer(DemoHttp.options(settings.host(), settings.port()))
                .requestHandler(request -> {
                    if (nodes.isEmpty()) {
                        request.response()
                                .setStatusCode(503)
                                .putHeader("Retry-After", "1")
                                .end("The nodes are starting.");
                    } else {
                        proxy.handle(request);
                    }
                })
                .listen()
                .map(server -> new Door(server, nodes));
    }
}
