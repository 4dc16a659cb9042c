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
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a device does not acknowledge comes again; the device is a WebSocket that speaks the protocol, the clock is moved by hand. */
@ExtendWith(VertxExtension.class)
class RedeliveryTest {
    private static final Message MESSAGE = InboxTest.message("hello", null, Message.Severity.INFO);

    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final BlockingQueue<JsonObject> events = new LinkedBlockingQueue<>();
    private final Forgetful inboxes = new Forgetful(new MemoryInboxes());
    private Realtime realtime;
    private Notifier notifier;
    private WebSocketClient client;
    private int port;

    /** Keeps what it is told, and sometimes does not say so: as when Redis has done it and its answer is lost. */
    private static final class Forgetful implements Inboxes {
        private final Inboxes inboxes;
        private volatile boolean lost;

        Forgetful(Inboxes inboxes) {
            this.inboxes = inboxes;
        }

        @Override
        public <T> Future<T> update(String user, Function<Inbox, T> change) {
            Future<T> done = inboxes.update(user, change);
            return lost ? done.compose(kept -> Future.failedFuture("The answer is lost.")) : done;
        }

        @Override
        public Future<Set<String>> users() {
            return inboxes.users();
        }
    }

    @BeforeEach
    void start(Vertx vertx) {
        realtime = Realtime.create(vertx, new RealtimeOptions())
                .authenticator((token, who) -> Future.succeededFuture(Principal.of("ada")));
        notifier = new Notifier(inboxes, realtime.channels(), clock::get);
        Router router = Router.router(vertx);
        realtime.mount(router);
        HttpServer server = Await.get(
                "a server",
                vertx.createHttpServer(realtime.options().applyTo(new HttpServerOptions()))
                        .requestHandler(router)
                        .listen(0, "127.0.0.1"));
        port = server.actualPort();
        // Kept to the end: a client that nobody refers to any more closes its connections.
        client = vertx.createWebSocketClient();
    }

    @AfterEach
    void end() {
        Await.get("its end", realtime.close().map(true));
        Await.get("the device's end", client.close().map(true));
    }

    @Test
    void itComesAgainUntilItIsAcknowledged() throws Exception {
        String id = deliver(null);
        arrive();
        // After 5, 10, 20, 40, 60 and 60 seconds; not sooner.
        int attempt = 0;
        for (long seconds : new long[] {5, 10, 20, 40, 60, 60}) {
            pass(seconds * 1000 - 1);
            pass(1);
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
        pass(600_000);
        Await.get("read", notifier.mark("ada", null, true).map(true));
        assertThat(next(events).getString("event")).as("nothing in between").isEqualTo("READ");
    }

    @Test
    void whoeverSendsAllTheTimeDoesNotKeepItFromComingAgain() throws Exception {
        arrive();
        deliver(null);
        assertThat(next(events).getString("event")).isEqualTo("ADDED");
        pass(3_000);
        deliver(null);
        assertThat(next(events).getString("event")).isEqualTo("ADDED");
        pass(2_000);
        assertThat(next(events).getString("event")).isEqualTo("AGAIN");
    }

    @Test
    void aChangeOfWhichOnlyTheAnswerIsLostIsToldAfterwards() throws Exception {
        arrive();
        inboxes.lost = true;
        Future<String> lost = notifier.deliver("ada", MESSAGE, "bob", 0, "a key");
        boolean failed = Await.get("a failure", lost.transform(done -> Future.succeededFuture(done.failed())));
        assertThat(failed).isTrue();
        inboxes.lost = false;
        String before = deliver("a key");
        pass(250);
        JsonObject told = next(events);
        assertThat(told.getString("event")).as("kept once, and not told as new").isEqualTo("REVISION");
        assertThat(told.getJsonObject("payload").getInteger("revision")).isEqualTo(1);
        assertThat(Await.get("the inbox", notifier.view("ada", 10_000)).getJsonArray("notifications"))
                .hasSize(1);
        assertThat(deliver("a key")).isEqualTo(before);
        // Once more, for a Redis that did it late; and then never again.
        Await.get("acknowledged", notifier.acknowledge("ada", List.of(before)).map(true));
        pass(5_000);
        assertThat(next(events).getString("event")).isEqualTo("REVISION");
        pass(60_000);
        deliver(null);
        assertThat(next(events).getString("event")).isEqualTo("ADDED");
    }

    private String deliver(String idempotencyKey) {
        return Await.get("kept", notifier.deliver("ada", MESSAGE, "bob", 0, idempotencyKey));
    }

    private void pass(long milliseconds) {
        clock.addAndGet(milliseconds);
        notifier.tick();
    }

    private void arrive() throws InterruptedException {
        device(client, port, events);
        assertThat(next(events).getString("type")).isEqualTo("welcome");
        assertThat(next(events).getString("type")).isEqualTo("subscribed");
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
