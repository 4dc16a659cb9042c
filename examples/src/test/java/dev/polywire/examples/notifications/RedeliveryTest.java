package dev.polywire.examples.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.junit5.VertxExtension;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a device does not acknowledge comes again; the device is a WebSocket that speaks the protocol, the clock is moved by hand. */
@ExtendWith(VertxExtension.class)
class RedeliveryTest {
    private static final AtomicLong CLOCK = new AtomicLong(1_000_000);

    @Test
    void itComesAgainUntilItIsAcknowledged(Vertx vertx) throws Exception {
        Realtime realtime = Realtime.create(vertx, new RealtimeOptions())
                .authenticator((token, who) -> Future.succeededFuture(Principal.of("ada")));
        Notifier notifier = new Notifier(new MemoryInboxes(), realtime.channels(), CLOCK::get);
        Router router = Router.router(vertx);
        realtime.mount(router);
        HttpServer server = Await.get(
                "a server",
                vertx.createHttpServer(realtime.options().applyTo(new HttpServerOptions()))
                        .requestHandler(router)
                        .listen(0, "127.0.0.1"));
        Message message = InboxTest.message("hello", null, Message.Severity.INFO);
        String id = Await.get("kept", notifier.deliver("ada", message, "bob", 0));

        BlockingQueue<JsonObject> events = new LinkedBlockingQueue<>();
        // Kept to the end: a client that nobody refers to any more closes its connections.
        WebSocketClient client = vertx.createWebSocketClient();
        device(client, server.actualPort(), events);
        assertThat(next(events).getString("type")).isEqualTo("welcome");
        assertThat(next(events).getString("type")).isEqualTo("subscribed");

        // After 5, 10, 20, 40, 60 and 60 seconds; not sooner.
        int attempt = 0;
        for (long seconds : new long[] {5, 10, 20, 40, 60, 60}) {
            CLOCK.addAndGet(seconds * 1000 - 1);
            notifier.tick();
            CLOCK.addAndGet(1);
            notifier.tick();
            JsonObject again = next(events);
            assertThat(again.getString("event")).isEqualTo("AGAIN");
            assertThat(again.getJsonObject("payload").getInteger("attempt")).isEqualTo(++attempt);
            assertThat(again.getJsonObject("payload")
                            .getJsonArray("notifications")
                            .getJsonObject(0)
                            .getString("id"))
                    .isEqualTo(id);
        }
        Await.get("acknowledged", notifier.acknowledge("ada", List.of(id)).map(true));
        CLOCK.addAndGet(600_000);
        notifier.tick();
        Await.get("read", notifier.mark("ada", null, true).map(true));
        assertThat(next(events).getString("event")).as("nothing in between").isEqualTo("READ");
        Await.get("its end", realtime.close().map(true));
        Await.get("the device's end", client.close().map(true));
    }

    private static void device(WebSocketClient client, int port, BlockingQueue<JsonObject> events) {
        WebSocket socket = Await.get(
                "a WebSocket",
                client.connect(new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setURI("/realtime/websocket")
                        .addHeader("Origin", "http://127.0.0.1:" + port)
                        .addSubProtocol("polywire.1.json")));
        socket.textMessageHandler(text -> {
            Object frames = text.startsWith("[") ? new JsonArray(text) : new JsonArray().add(new JsonObject(text));
            ((JsonArray) frames).forEach(frame -> {
                JsonObject one = (JsonObject) frame;
                if (List.of("welcome", "subscribed", "message").contains(one.getString("type"))) {
                    events.add(one);
                }
            });
        });
        socket.writeTextMessage(
                "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\",\"token\":\"any\"}");
        socket.writeTextMessage("{\"type\":\"subscribe\",\"id\":\"1\",\"channels\":[\"user:ada\"]}");
    }

    private static JsonObject next(BlockingQueue<JsonObject> events) throws InterruptedException {
        JsonObject next = events.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("an event within ten seconds").isNotNull();
        return next;
    }
}
