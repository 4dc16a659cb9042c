package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests whose head never ends, at the server of a {@code RealtimeVerticle}. */
class SlowHeadTest {
    private static final int PEERS = 100;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final Realtime realtime = Realtime.create(
            vertx,
            new RealtimeOptions()
                    .allowAnonymous(true)
                    .host("127.0.0.1")
                    .port(0)
                    .session(new SessionOptions()
                            .helloTimeout(Duration.ofMillis(400))
                            .heartbeat(Duration.ofMillis(400))));
    private final RealtimeVerticle verticle =
            (RealtimeVerticle) realtime.verticle().get();
    private final int port = deploy();
    private final List<RawPeer> peers = new ArrayList<>();

    private int deploy() {
        Await.get("a deployment", vertx.deployVerticle(verticle));
        return verticle.actualPort();
    }

    @AfterEach
    void close() {
        peers.forEach(RawPeer::close);
        Await.get("the end of Vert.x", vertx.close());
    }

    private RawPeer peer() {
        RawPeer peer = new RawPeer(port);
        peers.add(peer);
        return peer;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "G",
                "GET /realtime/websocket HTTP/1.1\r\nHost: x\r\nUpgr",
                "POST /realtime/sse HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n",
                "GET /realtime/poll?channel=a HTTP/1.1\r\n"
            })
    @DisplayName("a head that stops, or never begins, is not waited for")
    void stops(String head) throws IOException {
        for (int i = 0; i < PEERS; i++) {
            peer().write(head);
        }
        for (RawPeer peer : peers) {
            assertThat(peer.rest()).isEmpty();
        }
    }

    @Test
    @DisplayName("a head that comes byte by byte has no more time than any other")
    void drips() throws IOException {
        RawPeer peer = peer();
        peer.write("GET /realtime HTTP/1.1\r\nHost: x\r\nX: ");
        long begun = System.nanoTime();
        // A byte for each look, which is far more often than its time runs out.
        Await.until("the end of its patience", Duration.ofSeconds(8), () -> {
            try {
                peer.write("x");
                return false;
            } catch (IOException closed) {
                return true;
            }
        });
        // Not because its head had become too long, which would be answered.
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(300));
        assertThat(peer.rest()).isEmpty();
    }

    @Test
    @DisplayName("a second head on a connection that is kept is waited for longer, and not for ever")
    void second() throws IOException {
        RawPeer peer = peer();
        for (int i = 0; i < 3; i++) {
            String head =
                    peer.write(RawPeer.request("GET /realtime/nowhere", "")).head();
            assertThat(head).startsWith("HTTP/1.1 404");
            String lower = head.toLowerCase(java.util.Locale.ROOT);
            int at = lower.indexOf("content-length: ") + 16;
            peer.socket.getInputStream().readNBytes(Integer.parseInt(head.substring(at, head.indexOf('\r', at))));
        }
        assertThat(peer.write("GET /realtime HTT").rest()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /realtime/ticket", "POST /realtime/send", "POST /realtime/nowhere", "GET /realtime"})
    @DisplayName(
            "a body that nobody has asked for is not waited for: its request is answered, and the connection closed in time")
    void bodyOfNobody(String request) throws IOException {
        String head =
                request + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[";
        for (int i = 0; i < PEERS; i++) {
            peer().write(head);
        }
        for (RawPeer peer : peers) {
            assertThat(peer.rest()).startsWith("HTTP/1.1 ").doesNotStartWith("HTTP/1.1 5");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("what has a request under way is left alone, on each wire")
    void leftAlone(String wire) throws IOException {
        ClientDriver driver = switch (wire) {
            case "websocket" -> new WebSocketDriver(vertx, "127.0.0.1", port, "/realtime");
            case "sse" -> new SseDriver(vertx, "127.0.0.1", port, "/realtime");
            default -> new LongPollDriver(vertx, "127.0.0.1", port, "/realtime");
        };
        ReferenceClient client = new ReferenceClient(vertx, driver);
        String session = client.connect().getString("session");
        // It began later than the client's connection, and is over: so the client's time would be up as well.
        for (int i = 0; i < 3; i++) {
            assertThat(peer().write("GET /").rest()).isEmpty();
        }
        realtime.sessions().get(session).send("still", "there");
        client.await("a message", frame -> "there".equals(frame.getValue("payload")));
        assertThat(!client.driver().streams() || !client.newest().over()).isTrue();
        client.close();
        Await.get("the driver's end", driver.close());
    }
}
