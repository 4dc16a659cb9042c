package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Too much of what is allowed: messages, connections, and frames that are as large or as deep as may be. */
class FloodTest {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1]}";
    private static final int PLACES = 40;

    private final Prey prey = new Prey(Prey.places(
            new RealtimeOptions()
                    .allowAnonymous(true)
                    .session(new SessionOptions().grace(Duration.ofSeconds(2)).orphanTimeout(Duration.ofSeconds(2)))
                    .namespace("room", new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE)),
            Prey.WIRES.size() + PLACES,
            PLACES));

    @AfterEach
    void close() {
        prey.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R28 who sends as fast as it can is heard as often as allowed, and closed for going on")
    void messages(String wire) {
        ReferenceClient flooder = prey.client(wire);
        String session = flooder.connect().getString("session");
        long begun = System.nanoTime();
        for (int i = 0; i < 5000; i++) {
            flooder.send(Prey.publish("p" + i, "room:1", i));
        }
        Await.until("its end", () -> prey.realtime.sessions().get(session) == null);
        long seconds = 1 + (System.nanoTime() - begun) / 1_000_000_000;
        JsonObject stats = prey.realtime.stats();
        assertThat(stats.getLong("published")).isBetween(200L, 200 + 100 * seconds);
        assertThat(stats.getLong("rateLimited")).isGreaterThanOrEqualTo(100);
        flooder.close();
        prey.unharmed();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x89, 0x8a, 0x00})
    @DisplayName("frames of WebSocket that are no message (pings, pongs, empty fragments) are not free either")
    void trifles(int head) throws IOException {
        try (RawPeer peer = new RawPeer(prey.port)) {
            assertThat(peer.upgrade()).startsWith("HTTP/1.1 101");
            assertThat(Objects.requireNonNull(peer.say(HELLO).next()).text()).contains("\"welcome\"");
            ByteArrayOutputStream flood = new ByteArrayOutputStream();
            if (head == 0) {
                flood.writeBytes(RawPeer.frame(0x01, new byte[] {'{'}));
            }
            for (int i = 0; i < 5000; i++) {
                flood.writeBytes(RawPeer.frame(head, new byte[0]));
            }
            try {
                peer.write(flood.toByteArray());
            } catch (IOException cut) {
                // It need not take them all.
            }
            assertThat(peer.closeCode()).isEqualTo(1008);
        }
        prey.unharmed();
    }

    @Test
    @DisplayName("more sessions than there are places are told try_later, and those that are there go on")
    void connections() throws IOException {
        List<RawPeer> peers = new ArrayList<>();
        int full = 0;
        try {
            for (int i = 0; i < 300; i++) {
                RawPeer peer = new RawPeer(prey.port);
                peers.add(peer);
                if (i % 2 == 0) {
                    assertThat(peer.upgrade()).startsWith("HTTP/1.1 101");
                    String answer =
                            Objects.requireNonNull(peer.say(HELLO).next()).text();
                    if (!answer.contains("\"welcome\"")) {
                        assertThat(answer).contains("\"unavailable\"").contains("retryAfter");
                        assertThat(peer.closeCode()).isEqualTo(1013);
                        full++;
                    }
                } else {
                    String wire = i % 4 == 1 ? "/poll" : "/sse";
                    String head = peer.write(RawPeer.request("POST /realtime" + wire, HELLO))
                            .head();
                    if (!head.startsWith("HTTP/1.1 200")) {
                        assertThat(head).startsWith("HTTP/1.1 503").containsIgnoringCase("retry-after: ");
                        full++;
                    }
                }
            }
            assertThat(full).isGreaterThanOrEqualTo(300 - 2 * PLACES);
            assertThat(prey.realtime.stats().getInteger("sessions")).isLessThanOrEqualTo(3 + PLACES);
            prey.unharmed();
        } finally {
            peers.forEach(RawPeer::close);
        }
        // Their sessions end as those do of clients that are gone, and then there is room again.
        prey.alone();
        ReferenceClient late = prey.client("websocket");
        assertThat(late.connect().getString("session")).isNotNull();
        late.close();
    }

    @Test
    @DisplayName("R46 more bare reads than there are places are refused with 503, and those that are there go on")
    void bareReads() throws IOException {
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < PLACES; i++) {
                RawPeer peer = new RawPeer(prey.port);
                peers.add(peer);
                peer.write(RawPeer.request("GET /realtime/poll?channel=square:1", ""));
            }
            Await.until("all readers", () -> prey.realtime.stats().getInteger("bareReaders") == PLACES);
            for (String path : List.of("/poll", "/sse")) {
                try (RawPeer peer = new RawPeer(prey.port)) {
                    peer.write(RawPeer.request("GET /realtime" + path + "?channel=square:1", ""));
                    assertThat(peer.head()).startsWith("HTTP/1.1 503");
                }
            }
            prey.unharmed();
            for (RawPeer peer : peers) {
                assertThat(peer.head()).startsWith("HTTP/1.1 200");
            }
        } finally {
            peers.forEach(RawPeer::close);
        }
        prey.alone();
    }

    private static List<String> frames() {
        int room = 60_000;
        List<String> payloads = List.of(
                "[".repeat(room / 2) + "]".repeat(room / 2),
                "{\"a\":".repeat(room / 6) + "1" + "}".repeat(room / 6),
                "1".repeat(room),
                "-0." + "0".repeat(room),
                "1e" + "9".repeat(room),
                "{\"" + "n".repeat(room) + "\":1}",
                "[" + "[],".repeat(room / 3) + "1]",
                "[" + "{},".repeat(room / 3) + "1]",
                "\"" + "\\u0000".repeat(room / 6) + "\"",
                "\"" + "\\ud800\\udc00".repeat(room / 12) + "\"",
                "{" + "\"a\":1,".repeat(room / 6) + "\"a\":2}");
        return payloads.stream()
                .map(payload -> "{\"type\":\"publish\",\"channel\":\"room:1\",\"payload\":" + payload + "}")
                .toList();
    }

    @Test
    @DisplayName("R2 R27 JSON as deep, as wide or as large as fits into a frame is read or refused in no time")
    void shapes() {
        ReferenceClient client = prey.client("websocket");
        client.connect();
        long before = prey.allocated();
        long begun = System.nanoTime();
        for (String frame : frames()) {
            client.send(io.vertx.core.buffer.Buffer.buffer(frame), true);
        }
        JsonObject last = client.ask(Prey.publish("end", "room:1", 1));
        assertThat(last.getString("type")).isEqualTo("ack");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        assertThat(prey.allocated() - before).isLessThan(64L << 20);
        client.close();
        prey.unharmed();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "R26 R27 the same JSON by POST, where what is not acceptable is not consumed, as one frame or in an array")
    void shapesByPost(boolean array) throws IOException {
        String[] session = opened();
        long before = prey.allocated();
        long begun = System.nanoTime();
        int received = 0;
        int refused = 0;
        for (String frame : frames()) {
            String body = array ? "[" + frame + "]" : frame;
            String answer = post(body, session, received + 1);
            if (answer.startsWith("HTTP/1.1 200")) {
                assertThat(answer).endsWith("{\"received\":" + ++received + "}");
            } else {
                assertThat(answer).startsWith("HTTP/1.1 400").contains("\"bad_frame\"");
                refused++;
            }
        }
        assertThat(received).isPositive();
        assertThat(refused).isPositive();
        assertThat(post("{\"type\":\"noop\"}", session, received + 1)).startsWith("HTTP/1.1 200");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
        assertThat(prey.allocated() - before).isLessThan(64L << 20);
        prey.unharmed();
    }

    /** Opens a session and returns the headers that name it. */
    private String[] opened() throws IOException {
        try (RawPeer peer = new RawPeer(prey.port)) {
            peer.write(RawPeer.request("POST /realtime/poll", HELLO, "Connection: close"));
            String reply = peer.rest();
            JsonObject welcome = new JsonArray(reply.substring(reply.indexOf("\r\n\r\n") + 4)).getJsonObject(0);
            return new String[] {
                "Polywire-Session: " + welcome.getString("session"), "Polywire-Secret: " + welcome.getString("secret")
            };
        }
    }

    private String post(String body, String[] session, int first) throws IOException {
        try (RawPeer peer = new RawPeer(prey.port)) {
            peer.write(RawPeer.request(
                    "POST /realtime/send",
                    body,
                    session[0],
                    session[1],
                    "Polywire-First: " + first,
                    "Connection: close"));
            return peer.rest();
        }
    }

    @Test
    @DisplayName("R26 a POST of very many frames, or of one giant, is refused before any of it runs")
    void bodies() throws IOException {
        String[] session = opened();
        String many = "[" + "{\"type\":\"noop\"},".repeat(15_000) + "{\"type\":\"noop\"}]";
        String giant = "[\"" + "x".repeat(300_000) + "\"]";
        for (String body : List.of(many, giant)) {
            assertThat(post(body, session, 1)).matches("(?s)HTTP/1.1 4(00|13) .*");
        }
        assertThat(post("{\"type\":\"noop\"}", session, 1))
                .startsWith("HTTP/1.1 200")
                .endsWith("{\"received\":1}");
        prey.unharmed();
    }
}
