package dev.polywire.faults;

import dev.polywire.AddressOptions;
import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.RateLimit;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.cluster.redis.NodeOptions;
import dev.polywire.cluster.redis.RedisCluster;
import dev.polywire.cluster.redis.RedisOptions;
import dev.polywire.transport.longpoll.LongPollTransport;
import dev.polywire.transport.sse.SseTransport;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One node in a process of its own. Says {@code listening} with its port when it has joined; {@code drain} on its standard input has it give its
 * sessions away, say {@code drained}, and end.
 */
public final class FaultNode {
    private FaultNode() {}

    /** Runs it; the argument is JSON: {@code redis} and {@code node}, the options of each. */
    public static void main(String[] arguments) {
        JsonObject told = new JsonObject(arguments[0]);
        Vertx vertx = Vertx.vertx();
        RealtimeOptions options = new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions()
                        .heartbeat(Duration.ofSeconds(5))
                        .rate(new RateLimit(100_000, 200_000, 100_000_000, 200_000_000, 1000)))
                // The crowd comes from one address.
                .limits(new LimitOptions()
                        .userMessages(0)
                        .userBytes(0)
                        .attaches(0)
                        .address(new AddressOptions()
                                .messages(0)
                                .bytes(0)
                                .opens(0)
                                .connects(0)))
                .namespace(
                        "feed",
                        new ChannelOptions()
                                .publish(ChannelOptions.Publishers.ANYONE)
                                .historySize(20_000)
                                .historyAge(Duration.ofMinutes(10)));
        Realtime realtime = Realtime.create(vertx, options)
                .transport(new WebSocketTransport())
                .transport(new SseTransport())
                .transport(new LongPollTransport())
                .cluster(new RedisCluster(
                        new RedisOptions(told.getJsonObject("redis")), new NodeOptions(told.getJsonObject("node"))));
        Router router = Router.router(vertx);
        realtime.mount(router);
        realtime.ready()
                .compose(ready -> listen(vertx, options, router))
                .onSuccess(
                        server -> say(new JsonObject().put("event", "listening").put("port", server.actualPort())))
                .onFailure(failure -> {
                    failure.printStackTrace();
                    System.exit(1);
                });
        hear(realtime);
    }

    private static Future<HttpServer> listen(Vertx vertx, RealtimeOptions options, Router router) {
        return vertx.createHttpServer(options.applyTo(new HttpServerOptions()))
                .requestHandler(router)
                .listen(0, "127.0.0.1");
    }

    private static void hear(Realtime realtime) {
        try (var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals("drain")) {
                    realtime.drain(Duration.ofSeconds(1))
                            .eventually(realtime::close)
                            .onComplete(done -> {
                                say(new JsonObject().put("event", "drained").put("well", done.succeeded()));
                                System.exit(0);
                            });
                } else if (line.equals("stats")) {
                    say(new JsonObject().put("event", "stats").put("stats", realtime.stats()));
                }
            }
        } catch (IOException e) {
            e.printStackTrace();
        }
        // Whoever started this is gone.
        System.exit(2);
    }

    /** The event's name comes first, by which it is told from lines of a log. */
    private static void say(JsonObject event) {
        System.out.println(event.encode());
    }
}
