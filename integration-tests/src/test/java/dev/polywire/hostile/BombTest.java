package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.RealtimeOptions;
import dev.polywire.testing.CapturedLog;
import io.vertx.core.http.HttpServerOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compressed messages of 64 KB that would be 60 MB. */
class BombTest {
    private static final String DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";
    private static final int FRAME = 65536;

    /** Far below what the bomb is, and above what anything else on the loop takes meanwhile. */
    private static final long LITTLE = 8 << 20;

    private final Prey prey = new Prey(Prey.options().compression(true));

    @AfterEach
    void close() {
        prey.close();
    }

    private static byte[] bomb() {
        byte[] bomb = RawPeer.deflate(new byte[60 << 20]);
        assertThat(bomb).hasSizeLessThanOrEqualTo(FRAME);
        return bomb;
    }

    private RawPeer upgraded(Prey server) throws IOException {
        RawPeer peer = new RawPeer(server.port);
        assertThat(peer.upgrade(DEFLATE)).startsWith("HTTP/1.1 101").containsIgnoringCase("permessage-deflate");
        return peer;
    }

    private RawPeer opened() throws IOException {
        RawPeer peer = upgraded(prey).say("{\"type\":\"hello\",\"versions\":[1]}");
        assertThat(Objects.requireNonNull(peer.next()).opcode()).isEqualTo(1);
        return peer;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("a bomb is closed with 1009, as the first message or a later one; memory stays, and others go on")
    void whole(boolean first) throws IOException {
        byte[] bomb = bomb();
        try (CapturedLog log = CapturedLog.of("dev.polywire.spi.http.Exchange");
                RawPeer peer = first ? upgraded(prey) : opened()) {
            long before = prey.allocated();
            peer.write(RawPeer.frame(RawPeer.TEXT | RawPeer.COMPRESSED, bomb));
            assertThat(peer.closeCode()).isEqualTo(1009);
            assertThat(prey.allocated() - before).isLessThan(LITTLE);
            assertThat(log.lines("ERROR")).isEmpty();
        }
        prey.unharmed();
    }

    @Test
    @DisplayName(
            "a bomb in fragments, each of which is within the limit, is closed with 1009 when they are too much together")
    void fragments() throws IOException {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        byte[] part = new byte[60_000];
        byte[] small = new byte[1024];
        try (RawPeer peer = opened()) {
            long before = prey.allocated();
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < 1000; i++) {
                deflater.setInput(part);
                int length = deflater.deflate(small, 0, small.length, Deflater.SYNC_FLUSH);
                all.writeBytes(RawPeer.frame(i == 0 ? 0x41 : 0, java.util.Arrays.copyOf(small, length)));
            }
            try {
                peer.write(all.toByteArray());
            } catch (IOException cut) {
                // Closed while it was still writing, as it should be.
            }
            assertThat(peer.closeCode()).isIn(1009, 1006);
            assertThat(prey.allocated() - before).isLessThan(LITTLE);
        }
        deflater.end();
        prey.unharmed();
    }

    @Test
    @DisplayName("a compressed message of exactly the largest size is taken, and one byte more is not")
    void largest() throws IOException {
        String head = "{\"type\":\"publish\",\"id\":\"p\",\"channel\":\"room:1\",\"payload\":\"";
        String largest = head + "x".repeat(FRAME - head.length() - 2) + "\"}";
        assertThat(largest).hasSize(FRAME);
        try (RawPeer peer = opened()) {
            peer.write(deflated(largest));
            String answer = Objects.requireNonNull(peer.next()).text();
            // That it was accepted may be said first.
            assertThat(
                            answer.contains("received")
                                    ? Objects.requireNonNull(peer.next()).text()
                                    : answer)
                    .contains("\"ack\"");
            peer.write(deflated(largest + " "));
            assertThat(peer.closeCode()).isEqualTo(1009);
        }
        prey.unharmed();
    }

    private static byte[] deflated(String message) {
        return RawPeer.frame(
                RawPeer.TEXT | RawPeer.COMPRESSED, RawPeer.deflate(message.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    @DisplayName(
            "what is no deflate at all is closed with 1002, and a compressed message that was not agreed on is taken for what it looks like")
    void noDeflate() throws IOException {
        byte[] broken = RawPeer.frame(RawPeer.TEXT | RawPeer.COMPRESSED, new byte[] {-1, -1, -1, -1, -1, -1});
        try (RawPeer peer = opened()) {
            assertThat(peer.write(broken).closeCode()).isEqualTo(1002);
        }
        try (RawPeer peer = new RawPeer(prey.port)) {
            assertThat(peer.upgrade()).startsWith("HTTP/1.1 101").doesNotContain("deflate");
            peer.write(deflated("{\"type\":\"hello\",\"versions\":[1]}"));
            // Taken as it is, which is no hello.
            assertThat(peer.closeCode()).isEqualTo(4000);
        }
        prey.unharmed();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName(
            "on a host's server with its own defaults a bomb does no harm either, whether compression is on or off")
    void host(boolean compression) throws IOException {
        RealtimeOptions options = Prey.options().compression(compression);
        try (Prey host = new Prey(options, new HttpServerOptions());
                RawPeer peer = new RawPeer(host.port)) {
            String head = peer.upgrade(DEFLATE);
            assertThat(head.contains("permessage-deflate")).isEqualTo(compression);
            byte[] bomb = bomb();
            long before = host.allocated();
            peer.write(RawPeer.frame(RawPeer.TEXT | RawPeer.COMPRESSED, bomb));
            // Not agreed on, it is not inflated, and no hello.
            assertThat(peer.closeCode()).isEqualTo(compression ? 1009 : 4000);
            assertThat(host.allocated() - before).isLessThan(LITTLE);
            host.unharmed();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "a bomb as the body of a POST is refused and not inflated, and where a host's server inflates, not kept")
    void post(boolean host) throws IOException {
        byte[] bomb = gzip(new byte[60 << 20]);
        HttpServerOptions http = new HttpServerOptions().setDecompressionSupported(true);
        try (Prey server = new Prey(Prey.options().compression(true), host ? http : null)) {
            for (String path : List.of("/sse", "/poll", "/send")) {
                long before = server.allocated();
                try (RawPeer peer = new RawPeer(server.port)) {
                    peer.write("POST /realtime" + path
                            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                            + "Content-Encoding: gzip\r\nContent-Length: " + bomb.length + "\r\n\r\n");
                    try {
                        peer.write(bomb);
                    } catch (IOException cut) {
                        // It need not take it all.
                    }
                    // What a host's server inflates goes on after the refusal, and is cut off before all of it was let
                    // go by.
                    assertThat(peer.head()).as(path).matches("(?s)HTTP/1.1 4(00|04|13) .*" + (host ? "|" : ""));
                }
                assertThat(server.allocated() - before).as(path).isLessThan(LITTLE);
            }
            server.unharmed();
        }
    }

    private static byte[] gzip(byte[] message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(message);
        }
        return bytes.toByteArray();
    }

    @Test
    @DisplayName("the draft that compresses single frames, which a host's server may agree on, is bounded as well")
    void perFrame() throws IOException {
        try (Prey host = new Prey(Prey.options().compression(true), new HttpServerOptions());
                RawPeer peer = new RawPeer(host.port)) {
            assertThat(peer.upgrade("Sec-WebSocket-Extensions: x-webkit-deflate-frame"))
                    .contains("deflate-frame");
            byte[] bomb = bomb();
            long before = host.allocated();
            peer.write(RawPeer.frame(RawPeer.TEXT | RawPeer.COMPRESSED, bomb));
            assertThat(peer.closeCode()).isEqualTo(1009);
            assertThat(host.allocated() - before).isLessThan(LITTLE);
            host.unharmed();
        }
    }
}
