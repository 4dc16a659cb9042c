package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelOptions;
import dev.polywire.Principal;
import dev.polywire.RateLimit;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Attached;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ChaosProxy;
import dev.polywire.conformance.ClientMachine;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.protocol.CloseReason;
import dev.polywire.session.Assembly;
import io.vertx.core.Future;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attacks that are about what both ends make of it, over the real wires and a clock that only the test moves. */
class AttackWireTest {
    private final Wires wires = new Wires();
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final List<String> ended = new CopyOnWriteArrayList<>();
    private final AtomicBoolean losesAnswer = new AtomicBoolean();
    private final AtomicBoolean closesWhileOpening = new AtomicBoolean();
    /** Happens once, in the middle of whatever asks for the time next. */
    private final AtomicReference<@Nullable Runnable> interruption = new AtomicReference<>();

    private @Nullable ChaosProxy proxy;
    private final Assembly engine = new Assembly(wires.vertx, options(), this::now);
    private final int port = serve();

    private static RealtimeOptions options() {
        return new RealtimeOptions()
                .session(new SessionOptions().rate(new RateLimit(1, 5, 1 << 20, 1 << 20, 1000)))
                .namespace(
                        "room",
                        new ChannelOptions()
                                .publish(ChannelOptions.Publishers.ANYONE)
                                .historySize(100));
    }

    private long now() {
        Runnable task = interruption.getAndSet(null);
        if (task != null) {
            task.run();
        }
        return clock.get();
    }

    private int serve() {
        engine.onDisconnect((session, reason) -> ended.add(session.id() + ' ' + reason.wire()));
        engine.authenticator((token, who) -> {
            ChaosProxy between = proxy;
            if (between != null && losesAnswer.getAndSet(false)) {
                // The question has come; its answer will not.
                between.blackhole(ChaosProxy.Direction.DOWN, 3_600_000);
            }
            return Future.succeededFuture(Principal.of("ann"));
        });
        engine.authorizer((who, action, target) -> {
            if (action == Action.CONNECT && closesWhileOpening.get()) {
                // After the last look whether the engine is closing, the next thing that opening does is to ask for the
                // time.
                interruption.set(() -> engine.close());
            }
            return Future.succeededFuture(true);
        });
        return wires.serve(engine);
    }

    @AfterEach
    void close() {
        ChaosProxy between = proxy;
        if (between != null) {
            between.close();
        }
        wires.close();
    }

    private int lossy() {
        ChaosProxy made = new ChaosProxy(wires.vertx, port, 1);
        proxy = made;
        losesAnswer.set(true);
        return made.port();
    }

    private int sessions() {
        return engine.sessions().all().size();
    }

    private int stored() {
        return Await.get("the history", engine.channels().history("room:1", null, 100))
                .messages()
                .size();
    }

    private static List<Integer> refused(ReferenceClient client) {
        return client.frames().stream()
                .filter(frame -> "rate_limited".equals(frame.getString("code")))
                .map(frame -> frame.getInteger("frame"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("hole 2, R1 and R28: of what the limiter refuses, both ends count the publishes and not the pings")
    void refusedBeforeParsing(String wire) {
        ReferenceClient client = wires.client(wire, port).acknowledging(false);
        client.connect();
        for (int i = 0; i < 20; i++) {
            client.control(Wires.frame("ping", "p"));
        }
        for (int i = 1; i <= 8; i++) {
            client.send(Wires.publish("p" + i, "room:1", i));
        }
        Await.until("three refusals", () -> refused(client).size() == 3);
        assertThat(refused(client)).containsExactly(6, 7, 8);
        // On a stream the server acknowledges after a while.
        clock.addAndGet(1_000);
        Await.until("confirmation", () -> client.look(ClientMachine::confirmed) == 8);
        client.cut();
        assertThat(client.connect().getInteger("received")).isEqualTo(8);
        assertThat(client.controls())
                .extracting(frame -> frame.getString("type"))
                .doesNotContain("violation", "bye");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName(
            "hole 9, R7: an answer to an opening is lost and the client opens again: one session is left after 10 s")
    void lostAnswer(String wire) {
        ReferenceClient client = wires.client(wire, lossy());
        Attached lost = client.attach(client.driver());
        Await.until("a session", () -> sessions() == 1);
        JsonObject welcome = client.connect();
        client.ask(Wires.publish("1", "room:1", "once"));
        assertThat(lost.welcomed()).isFalse();
        assertThat(sessions()).isEqualTo(2);

        clock.addAndGet(SessionOptions.DEFAULT_ORPHAN_TIMEOUT.toMillis() + 100);

        Await.until("the end of the orphan", () -> sessions() == 1);
        Await.until("onDisconnect", () -> ended.size() == 1);
        assertThat(ended.get(0)).endsWith(" expired").doesNotStartWith(welcome.getString("session"));
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    @DisplayName("hole 9, R7 and R30: a publish pipelined behind a hello whose answer is lost is published once")
    void pipelined() {
        WebSocketClient sockets = wires.keep(wires.vertx.createWebSocketClient());
        JsonObject hello = new JsonObject()
                .put("type", "hello")
                .put("versions", new JsonArray().add(1))
                .put("client", "0123456789abcdef");
        int unreliable = lossy();
        List<JsonObject> heard = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 2; i++) {
            WebSocket socket = Await.get("a socket", sockets.connect(unreliable, "127.0.0.1", "/realtime/websocket"));
            socket.textMessageHandler(text -> {
                JsonObject frame = new JsonObject(text);
                // What was accepted is acknowledged whenever the server likes.
                if (!"received".equals(frame.getString("type"))) {
                    heard.add(frame);
                }
            });
            socket.writeTextMessage(hello.encode());
            socket.writeTextMessage(Wires.publish("1", "room:1", "once").encode());
            int opened = i + 1;
            Await.until("the publish", () -> engine.stats().getInteger("published") == opened);
        }
        Await.until("an ack", () -> heard.size() == 2);
        assertThat(heard).extracting(frame -> frame.getString("type")).containsExactly("welcome", "ack");
        assertThat(heard.get(1).getBoolean("duplicate")).isTrue();
        assertThat(stored()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName(
            "R40: the engine closes while a session opens: its client is told restart, and no session is left behind")
    void closesWhileOpening(String wire) {
        closesWhileOpening.set(true);
        ReferenceClient client = wires.client(wire, port);
        Attached attached = client.attach(client.driver());
        assertThat(attached.reason()).isEqualTo("restart");
        assertThat(interruption).as("it closed in the middle").hasNullValue();
        JsonObject bye = attached.bye();
        assertThat(bye).isNotNull();
        assertThat(bye.getInteger("code")).isEqualTo(CloseReason.RESTART.code());
        Await.until("onDisconnect", () -> ended.size() == 1);
        assertThat(sessions()).isZero();
        attached.end();
    }
}
