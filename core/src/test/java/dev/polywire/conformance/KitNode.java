package dev.polywire.conformance;

import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Transport;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One engine of a {@link KitServer}, on a port of its own. */
final class KitNode {
    private final Realtime realtime;
    private final HttpServer http;

    /**
     * Starts a node.
     *
     * @param clock what its limits go by, or null
     * @param cluster what it joins, or null
     * @param setUp what is set before it is mounted
     */
    KitNode(
            Vertx vertx,
            RealtimeOptions options,
            List<Transport> transports,
            @Nullable LongSupplier clock,
            @Nullable Cluster cluster,
            Consumer<Realtime> setUp) {
        realtime = clock == null ? Realtime.create(vertx, options) : Realtime.create(vertx, options, clock);
        transports.forEach(realtime::transport);
        if (cluster != null) {
            realtime.cluster(cluster);
        }
        setUp.accept(realtime);
        Router router = Router.router(vertx);
        realtime.mount(router);
        Await.get("the node", realtime.ready().map(true));
        http = Await.get(
                "the server's port",
                vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    }

    Realtime realtime() {
        return realtime;
    }

    int port() {
        return http.actualPort();
    }

    void stop() {
        Await.get("the engine's end", realtime.close());
    }

    void close() {
        stop();
        Await.get("the server's end", http.close());
    }
}
