package dev.polywire.proxies;

import dev.polywire.AddressOptions;
import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.cluster.redis.RedisCluster;
import dev.polywire.cluster.redis.RedisOptions;
import dev.polywire.conformance.Await;
import dev.polywire.spi.Broker;
import dev.polywire.transport.longpoll.LongPollTransport;
import dev.polywire.transport.sse.SseTransport;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.healthchecks.HealthChecks;
import io.vertx.ext.healthchecks.Status;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.healthchecks.HealthCheckHandler;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** One node with the endpoints that a proxy wants, as docs/operations.md has them. */
final class ServedNode {
    final Realtime realtime;
    final HttpServer server;

    /** Requests to the engine's endpoints that have come here. */
    final AtomicInteger requests = new AtomicInteger();

    /** From where clients have come. */
    final Set<String> addresses = ConcurrentHashMap.newKeySet();

    /** Whether more may be sent here. */
    volatile boolean open = true;

    /**
     * Starts it.
     *
     * @param vertx carries it
     * @param number what {@code GET /which} answers
     * @param redis where the nodes meet
     * @param published hears what clients publish to {@code open:up}
     */
    ServedNode(Vertx vertx, int number, RedisOptions redis, Consumer<String> published) {
        RealtimeOptions options = new RealtimeOptions()
                .limits(new LimitOptions().address(new AddressOptions().trustedProxies(List.of("127.0.0.1"))))
                .namespace(
                        "open",
                        new ChannelOptions()
                                .publish(ChannelOptions.Publishers.ANYONE)
                                .historySize(5000)
                                .historyAge(Duration.ofMinutes(10)));
        RedisCluster cluster = new RedisCluster(redis);
        realtime = Realtime.create(vertx, options)
                .transport(new WebSocketTransport())
                .transport(new SseTransport())
                .transport(new LongPollTransport())
                .authenticator((token, who) -> {
                    addresses.add(who.remoteAddress());
                    return Future.succeededFuture(Principal.ANONYMOUS);
                })
                .cluster(cluster);
        realtime.channels().handler("open", new ChannelHandler() {
            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                published.accept(publication.message().payload().toString());
                return Future.succeededFuture(publication);
            }
        });
        HealthChecks checks = HealthChecks.create(vertx);
        checks.register("redis", promise -> cluster.ready().onComplete(promise));
        checks.register("open", promise -> promise.complete(open ? Status.OK() : Status.KO()));
        Router router = Router.router(vertx);
        router.get("/ready").handler(HealthCheckHandler.createWithHealthChecks(checks));
        router.get("/which").handler(ctx -> ctx.end(Integer.toString(number)));
        router.route("/realtime/*").handler(ctx -> {
            requests.incrementAndGet();
            ctx.next();
        });
        realtime.mount(router);
        Await.get("node " + number + " has joined", realtime.ready().map(true));
        server = Await.get(
                "node " + number,
                vertx.createHttpServer(options.applyTo(new HttpServerOptions()))
                        .requestHandler(router)
                        .listen(0, "127.0.0.1"));
        // HAProxy takes a server out when its very first check fails.
        Await.until(
                "node " + number + " is ready",
                () -> Await.get("its status", cluster.ready()).isOk());
    }

    int port() {
        return server.actualPort();
    }

    int sessions() {
        return realtime.stats().getInteger("sessions");
    }
}
