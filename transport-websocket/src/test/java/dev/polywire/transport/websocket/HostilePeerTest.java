package dev.polywire.transport.websocket;

import static dev.polywire.testing.RecordingGateway.await;
import static dev.polywire.testing.RecordingGateway.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.protocol.CloseReason;
import dev.polywire.testing.RecordingGateway;
import dev.polywire.testing.RecordingGateway.Link;
import dev.polywire.testing.TestServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Peers that send what no client library would, or do not read. */
class HostilePeerTest {
    private static final int TEXT = 0x81;
    private static final byte[] HELLO = "{\"type\":\"hello\"}".getBytes(StandardCharsets.US_ASCII);

    private final RecordingGateway gateway = new RecordingGateway();
    private TestServer server;

    @BeforeEach
    void start() {
        server = TestServer.start(
                gateway.options.applyTo(new HttpServerOptions()),
                host -> {},
                router -> new WebSocketTransport().mount(router, gateway));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void handsOnBytesThatAreNoUtf8AsTheyAre() throws IOException {
        byte[] bad = {'"', (byte) 0xc3, 0x28, '"'};
        try (Socket socket = new RawTalk().frame(TEXT, HELLO).frame(TEXT, bad).open(server)) {
            assertThat(next(gateway.frames).getBytes()).isEqualTo(bad);
            assertThat(socket.isClosed()).isFalse();
        }
    }

    @Test
    void closesAConnectionThatDoesNotWaitForItsUpgrade() throws IOException {
        String handshake =
                "GET /realtime/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + RawTalk.HANDSHAKE + "\r\n";
        // In one segment with its handshake, a frame would reach nobody, and its bytes would be kept for good.
        Socket socket = server.stalled((handshake + "early").getBytes(StandardCharsets.US_ASCII));
        TestServer.drain(socket);
        assertThat(gateway.links).isEmpty();
        assertThat(gateway.frames).isEmpty();
    }

    @Test
    void endsAConnectionThatBreaksTheFraming() throws IOException {
        // An unmasked frame, a reserved bit, a continuation of nothing, a fragmented ping.
        int[][] violations = {
            {0x81, 1, '1'}, {0xf1, 0x80, 0, 0, 0, 0}, {0x80, 0x80, 0, 0, 0, 0}, {0x09, 0x80, 0, 0, 0, 0}
        };
        for (int[] violation : violations) {
            Socket socket = new RawTalk().frame(TEXT, HELLO).raw(violation).open(server);
            TestServer.drain(socket);
            assertThat(next(gateway.closes)).isEqualTo(CloseReason.BAD_FRAME);
        }
        assertThat(gateway.frames).isEmpty();
    }

    @Test
    void cutsOffAPeerThatDoesNotRead() throws IOException {
        Socket socket = new RawTalk().frame(TEXT, HELLO).open(server);
        Link link = next(gateway.links);
        link.send(link.batch(false, "1".repeat(16_000_000)));
        assertThat(link.writable()).isFalse();
        await(link.close(CloseReason.HEARTBEAT_TIMEOUT));
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.HEARTBEAT_TIMEOUT);
        assertThat(TestServer.drain(socket)).isLessThan(16_000_000);
    }

    @Test
    void cutsOffAPeerThatDoesNotAnswerTheClose() throws IOException {
        Socket socket = new RawTalk().frame(TEXT, HELLO).open(server);
        Link link = next(gateway.links);
        await(link.close(CloseReason.REPLACED));
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.REPLACED);
        TestServer.drain(socket);
    }

    @Test
    void cutsOffAPeerThatPingsAndDoesNotRead() throws IOException {
        RawTalk talk = new RawTalk().frame(TEXT, HELLO);
        Socket socket = talk.open(server);
        Link link = next(gateway.links);
        link.send(link.batch(false, "1".repeat(16_000_000)));
        byte[] ping = new byte[131];
        ping[0] = (byte) 0x89;
        ping[1] = (byte) (0x80 | 125);
        try {
            for (int i = 0; i < 1_000_000; i++) {
                socket.getOutputStream().write(ping);
            }
            throw new AssertionError("The server parks pongs without end.");
        } catch (IOException cut) {
            socket.close();
        }
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.POLICY);
    }
}
