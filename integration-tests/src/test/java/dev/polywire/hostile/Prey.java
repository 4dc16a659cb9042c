package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.AddressOptions;
import dev.polywire.ChannelOptions;
import dev.polywire.LimitOptions;
import dev.polywire.OverloadOptions;
import dev.polywire.RateLimit;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.RealtimeVerticle;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.WebSocketDriver;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A server with one event loop to be attacked, and witnesses on all three wires that were there before: whatever an attack does,
 * they get each message, once and in order, in the session that they had.
 */
final class Prey implements AutoCloseable {
    /** Where the witnesses listen. */
    static final String SQUARE = "square:1";

    static final List<String> WIRES = List.of("websocket", "sse", "longpoll");

    final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    final Realtime realtime;
    final int port;

    // Clients of their own loop, or they would wait behind what the attack makes of the server's.
    private final Vertx outside = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final List<ClientDriver> drivers = new ArrayList<>();
    private final List<ReferenceClient> witnesses = new ArrayList<>();
    private final List<String> sessions = new ArrayList<>();
    private final AtomicReference<@Nullable Thread> loop = new AtomicReference<>();
    private int told;

    /** Starts a server of its own. */
    Prey(RealtimeOptions options) {
        this(options, null);
    }

    /** Starts one that is mounted on a host's server, or, without options of that, has one of its own. */
    Prey(RealtimeOptions options, @Nullable HttpServerOptions http) {
        realtime = Realtime.create(vertx, options.host("127.0.0.1").port(0));
        port = http == null ? deploy() : mount(http);
        onLoop(() -> loop.set(Thread.currentThread()));
        for (String wire : WIRES) {
            ReferenceClient witness = client(wire);
            sessions.add(witness.connect().getString("session"));
            witness.ask(subscribe("s", SQUARE));
            witnesses.add(witness);
        }
    }

    private int deploy() {
        RealtimeVerticle verticle = (RealtimeVerticle) realtime.verticle().get();
        Await.get("a deployment", vertx.deployVerticle(verticle));
        return verticle.actualPort();
    }

    private int mount(HttpServerOptions http) {
        Router router = Router.router(vertx);
        realtime.mount(router);
        HttpServer server = Await.get(
                "a server", vertx.createHttpServer(http).requestHandler(router).listen(0, "127.0.0.1"));
        return server.actualPort();
    }

    /** Options with generous limits, for whom a single attack is not to be stopped by another limit than the one in question. */
    static RealtimeOptions options() {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .limits(new LimitOptions()
                        .userMessages(0)
                        .userBytes(0)
                        .attaches(0)
                        .address(new AddressOptions()
                                .messages(0)
                                .bytes(0)
                                .opens(0)
                                .connects(0)
                                .polls(1_000_000)
                                .sessions(1_000_000))
                        .overload(new OverloadOptions().heapPercent(0).lag(Duration.ZERO)))
                .session(new SessionOptions().rate(new RateLimit(1_000_000, 1_000_000, 1 << 28, 1 << 28, 1000)))
                .namespace("room", new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE))
                .namespace(
                        "kept",
                        new ChannelOptions()
                                .publish(ChannelOptions.Publishers.ANYONE)
                                .historySize(1000));
    }

    /** Sets how many may be there at a time. */
    static RealtimeOptions places(RealtimeOptions options, int sessions, int bareReaders) {
        options.limits().sessions(sessions).bareReaders(bareReaders);
        return options;
    }

    ReferenceClient client(String wire) {
        ClientDriver driver = switch (wire) {
            case "websocket" -> new WebSocketDriver(outside, "127.0.0.1", port, "/realtime");
            case "sse" -> new SseDriver(outside, "127.0.0.1", port, "/realtime");
            case "longpoll" -> new LongPollDriver(outside, "127.0.0.1", port, "/realtime");
            default -> throw new IllegalArgumentException(wire);
        };
        drivers.add(driver);
        return new ReferenceClient(outside, driver);
    }

    static JsonObject subscribe(String id, String... channels) {
        return new JsonObject().put("type", "subscribe").put("id", id).put("channels", new JsonArray(List.of((Object[])
                channels)));
    }

    static JsonObject publish(String id, String channel, Object payload) {
        return new JsonObject()
                .put("type", "publish")
                .put("id", id)
                .put("channel", channel)
                .put("payload", payload);
    }

    /** Tells the witnesses something. */
    Future<?> tell() {
        return realtime.channels().publish(SQUARE, "tick", ++told);
    }

    /** Tells the witnesses once more, and waits until each has heard all that was told, in order, in its first session. */
    void unharmed() {
        Await.get("a publish", tell());
        List<Object> all =
                IntStream.rangeClosed(1, told).boxed().map(Object.class::cast).toList();
        for (int i = 0; i < witnesses.size(); i++) {
            ReferenceClient witness = witnesses.get(i);
            String wire = WIRES.get(i);
            Await.until(
                    "message " + told + " over " + wire, () -> heard(witness).size() >= told);
            assertThat(heard(witness)).as(wire).isEqualTo(all);
            assertThat(realtime.sessions().get(sessions.get(i))).as(wire).isNotNull();
        }
    }

    /** Waits until nobody is there but the witnesses. */
    void alone() {
        Await.until(
                "the end of all sessions but " + WIRES.size(),
                java.time.Duration.ofSeconds(30),
                () -> realtime.stats().getInteger("sessions") == WIRES.size()
                        && realtime.stats().getInteger("bareReaders") == 0);
    }

    private static List<Object> heard(ReferenceClient witness) {
        return witness.frames().stream()
                .filter(frame -> SQUARE.equals(frame.getString("channel")) && "message".equals(frame.getString("type")))
                .map(frame -> frame.getValue("payload"))
                .toList();
    }

    /** Waits for something that is done on the server's event loop. */
    void onLoop(Runnable what) {
        Promise<Void> done = Promise.promise();
        Context context = vertx.getOrCreateContext();
        context.runOnContext(go -> {
            what.run();
            done.complete();
        });
        Await.get("the event loop", done.future());
    }

    /** Tells how many bytes the server's event loop has allocated so far. */
    long allocated() {
        Thread thread = loop.get();
        assertThat(thread).isNotNull();
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(thread.getId());
    }

    @Override
    public void close() {
        witnesses.forEach(ReferenceClient::close);
        drivers.forEach(driver -> Await.get("a driver's end", driver.close()));
        Await.get("the end of Vert.x", vertx.close());
        Await.get("the end of the clients' Vert.x", outside.close());
    }
}
