package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Authorizer;
import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.Channels;
import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Attached;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was found by attacking sessions: races, and what one of them can do to the others. */
class AttackSessionTest {
    private final Wires wires = new Wires();

    @AfterEach
    void close() {
        wires.close();
    }

    private static RealtimeOptions options() {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions().frame(4096).window(8 * 1024).outbox(16 * 1024))
                .namespace(
                        "room",
                        new ChannelOptions()
                                .publish(ChannelOptions.Publishers.SUBSCRIBERS)
                                .historySize(100)
                                .confirmAttempts(5)
                                .confirmTimeout(Duration.ofMillis(100)))
                .namespace("crowd", new ChannelOptions().presence(true).joinLeave(false));
    }

    private static void resume(WebSocket socket, JsonObject welcome, int attach, List<JsonObject> heard) {
        socket.textMessageHandler(text -> heard.add(new JsonObject(text)));
        JsonObject claim = new JsonObject()
                .put("session", welcome.getString("session"))
                .put("secret", welcome.getString("secret"))
                .put("attach", attach)
                .put("received", 0)
                .put("confirmed", 0);
        socket.writeTextMessage(new JsonObject()
                .put("type", "hello")
                .put("versions", new JsonArray().add(1))
                .put("token", "slow " + attach)
                .put("resume", claim)
                .encode());
    }

    @Test
    @DisplayName("R6 R11 welcome is first also on a wire that is replaced in the turn in which it attached")
    void replacedAtOnce() {
        Map<String, Promise<Principal>> slow = new ConcurrentHashMap<>();
        AtomicReference<@Nullable Context> loop = new AtomicReference<>();
        Realtime realtime = Realtime.create(wires.vertx, options()).authenticator((token, who) -> {
            loop.set(Vertx.currentContext());
            return token == null || !token.startsWith("slow")
                    ? Future.succeededFuture(Principal.of("ann"))
                    : slow.computeIfAbsent(token, t -> Promise.promise()).future();
        });
        int port = wires.serve(realtime);
        JsonObject welcome = wires.client("websocket", port).token("quick").connect();
        WebSocketClient sockets = wires.keep(wires.vertx.createWebSocketClient());
        List<JsonObject> one = new CopyOnWriteArrayList<>();
        List<JsonObject> two = new CopyOnWriteArrayList<>();
        resume(Await.get("a socket", sockets.connect(port, "127.0.0.1", "/realtime/websocket")), welcome, 1, one);
        resume(Await.get("a socket", sockets.connect(port, "127.0.0.1", "/realtime/websocket")), welcome, 2, two);
        Await.until("both attaches", () -> slow.size() == 2);
        Context server = Objects.requireNonNull(loop.get());
        server.runOnContext(both -> {
            Objects.requireNonNull(slow.get("slow 1")).complete(Principal.of("ann"));
            Objects.requireNonNull(slow.get("slow 2")).complete(Principal.of("ann"));
        });
        Await.until("frames on both", () -> !one.isEmpty() && !two.isEmpty());
        assertThat(one.get(0).getString("type")).isEqualTo("welcome");
        assertThat(two.get(0).getString("type")).isEqualTo("welcome");
        Await.until(
                "bye on the first",
                () -> "replaced".equals(one.get(one.size() - 1).getString("reason")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse"})
    @DisplayName("hole 11: a message that waits for its confirmation is taken away with its channel, and comes no more")
    void redeliveredAfterBan(String wire) {
        AtomicBoolean banned = new AtomicBoolean();
        Realtime realtime = Realtime.create(wires.vertx, options())
                .authenticator((token, who) -> Future.succeededFuture(Principal.of("ann")))
                .authorizer((who, action, target) ->
                        Future.succeededFuture(action != Authorizer.Action.SUBSCRIBE || !banned.get()));
        int port = wires.serve(realtime);
        ReferenceClient client = wires.client(wire, port).token("one");
        client.connect();
        client.ask(Wires.subscribe("s", "room:1"));
        client.attentive(false).cut();
        Await.get(
                "a publish",
                realtime.channels().publish(new Channels.Outgoing("room:1", "job", "secret", null, null, true, null)));
        banned.set(true);
        client.token("two").attentive(true).attach(wires.driver(wire, port)).welcome();
        client.await("the end of the channel", frame -> "denied".equals(frame.getString("reason")));
        banned.set(false);
        // What comes twice although it began later shows that the time of the first one is over.
        client.ask(Wires.subscribe("o", "room:2"));
        Await.get(
                "a publish",
                realtime.channels().publish(new Channels.Outgoing("room:2", "job", "mine", null, null, true, null)));
        client.await("the second attempt", frame -> frame.getInteger("attempt", 1) == 2);
        assertThat(client.frames()).noneMatch(frame -> "secret".equals(frame.getValue("payload")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "longpoll"})
    @DisplayName("members with large states do not end the session of whoever comes to their channel")
    void largeStates(String wire) {
        int port = wires.serve(Realtime.create(wires.vertx, options()));
        List<ReferenceClient> crowd = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ReferenceClient member = wires.client("websocket", port);
            crowd.add(member);
            member.connect();
            member.ask(Wires.subscribe("s", "crowd:1"));
            member.ask(Wires.frame("presence", "p").put("channel", "crowd:1").put("state", "x".repeat(3000)));
        }
        ReferenceClient visitor = wires.client(wire, port);
        visitor.connect();
        JsonObject subscribed = visitor.ask(Wires.subscribe("s", "crowd:1"));
        assertThat(subscribed.getInteger("count")).isEqualTo(9);
        assertThat(subscribed.getJsonArray("members")).hasSizeBetween(1, 8);
        JsonObject list = visitor.ask(Wires.frame("presence", "p").put("channel", "crowd:1"));
        assertThat(list.getInteger("count")).isEqualTo(9);
        assertThat(list.getJsonArray("members")).hasSizeBetween(1, 8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("a session whose client is looked at while the engine closes is not opened any more")
    void closesMeanwhile(String wire) {
        Promise<Principal> slow = Promise.promise();
        AtomicBoolean asked = new AtomicBoolean();
        Realtime realtime = Realtime.create(wires.vertx, options()).authenticator((token, who) -> {
            asked.set(true);
            return slow.future();
        });
        ReferenceClient client = wires.client(wire, wires.serve(realtime));
        Attached attached = client.attach(client.driver());
        Await.until("the authenticator", asked::get);
        Await.get("the engine's end", realtime.close());
        slow.complete(Principal.of("ann"));
        Await.until("a refusal", attached::over);
        assertThat(attached.welcomed()).isFalse();
        assertThat(attached.reason()).isEqualTo("unavailable");
        assertThat(attached.end().code()).as("restart").isIn(1012, 503);
        assertThat(realtime.stats().getInteger("sessions")).isZero();
    }

    @Test
    @DisplayName(
            "R28 a subscribe that the application refuses, or an unsubscribe of nothing, is answered with its number")
    void refusedByNumber() {
        Realtime realtime = Realtime.create(wires.vertx, options());
        realtime.channels().handler("room", new ChannelHandler() {
            @Override
            public Future<Object> onSubscribe(Session session, String channel) {
                return Future.failedFuture("no");
            }
        });
        ReferenceClient client = wires.client("websocket", wires.serve(realtime));
        client.connect();
        assertThat(client.ask(Wires.subscribe("s", "room:1")).getLong("frame")).isEqualTo(1);
        JsonObject unsubscribe = Wires.frame("unsubscribe", "u").put("channels", new JsonArray().add("room:1"));
        assertThat(client.ask(unsubscribe).getLong("frame")).isEqualTo(2);
    }

    @Test
    @DisplayName("R45 an authoriser that answers nothing at all refuses, and leaves no bare reader behind")
    @SuppressWarnings("NullAway")
    void noAnswer() {
        Realtime realtime = Realtime.create(wires.vertx, options())
                .authorizer((who, action, target) ->
                        action == Authorizer.Action.SUBSCRIBE ? null : Future.succeededFuture(true));
        int port = wires.serve(realtime);
        var reply = Await.get(
                "a reply",
                wires.vertx
                        .createHttpClient()
                        .request(io.vertx.core.http.HttpMethod.GET, port, "127.0.0.1", "/realtime/poll?channel=room:1")
                        .compose(request -> request.send())
                        .map(response -> response.statusCode()));
        assertThat(reply).isEqualTo(403);
        assertThat(realtime.stats().getInteger("bareReaders")).isZero();
    }

    @Test
    @DisplayName("R29 an application that never consents to a subscription does not hold up its session for ever")
    void noConsent() {
        Realtime realtime = Realtime.create(wires.vertx, options());
        realtime.channels().handler("room", new ChannelHandler() {
            @Override
            public Future<Object> onSubscribe(Session session, String channel) {
                return Promise.<Object>promise().future();
            }
        });
        ReferenceClient client = wires.client("websocket", wires.serve(realtime));
        client.connect();
        client.send(Wires.subscribe("s", "room:1"));
        Await.until(
                "a refusal",
                Duration.ofSeconds(15),
                () -> client.frames().stream().anyMatch(frame -> "timeout".equals(frame.getString("code"))));
        assertThat(client.ask(Wires.subscribe("t", "other:1")).getString("type"))
                .isEqualTo("subscribed");
    }
}
