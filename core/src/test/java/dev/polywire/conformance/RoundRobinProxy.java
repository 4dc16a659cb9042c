package dev.polywire.conformance;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP proxy on loopback that hands each request to the next of several servers, whatever connection it came by and whosever it is: what a balancer without stickiness does. It
 * says whose it is in {@code X-Forwarded-For}, carries WebSocket, and waits for nothing: bytes go on as they come.
 */
public final class RoundRobinProxy {
    private static final Set<String> OF_ONE_HOP = Set.of("connection", "keep-alive", "transfer-encoding", "upgrade");

    private final HttpServer server;
    private final HttpClient client;
    /** Connections that become something else; the other client would announce that it closes them. */
    private final HttpClient upgrades;

    private final List<Integer> targets;
    private final AtomicInteger requests = new AtomicInteger();

    /**
     * Starts a proxy.
     *
     * @param vertx carries it
     * @param targets the servers' ports on 127.0.0.1, looked at with each request
     */
    public RoundRobinProxy(Vertx vertx, List<Integer> targets) {
        this.targets = targets;
        // As a new connection each: one that its server is about to close would fail a request that nobody repeats.
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setKeepAlive(false).setSoLinger(0), new PoolOptions().setHttp1MaxSize(10_000));
        this.upgrades = vertx.createHttpClient(
                new HttpClientOptions().setSoLinger(0), new PoolOptions().setHttp1MaxSize(10_000));
        this.server =
                vertx.createHttpServer(new HttpServerOptions().setSoLinger(0)).requestHandler(this::pass);
        Await.get("the proxy's port", server.listen(0, "127.0.0.1"));
    }

    /**
     * Returns the port.
     *
     * @return on 127.0.0.1
     */
    public int port() {
        return server.actualPort();
    }

    /**
     * Counts the requests that have come.
     *
     * @return since the beginning
     */
    public int requests() {
        return requests.get();
    }

    /** Closes the port and all connections. */
    public void close() {
        Await.get("the proxy's end", server.close());
        Await.get("the proxy's end", client.close());
        Await.get("the proxy's end", upgrades.close());
    }

    private void pass(HttpServerRequest near) {
        near.pause();
        near.exceptionHandler(lost -> {});
        pass(near, List.copyOf(targets), requests.getAndIncrement(), 0);
    }

    /** A server that cannot be reached has seen nothing of the request, so that the next one may have it. */
    private void pass(HttpServerRequest near, List<Integer> now, int number, int tried) {
        if (tried == now.size()) {
            near.resume();
            near.response().setStatusCode(502).end();
            return;
        }
        int port = now.get(Math.floorMod(number + tried, now.size()));
        HttpClient by = near.headers().contains("upgrade") ? upgrades : client;
        by.request(new RequestOptions()
                        .setMethod(near.method())
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setURI(near.uri()))
                .onFailure(failure -> pass(near, now, number, tried + 1))
                .onSuccess(far -> forward(near, far));
    }

    private static void forward(HttpServerRequest near, HttpClientRequest far) {
        boolean upgrade = near.headers().contains("upgrade");
        copy(near.headers(), far.headers());
        far.headers().add("X-Forwarded-For", near.remoteAddress().hostAddress());
        far.exceptionHandler(lost -> near.connection().close());
        near.exceptionHandler(lost -> far.reset());
        near.response().exceptionHandler(lost -> far.reset());
        near.connection().closeHandler(closed -> far.reset());
        if (upgrade) {
            far.putHeader("connection", "upgrade").putHeader("upgrade", near.getHeader("upgrade"));
            far.connect()
                    .onFailure(failure -> near.connection().close())
                    .onSuccess(response -> upgraded(near, response));
            return;
        }
        far.response()
                .onFailure(failure -> near.connection().close())
                .onSuccess(response -> answer(near.response(), response));
        if (near.headers().contains("content-length") || near.headers().contains("transfer-encoding")) {
            if (!near.headers().contains("content-length")) {
                far.setChunked(true);
            }
            far.send(near);
        } else {
            near.resume();
            far.end();
        }
    }

    private static void answer(HttpServerResponse near, HttpClientResponse far) {
        near.setStatusCode(far.statusCode()).setStatusMessage(far.statusMessage());
        copy(far.headers(), near.headers());
        if (!far.headers().contains("content-length")) {
            near.setChunked(true);
        }
        far.exceptionHandler(lost -> near.reset());
        far.pipe().endOnFailure(false).to(near);
    }

    private static void upgraded(HttpServerRequest near, HttpClientResponse response) {
        if (response.statusCode() != 101) {
            near.resume();
            answer(near.response(), response);
            near.response().endHandler(done -> response.request().connection().close());
            return;
        }
        NetSocket far = response.netSocket();
        far.pause();
        copy(response.headers(), near.response().headers());
        near.response().putHeader("connection", "upgrade").putHeader("upgrade", response.getHeader("upgrade"));
        near.toNetSocket().onFailure(failure -> far.close()).onSuccess(socket -> {
            tunnel(socket, far);
            tunnel(far, socket);
            far.resume();
        });
    }

    private static void tunnel(NetSocket from, NetSocket to) {
        from.exceptionHandler(failure -> {});
        from.handler(to::write);
        from.closeHandler(closed -> to.close());
    }

    private static void copy(MultiMap from, MultiMap to) {
        from.forEach((name, value) -> {
            if (!OF_ONE_HOP.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                to.add(name, value);
            }
        });
    }
}
