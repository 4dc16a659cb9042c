package dev.polywire.integration;

import dev.polywire.ChannelOptions;
import dev.polywire.RateLimit;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.TransportChoice;
import dev.polywire.protocol.Payload;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.function.Consumer;

/** A real server for clients in other languages: everybody may do everything in the namespaces {@code test} and {@code plain}. */
public final class OpenServer {
    private final Realtime realtime;
    private final HttpServer server;

    private OpenServer(Realtime realtime, HttpServer server) {
        this.realtime = realtime;
        this.server = server;
    }

    /** What it runs with. */
    public static RealtimeOptions options() {
        ChannelOptions open = new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE);
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions().rate(new RateLimit(100_000, 200_000, 100_000_000, 200_000_000, 1000)))
                .namespace("test", new ChannelOptions(open).historySize(1000).presence(true))
                .namespace("plain", open);
    }

    public static Future<OpenServer> start(Vertx vertx, RealtimeOptions options, int port) {
        return start(vertx, options, port, realtime -> {});
    }

    /** Starts it with what else is to be set before it is mounted. */
    public static Future<OpenServer> start(
            Vertx vertx, RealtimeOptions options, int port, Consumer<Realtime> settings) {
        Realtime realtime = Realtime.create(vertx, options);
        settings.accept(realtime);
        // A client that says "only" is offered that wire alone, as an application would do for a network that it knows.
        realtime.transportChoice((who, capabilities, general) -> new TransportChoice.Offer(
                capabilities.value() instanceof JsonObject said && said.containsKey("only")
                        ? List.of(said.getString("only"))
                        : general,
                null));
        realtime.request("echo", (session, payload) -> Future.succeededFuture(payload));
        realtime.request("test.shout", (session, payload) -> {
            JsonObject what = (JsonObject) payload.value();
            return realtime.channels()
                    .publish(what.getString("channel"), what.getString("event", "shout"), what.getValue("payload"))
                    .map("ok");
        });
        realtime.request(
                "test.ask",
                (session, payload) -> session.request("asked", payload, java.time.Duration.ofSeconds(5))
                        .map(Payload::value));
        Router router = Router.router(vertx);
        realtime.mount(router);
        return vertx.createHttpServer(options.applyTo(new HttpServerOptions()))
                .requestHandler(router)
                .listen(port, "127.0.0.1")
                .map(server -> new OpenServer(realtime, server));
    }

    public int port() {
        return server.actualPort();
    }

    public Realtime realtime() {
        return realtime;
    }

    public Future<Void> close() {
        return realtime.close().eventually(server::close);
    }

    /** Starts it by hand: {@code OpenServer PORT}. */
    public static void main(String[] args) {
        Vertx vertx = Vertx.vertx();
        start(vertx, options(), args.length == 0 ? 8080 : Integer.parseInt(args[0]))
                .onSuccess(server -> System.out.println("listening on http://127.0.0.1:" + server.port()))
                .onFailure(cause -> {
                    cause.printStackTrace();
                    vertx.close();
                });
    }
}
