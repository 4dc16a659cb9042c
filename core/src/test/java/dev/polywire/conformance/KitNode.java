package dev.polywire.conformance;

import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.limit.SharedLimits;
import dev.polywire.session.Assembly;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import dev.polywire.testing.MemoryNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
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
     * @param attached where it is noted which attach of each session was committed last
     * @param setUp what is set before it is mounted
     */
    KitNode(
            Vertx vertx,
            RealtimeOptions options,
            List<Transport> transports,
            @Nullable LongSupplier clock,
            @Nullable Cluster cluster,
            Map<String, Long> attached,
            Consumer<Realtime> setUp) {
        realtime = clock == null ? Realtime.create(vertx, options) : Realtime.create(vertx, options, clock);
        for (Transport transport : transports) {
            realtime.transport(new Watched(transport, attached));
        }
        if (cluster != null) {
            if (clock != null && cluster instanceof MemoryNode node) {
                // What nodes share goes by the same clock.
                node.clock(clock);
            }
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

    /** Waits until each of several nodes knows what the others have used. */
    static void settle(List<KitNode> nodes) {
        List<SharedLimits> limits = nodes.stream()
                .map(node -> ((Assembly) node.realtime()).limits())
                .toList();
        // All tell first, and then all ask.
        for (int i = 0; i < 2; i++) {
            Await.until("all is told", () -> limits.stream().allMatch(SharedLimits::quiet));
            limits.forEach(SharedLimits::tellAll);
            Await.until("all is told", () -> limits.stream().allMatch(SharedLimits::quiet));
        }
    }

    void stop() {
        Await.get("the engine's end", realtime.close());
    }

    void close() {
        stop();
        Await.get("the server's end", http.close());
    }

    /** A transport, and a note of what it attaches. */
    private record Watched(Transport transport, Map<String, Long> attached) implements Transport {
        @Override
        public String name() {
            return transport.name();
        }

        @Override
        public void mount(Router router, SessionGateway gateway) {
            transport.mount(router, (SessionGateway) Proxy.newProxyInstance(
                    SessionGateway.class.getClassLoader(),
                    new Class<?>[] {SessionGateway.class},
                    (proxy, method, arguments) -> {
                        Object answer;
                        try {
                            answer = method.invoke(gateway, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                        if (method.getName().equals("attach")) {
                            note((Handshake) arguments[0], (Future<?>) answer);
                        }
                        return answer;
                    }));
        }

        private void note(Handshake who, Future<?> attach) {
            if (who.resume() != null) {
                attach.onSuccess(made ->
                        attached.merge(who.resume().session(), who.resume().attach(), Math::max));
            }
        }
    }
}
