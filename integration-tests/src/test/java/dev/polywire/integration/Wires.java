package dev.polywire.integration;

import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.WebSocketDriver;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A Vert.x, a server and clients on any wire, for one test; everything ends with it. */
final class Wires implements AutoCloseable {
    final Vertx vertx = Vertx.vertx();
    private final List<ReferenceClient> clients = new ArrayList<>();
    private final List<ClientDriver> drivers = new ArrayList<>();

    private final List<Object> kept = new ArrayList<>();

    /** Keeps a Vert.x client alive until the end: one that nobody refers to is closed by the garbage collector. */
    <T> T keep(T client) {
        kept.add(client);
        return client;
    }

    /** Mounts an engine on a router of its own and listens. */
    int serve(Realtime realtime) {
        return serve(realtime.options(), realtime::mount);
    }

    int serve(RealtimeOptions options, Consumer<Router> routes) {
        Router router = Router.router(vertx);
        routes.accept(router);
        HttpServer server = Await.get(
                "a server",
                vertx.createHttpServer(options.applyTo(new HttpServerOptions()))
                        .requestHandler(router)
                        .listen(0, "127.0.0.1"));
        return server.actualPort();
    }

    ClientDriver driver(String wire, int port) {
        ClientDriver driver = switch (wire) {
            case "websocket" -> new WebSocketDriver(vertx, "127.0.0.1", port, "/realtime");
            case "sse" -> new SseDriver(vertx, "127.0.0.1", port, "/realtime");
            case "longpoll" -> new LongPollDriver(vertx, "127.0.0.1", port, "/realtime");
            default -> throw new IllegalArgumentException(wire);
        };
        drivers.add(driver);
        return driver;
    }

    ReferenceClient client(String wire, int port) {
        ReferenceClient client = new ReferenceClient(vertx, driver(wire, port));
        clients.add(client);
        return client;
    }

    static JsonObject frame(String type, String id) {
        return new JsonObject().put("type", type).put("id", id);
    }

    static JsonObject subscribe(String id, String... channels) {
        return frame("subscribe", id).put("channels", new JsonArray(List.of((Object[]) channels)));
    }

    static JsonObject publish(String id, String channel, Object payload) {
        return frame("publish", id).put("channel", channel).put("event", "e").put("payload", payload);
    }

    @Override
    public void close() {
        clients.forEach(ReferenceClient::close);
        drivers.forEach(driver -> Await.get("a driver's end", driver.close()));
        Await.get("the end of Vert.x", vertx.close());
    }
}
