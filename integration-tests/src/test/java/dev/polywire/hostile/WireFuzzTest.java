package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.ChannelOptions;
import dev.polywire.RateLimit;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import dev.polywire.testing.Mutator;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Whatever bytes come to a wire's endpoint: nothing is logged as a fault, no buffer is lost, no session is left behind, and the
 * witnesses notice nothing. {@code -Dpolywire.seed} repeats a run, {@code -Dpolywire.fuzz=10} makes it ten times as long.
 */
class WireFuzzTest {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}";
    private static final int PER_CONNECTION = 50;

    private final long seed = Mutator.seed();
    private final Random random = new Random(seed);
    private final List<byte[]> golden = Mutator.golden();
    private final Mutator frames = new Mutator(random, golden);
    // First, so that it has heard all that it is asked about.
    private final Judge judge = new Judge();
    private final Prey prey = new Prey(options());

    @AfterEach
    void close() {
        prey.close();
        judge.close();
    }

    private static RealtimeOptions options() {
        ChannelOptions open = new ChannelOptions()
                .publish(ChannelOptions.Publishers.ANYONE)
                .historySize(10)
                .presence(true);
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions()
                        .grace(Duration.ofSeconds(2))
                        .orphanTimeout(Duration.ofSeconds(1))
                        // Refusals are what this is about, and must not end it.
                        .rate(new RateLimit(1_000_000, 1_000_000, 1 << 28, 1 << 28, 10_000_000)))
                .channel(open)
                .namespace("square", new ChannelOptions());
    }

    private void judged() {
        String as = "-Dpolywire.seed=" + seed;
        prey.unharmed();
        prey.alone();
        judge.satisfied(as);
    }

    /** Half of the inputs are nearly right, and some of the others are right. */
    private byte[] frame() {
        if (random.nextBoolean()) {
            return frames.next();
        }
        if (random.nextInt(4) == 0) {
            return frames.sample();
        }
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        return noise;
    }

    /** Sends all, says that there is no more, and reads what the server has to say until it closes. */
    private static void shout(RawPeer peer, byte[] bytes) throws IOException {
        try {
            peer.write(bytes);
            peer.socket.shutdownOutput();
        } catch (SocketException closed) {
            // It had enough.
        }
        peer.drain();
    }

    @Test
    @DisplayName("text messages on a WebSocket")
    void messages() throws IOException {
        int inputs = Mutator.times(40_000);
        for (int i = 0; i < inputs; i += PER_CONNECTION) {
            try (RawPeer peer = new RawPeer(prey.port)) {
                assertThat(peer.upgrade()).startsWith("HTTP/1.1 101");
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                // A few come before hello, and instead of it.
                if (random.nextInt(10) > 0) {
                    bytes.writeBytes(RawPeer.frame(RawPeer.TEXT, HELLO.getBytes(StandardCharsets.US_ASCII)));
                }
                for (int j = 0; j < PER_CONNECTION; j++) {
                    bytes.writeBytes(RawPeer.frame(RawPeer.TEXT, frame()));
                }
                shout(peer, bytes.toByteArray());
            }
            prey.tell();
        }
        judged();
    }

    @Test
    @DisplayName("frames of WebSocket that are broken as such")
    void framing() throws IOException {
        List<byte[]> samples = new ArrayList<>();
        for (byte[] message : golden) {
            int half = message.length / 2;
            samples.add(RawPeer.frame(RawPeer.TEXT, message));
            samples.add(concat(
                    RawPeer.frame(0x01, java.util.Arrays.copyOf(message, half)),
                    RawPeer.frame(0x80, java.util.Arrays.copyOfRange(message, half, message.length))));
        }
        for (int head : new int[] {0x82, 0x88, 0x89, 0x8a, 0xc1, 0x09, 0x83, 0x8b, 0x00, 0x80}) {
            samples.add(RawPeer.frame(head, new byte[] {3, (byte) 0xe8, 'x'}));
        }
        // Lengths that lie: 2^63 - 1, -1, and more than is there.
        samples.add(new byte[] {(byte) 0x81, (byte) 0xff, 127, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0});
        samples.add(new byte[] {(byte) 0x81, (byte) 0xff, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0});
        samples.add(new byte[] {(byte) 0x81, (byte) 0xfe, -1, -1, 0, 0, 0, 0, '{'});
        Mutator bytes = new Mutator(random, samples);
        int inputs = Mutator.times(15_000);
        for (int i = 0; i < inputs; i += 10) {
            try (RawPeer peer = new RawPeer(prey.port)) {
                byte[] all =
                        concat(RawPeer.frame(RawPeer.TEXT, HELLO.getBytes(StandardCharsets.US_ASCII)), new byte[0]);
                for (int j = 0; j < 10; j++) {
                    all = concat(all, random.nextBoolean() ? bytes.next() : bytes.sample());
                }
                if (random.nextInt(10) == 0) {
                    // In one segment with the handshake, which no client may do.
                    shout(peer, concat(RawPeer.handshake().getBytes(StandardCharsets.US_ASCII), all));
                } else {
                    assertThat(peer.upgrade()).startsWith("HTTP/1.1 101");
                    shout(peer, all);
                }
            }
            prey.tell();
        }
        judged();
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = java.util.Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Test
    @DisplayName("requests of HTTP that are broken as such, at each endpoint")
    void requests() throws IOException {
        String session = "Polywire-Session: AAAAAAAAAAAAAAAAAAAAAA";
        String secret = "Polywire-Secret: BBBBBBBBBBBBBBBBBBBBBB";
        List<byte[]> samples = new ArrayList<>();
        for (String request : List.of(
                RawPeer.request("POST /realtime/sse", HELLO),
                RawPeer.request("POST /realtime/poll", HELLO),
                RawPeer.request(
                        "POST /realtime/sse", "", session, secret, "Polywire-Attach: 1", "Polywire-Received: 0"),
                RawPeer.request("GET /realtime/poll?wait=0", "", session, secret, "Polywire-Attach: 7"),
                RawPeer.request("POST /realtime/send", "[{\"type\":\"noop\"}]", session, secret, "Polywire-First: 1"),
                RawPeer.request("GET /realtime/poll?channel=room:1&channel=room:2&wait=0", ""),
                RawPeer.request("GET /realtime/poll?channel=room:1&since=start&wait=0", ""),
                RawPeer.request("GET /realtime/sse?channel=room%3A1&since=start", "", "Last-Event-ID: e.1"),
                RawPeer.request("GET /realtime/sse?channel=room:1&cursor=WzEsMl0", "", "Cookie: a=b"),
                RawPeer.request("GET /realtime", "", "Origin: http://localhost"),
                RawPeer.request("GET /realtime/client.js", "", "Accept-Encoding: gzip"),
                RawPeer.request("OPTIONS /realtime/send", "", "Origin: http://localhost"),
                RawPeer.request("GET /realtime/nowhere/../send", "", "Authorization: Bearer x"),
                RawPeer.handshake("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=x"),
                RawPeer.handshake("Sec-WebSocket-Protocol: polywire.1.json, other", "Origin: http://localhost"),
                "POST /realtime/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n5\r\n[{\"ty\r\n3\r\npe\"\r\n0\r\n\r\n")) {
            samples.add(request.getBytes(StandardCharsets.US_ASCII));
        }
        Mutator bytes = new Mutator(random, samples);
        int inputs = Mutator.times(12_000);
        for (int i = 0; i < inputs; i += 3) {
            try (RawPeer peer = new RawPeer(prey.port)) {
                byte[] all = new byte[0];
                for (int j = 0; j < 3; j++) {
                    all = concat(all, random.nextInt(4) > 0 ? bytes.next() : bytes.sample());
                }
                // What stands behind a stream is not read before its end, nor is the end of what the peer sends.
                peer.socket.setSoTimeout(50);
                shout(peer, all);
            }
            if (i % 30 == 0) {
                prey.tell();
            }
        }
        judged();
    }

    @Test
    @DisplayName(
            "bodies of POSTs: one frame or an array of them, to a session that is there and to the doors of others")
    void bodies() throws IOException {
        int inputs = Mutator.times(5_000);
        Uplink uplink = new Uplink();
        for (int i = 0; i < inputs; i++) {
            uplink.post(random.nextInt(10), random.nextInt(3) > 0 ? frame() : array());
            if (i % 10 == 0) {
                prey.tell();
            }
        }
        uplink.close();
        assertThat(uplink.taken)
                .as("bodies that were taken, -Dpolywire.seed=" + seed)
                .isGreaterThan(inputs / 100);
        judged();
    }

    private byte[] array() {
        byte[] all = {'['};
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            all = concat(concat(all, i == 0 ? new byte[0] : new byte[] {','}), frames.sample());
        }
        all = concat(all, new byte[] {']'});
        return random.nextBoolean() ? frames.mutate(all) : all;
    }

    /** A connection that is kept for as long as the server keeps it, with a session whose count it follows. */
    private final class Uplink {
        private RawPeer peer = new RawPeer(prey.port);
        private JsonObject welcome = new JsonObject();
        private long received;
        private int taken;

        private void post(int door, byte[] body) throws IOException {
            if (welcome.isEmpty()) {
                welcome = new JsonArray(ask("/poll", HELLO.getBytes(StandardCharsets.US_ASCII))).getJsonObject(0);
                received = 0;
            }
            if (door == 1) {
                knock(body);
                return;
            }
            String reply = door == 0
                    ? ask("/poll", body)
                    : ask(
                            "/send",
                            body,
                            "Polywire-Session: " + welcome.getString("session"),
                            "Polywire-Secret: " + welcome.getString("secret"),
                            "Polywire-First: " + (received + 1));
            if (door > 1) {
                JsonObject answer = new JsonObject(reply);
                if (answer.containsKey("code") && !answer.containsKey("received")) {
                    // Over, by a bye among others.
                    welcome = "bad_frame".equals(answer.getString("code")) ? welcome : new JsonObject();
                } else {
                    received = answer.getLong("received");
                    taken++;
                }
            }
        }

        /** At the door of an event stream, which has no end when it opens. */
        private void knock(byte[] body) throws IOException {
            try (RawPeer other = new RawPeer(prey.port)) {
                other.write(concat(head("/sse", body).getBytes(StandardCharsets.US_ASCII), body));
                answered(other.head());
            }
        }

        private void answered(String reply) {
            assertThat(reply)
                    .as("-Dpolywire.seed=" + seed)
                    .startsWith("HTTP/1.1 ")
                    .doesNotStartWith("HTTP/1.1 500");
        }

        private String head(String path, byte[] body, String... headers) {
            StringBuilder head = new StringBuilder("POST /realtime" + path + " HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            return head.append("\r\n").toString();
        }

        private String ask(String path, byte[] body, String... headers) throws IOException {
            peer.write(concat(head(path, body, headers).getBytes(StandardCharsets.US_ASCII), body));
            String reply = peer.head();
            answered(reply);
            int at = reply.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
            assertThat(at).as(reply).isPositive();
            int length = Integer.parseInt(reply.substring(at + 16, reply.indexOf('\r', at)));
            String text = new String(peer.socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
            if (reply.toLowerCase(java.util.Locale.ROOT).contains("connection: close")) {
                peer.close();
                peer = new RawPeer(prey.port);
            }
            return text;
        }

        private void close() {
            peer.close();
        }
    }

    @Test
    @DisplayName("the judge hears of a buffer that is lost, and of what is thrown where nobody catches it")
    void judgeHears() {
        prey.unharmed();
        judge.satisfied("nothing happened yet");
        prey.vertx.getOrCreateContext().runOnContext(run -> {
            throw new IllegalStateException("thrown by a test");
        });
        Await.until("the complaint", () -> !judge.content());
        assertThatThrownBy(() -> judge.satisfied("thrown")).hasMessageContaining("thrown by a test");
        judge.notDeaf();
    }
}
