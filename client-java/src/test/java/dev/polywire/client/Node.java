package dev.polywire.client;

import dev.polywire.AddressOptions;
import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.OverloadOptions;
import dev.polywire.RateLimit;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.testing.MemoryCluster;
import dev.polywire.testing.MemoryNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** A real server on loopback, on a port that stays when it starts anew, with history that outlives it. */
final class Node {
    /** What {@code 503} asks for. */
    static final long PAUSE_MS = 1000;

    private final Vertx vertx;
    private final UnaryOperator<SessionOptions> session;
    private final MemoryCluster cluster = new MemoryCluster();
    private final AtomicReference<Router> routes = new AtomicReference<>();
    /** Statuses that paths below the mount path are answered with, as by a proxy in front. */
    private final Map<String, Integer> refuses = new ConcurrentHashMap<>();

    private final List<Long> refused = new CopyOnWriteArrayList<>();
    private volatile HttpServer http;
    private int killed;
    private volatile Realtime realtime;
    private volatile MemoryNode node;

    Node(Vertx vertx) {
        this(vertx, session -> session);
    }

    Node(Vertx vertx, UnaryOperator<SessionOptions> session) {
        this.vertx = vertx;
        this.session = session;
        start();
        http = listen(0);
    }

    private HttpServer listen(int port) {
        return Await.get(
                "a server",
                vertx.createHttpServer().requestHandler(this::handle).listen(port, "127.0.0.1"));
    }

    private void handle(HttpServerRequest request) {
        for (Map.Entry<String, Integer> one : refuses.entrySet()) {
            if (request.path().startsWith("/realtime" + one.getKey())) {
                refused.add(System.nanoTime() / 1_000_000);
                HttpServerResponse response = request.response().setStatusCode(one.getValue());
                if (one.getValue() == 503) {
                    response.putHeader("Retry-After", String.valueOf(PAUSE_MS / 1000));
                }
                response.end("no");
                return;
            }
        }
        routes.get().handle(request);
    }

    /** Sets what is refused, by the path below the mount path, and with which status. */
    void refuse(Map<String, Integer> all) {
        refuses.clear();
        refuses.putAll(all);
        refused.clear();
    }

    /** Returns when something was refused, milliseconds from no particular beginning. */
    List<Long> refused() {
        return refused;
    }

    private RealtimeOptions options() {
        ChannelOptions open = new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE);
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(session.apply(
                        new SessionOptions().rate(new RateLimit(100_000, 200_000, 100_000_000, 200_000_000, 1000))))
                .limits(new LimitOptions()
                        .userMessages(0)
                        .userBytes(0)
                        .overload(new OverloadOptions().lag(Duration.ZERO))
                        .attaches(0)
                        .address(new AddressOptions()
                                .messages(0)
                                .bytes(0)
                                .opens(0)
                                .connects(0)))
                .namespace("test", new ChannelOptions(open).historySize(10_000).presence(true))
                .namespace("plain", open);
    }

    private void start() {
        MemoryNode mine = cluster.node();
        node = mine;
        Realtime made = Realtime.create(vertx, options()).cluster(mine);
        made.request("echo", (session, payload) -> Future.succeededFuture(payload));
        made.request(
                "ask",
                (session, payload) ->
                        session.request("asked", payload, Duration.ofSeconds(5)).map(Payload::value));
        made.request("never", (session, payload) -> Promise.promise().future());
        made.request("tell", (session, payload) -> session.send("told", payload).map("ok"));
        Router router = Router.router(vertx);
        made.mount(router);
        Await.get("the engine", made.ready().map(true));
        realtime = made;
        routes.set(router);
    }

    /** Ends the engine, which leaves its sessions for the next one, and starts that. */
    void restart() {
        Await.get("the engine's end", realtime.close());
        start();
    }

    /** Cuts all connections without a word, and is gone, with its sessions. */
    void kill() {
        killed = port();
        Await.get("the server's end", http.close());
        node.kill();
    }

    /** Is there again, after {@link #kill}. */
    void revive() {
        start();
        http = listen(killed);
    }

    Realtime realtime() {
        return realtime;
    }

    int port() {
        return http.actualPort();
    }

    static String url(int port) {
        return "http://127.0.0.1:" + port + "/realtime";
    }
}
