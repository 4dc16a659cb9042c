package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that take their time, in sending or in reading: they hold what is theirs for a while, and nobody else up. */
class SlowPeerTest {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1]}";
    private static final int OUTBOX = 64 * 1024;

    private final Prey prey = new Prey(options());

    @AfterEach
    void close() {
        prey.close();
    }

    private static RealtimeOptions options() {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions()
                        .heartbeat(Duration.ofMillis(500))
                        .helloTimeout(Duration.ofMillis(300))
                        .grace(Duration.ofSeconds(2))
                        .frame(8192)
                        .window(16 * 1024)
                        .outbox(OUTBOX))
                .namespace("room", new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sse", "/poll", "/send"})
    @DisplayName("bodies that never end are answered 408 within a heartbeat, two hundred at a time")
    void bodies(String path) throws IOException {
        List<RawPeer> peers = new ArrayList<>();
        try {
            // A POST for no session is refused before its body.
            String[] session = path.equals("/send") ? session() : new String[0];
            String request = RawPeer.request("POST /realtime" + path, HELLO, session);
            for (int i = 0; i < 200; i++) {
                RawPeer peer = new RawPeer(prey.port);
                peers.add(peer);
                peer.write(request.substring(0, request.length() - 5));
            }
            prey.unharmed();
            for (RawPeer peer : peers) {
                assertThat(peer.head()).startsWith("HTTP/1.1 408");
            }
        } finally {
            peers.forEach(RawPeer::close);
        }
        prey.alone();
    }

    @Test
    @DisplayName("R7 R38 a WebSocket that sends its frames byte by byte is closed when its time is up")
    void frames() throws IOException {
        byte[] hello = RawPeer.frame(RawPeer.TEXT, HELLO.getBytes(StandardCharsets.US_ASCII));
        List<RawPeer> peers = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                RawPeer peer = new RawPeer(prey.port);
                peers.add(peer);
                assertThat(peer.upgrade()).startsWith("HTTP/1.1 101");
                // Half of them stop within their first frame, the others within a later one.
                if (i % 2 == 0) {
                    peer.write(java.util.Arrays.copyOf(hello, 10));
                } else {
                    peer.write(hello).write(java.util.Arrays.copyOf(hello, 10));
                }
            }
            prey.unharmed();
            for (int i = 0; i < peers.size(); i++) {
                // 4003 without a hello; without a sign of life 4006.
                assertThat(peers.get(i).closeCode()).isEqualTo(i % 2 == 0 ? 4003 : 4006);
            }
        } finally {
            peers.forEach(RawPeer::close);
        }
        prey.alone();
    }

    /** Opens a session in a channel and never reads again what comes. */
    private String open(String wire, RawPeer peer) throws IOException {
        String subscribe = Prey.subscribe("s", "room:1").encode();
        if (wire.equals("websocket")) {
            assertThat(peer.upgrade()).startsWith("HTTP/1.1 101");
            String welcome = Objects.requireNonNull(peer.say(HELLO).next()).text();
            peer.say(subscribe);
            return new JsonObject(welcome).getString("session");
        }
        String path = wire.equals("sse") ? "/sse" : "/poll";
        String head =
                peer.write(RawPeer.request("POST /realtime" + path, HELLO)).head();
        assertThat(head).startsWith("HTTP/1.1 200");
        JsonObject welcome = wire.equals("sse") ? event(peer) : body(peer, head);
        String[] session = naming(welcome);
        try (RawPeer other = new RawPeer(prey.port)) {
            other.write(RawPeer.request("POST /realtime/send", subscribe, session[0], session[1], "Polywire-First: 1"));
            assertThat(other.head()).startsWith("HTTP/1.1 200");
        }
        if (wire.equals("longpoll")) {
            peer.write(RawPeer.request("GET /realtime/poll", "", session[0], session[1], "Polywire-Attach: 1"));
        }
        return welcome.getString("session");
    }

    /** Opens a session and returns the headers that name it. */
    private String[] session() throws IOException {
        try (RawPeer peer = new RawPeer(prey.port)) {
            String head =
                    peer.write(RawPeer.request("POST /realtime/poll", HELLO)).head();
            return naming(body(peer, head));
        }
    }

    private static String[] naming(JsonObject welcome) {
        return new String[] {
            "Polywire-Session: " + welcome.getString("session"), "Polywire-Secret: " + welcome.getString("secret")
        };
    }

    private static JsonObject event(RawPeer peer) throws IOException {
        StringBuilder event = new StringBuilder();
        while (event.indexOf("\n\n") < 0) {
            event.append((char) peer.socket.getInputStream().read());
        }
        return new JsonObject(event.substring(event.indexOf("{"), event.lastIndexOf("}") + 1));
    }

    private static JsonObject body(RawPeer peer, String head) throws IOException {
        String lower = head.toLowerCase(java.util.Locale.ROOT);
        int at = lower.indexOf("content-length: ") + 16;
        int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
        String text = new String(peer.socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
        return new JsonArray(text).getJsonObject(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R23 a client that never reads costs its outbox and no more, and its session ends")
    void neverReads(String wire) throws IOException {
        try (RawPeer peer = new RawPeer(prey.port, 4096)) {
            String session = open(wire, peer);
            Await.until(
                    "its subscription",
                    () -> prey.realtime.sessions().get(session) != null
                            && prey.realtime.stats().getInteger("sessions") == 4);
            int most = 0;
            String text = "x".repeat(4000);
            // As many as fit into an outbox, the channel and the sockets, several times over.
            for (int i = 0; i < 2000 && prey.realtime.sessions().get(session) != null; i++) {
                Await.get("a publish", prey.realtime.channels().publish("room:1", "e", text));
                most = Math.max(most, prey.realtime.stats().getInteger("outboxBytes"));
            }
            Await.until("its end", () -> prey.realtime.sessions().get(session) == null);
            assertThat(most).isLessThan(2 * OUTBOX);
            prey.unharmed();
        }
        prey.alone();
    }

    @Test
    @DisplayName("R46 a bare stream that is never read is cut off when what may be queued for it is exceeded")
    void bareNeverReads() throws IOException {
        try (RawPeer peer = new RawPeer(prey.port, 4096)) {
            peer.write(RawPeer.request("GET /realtime/sse?channel=room:1", ""));
            assertThat(peer.head()).startsWith("HTTP/1.1 200");
            Await.until("the reader", () -> prey.realtime.channels().subscribers("room:1") == 1);
            long before = prey.allocated();
            String text = "x".repeat(4000);
            int published = 0;
            while (published < 5000 && prey.realtime.stats().getInteger("bareReaders") > 0) {
                Await.get("a publish", prey.realtime.channels().publish("room:1", "e", text));
                published++;
            }
            // What the sockets of this machine take, and the queue; not all that there was.
            assertThat(published).isLessThan(5000);
            assertThat(prey.allocated() - before).isLessThan(256L << 20);
            prey.unharmed();
        }
        prey.alone();
    }
}
