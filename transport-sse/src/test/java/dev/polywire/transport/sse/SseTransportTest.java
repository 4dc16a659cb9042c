package dev.polywire.transport.sse;

import static dev.polywire.testing.RecordingGateway.WELCOME;
import static dev.polywire.testing.RecordingGateway.await;
import static dev.polywire.testing.RecordingGateway.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.Transport;
import dev.polywire.testing.RecordingGateway;
import dev.polywire.testing.RecordingGateway.Link;
import dev.polywire.testing.TestServer;
import dev.polywire.testing.TestServer.Reply;
import dev.polywire.testing.TestServer.Stream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of requests for streams, with a gateway that only writes down. */
class SseTransportTest {
    private static final String HELLO = "{\"type\":\"hello\"}";
    private static final String FIRST = "data: " + WELCOME + "\n\n";

    private final RecordingGateway gateway = new RecordingGateway();
    private TestServer server;

    @BeforeEach
    void start() {
        gateway.options.session().frame(1024);
        server = TestServer.start(
                new HttpServerOptions().setCompressionSupported(true),
                host -> {},
                router -> new SseTransport().mount(router, gateway));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Stream open(String... headers) {
        return server.stream(server.client, HttpMethod.POST, "/sse", HELLO, headers);
    }

    @Test
    void isFoundByTheServiceLoader() {
        assertThat(ServiceLoader.load(Transport.class)).hasOnlyElementsOfType(SseTransport.class);
        assertThat(new SseTransport().name()).isEqualTo("sse");
    }

    @Test
    void streamsFramesAsTheyCome() {
        Stream stream = open("Accept-Encoding", "gzip");
        assertThat(stream.response.statusCode()).isEqualTo(200);
        assertThat(stream.response.getHeader("Content-Type")).isEqualTo("text/event-stream");
        assertThat(stream.response.getHeader("Cache-Control")).isEqualTo("no-store, no-transform");
        assertThat(stream.response.getHeader("X-Accel-Buffering")).isEqualTo("no");
        assertThat(stream.response.getHeader("Content-Encoding")).isNotEqualTo("gzip");
        stream.expect(FIRST);
        Link link = next(gateway.links);
        assertThat(link.asked).isEqualTo(HELLO);
        assertThat(link.who.transport()).isEqualTo("sse");
        assertThat(link.writable()).isTrue();
        await(link.send(link.batch(false, "1", "2")));
        stream.expect(FIRST + "data: 1\n\ndata: 2\n\n");
    }

    @Test
    void streamsOverHttp2() {
        Stream stream = server.stream(server.client2, HttpMethod.POST, "/sse", HELLO);
        stream.expect(FIRST);
        Link link = next(gateway.links);
        await(link.close(CloseReason.REPLACED));
        await(stream.ended());
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.REPLACED);
    }

    @Test
    void resumesByHeadersWithoutABody() {
        Reply noNumber = server.post("/sse", "", "Polywire-Session", "s", "Polywire-Secret", "x");
        assertThat(noNumber.status()).isEqualTo(400);
        server.stream(
                server.client,
                HttpMethod.POST,
                "/sse",
                "",
                "Polywire-Session",
                "s",
                "Polywire-Secret",
                "x",
                "Polywire-Attach",
                "2",
                "Polywire-Received",
                "3",
                "Polywire-Confirmed",
                "4");
        Link link = next(gateway.links);
        assertThat(link.who.resume()).isEqualTo(new ClientFrame.Resume("s", "x", 2, 3, 4));
        assertThat(link.asked).isEmpty();
    }

    @Test
    void answersARefusalByStatus() {
        gateway.onAttach = link -> Future.failedFuture(
                new Refusal(ErrorCode.UNSUPPORTED_VERSION, CloseReason.UNSUPPORTED_VERSION, "No.", 0, -1, List.of(1)));
        Reply reply = server.post("/sse", HELLO);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("\"versions\":[1]");
        assertThat(server.post("/sse", "1".repeat(1025)).status()).isEqualTo(413);
        assertThat(server.request(HttpMethod.HEAD, "/sse", Buffer.buffer()).status())
                .isEqualTo(405);
        assertThat(server.get("/sse").status()).isEqualTo(400);
        assertThat(server.post("/sse", HELLO, "Origin", "https://evil.net").status())
                .isEqualTo(403);
        assertThat(gateway.closes).isEmpty();
    }

    @Test
    void tellsOnceThatThePeerHasGone() {
        Stream stream = open();
        stream.expect(FIRST);
        await(stream.response.request().connection().close());
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
        Link link = next(gateway.links);
        assertThat(link.writable()).isFalse();
        await(link.close(CloseReason.REPLACED));
        assertThat(gateway.closes).isEmpty();
    }

    @Test
    void tellsThatThePeerHasGoneWhileItWasAttaching() throws IOException {
        Promise<Attachment> attach = Promise.promise();
        gateway.onAttach = link -> attach.future();
        server.stalled(request("POST /realtime/sse")).close();
        next(gateway.links).call(() -> {
            attach.complete(gateway.attachment());
            return Future.succeededFuture();
        });
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
    }

    @Test
    void answersACloseBeforeTheFirstFrameByStatus() {
        Promise<Attachment> never = Promise.promise();
        gateway.onAttach = link -> {
            link.connection.close(CloseReason.RESTART);
            return never.future();
        };
        Reply reply = server.post("/sse", HELLO);
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.code()).isEqualTo("restart");
    }

    @Test
    void cutsOffAPeerThatDoesNotRead() throws IOException {
        Socket socket = server.stalled(request("POST /realtime/sse"));
        Link link = next(gateway.links);
        Future<Void> sent = link.send(link.batch(false, "1".repeat(16_000_000)));
        assertThat(link.writable()).isFalse();
        await(link.close(CloseReason.HEARTBEAT_TIMEOUT));
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.HEARTBEAT_TIMEOUT);
        assertThat(sent.succeeded()).isFalse();
        assertThat(TestServer.drain(socket)).isLessThan(16_000_000);
    }

    @Test
    void cutsOffAStreamOfHttp2ThatIsNotRead() {
        Stream stream = server.stream(server.client2, HttpMethod.POST, "/sse", HELLO);
        stream.response.pause();
        Link link = next(gateway.links);
        link.send(link.batch(false, "1".repeat(16_000_000)));
        await(link.close(CloseReason.HEARTBEAT_TIMEOUT));
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.HEARTBEAT_TIMEOUT);
        assertThat(server.stream(server.client2, HttpMethod.POST, "/sse", HELLO)
                        .response
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void readsChannelsWithCursors() {
        gateway.onRead = link -> {
            // What is known already comes before the gateway has answered, but after the opening event.
            link.connection.send(link.bare("1", "2"));
            return Future.succeededFuture(new RecordingGateway.Reader(gateway.attachment(), "c0"));
        };
        Stream stream = server.stream(server.client, HttpMethod.GET, "/sse?channel=a&channel=b&since=start", "");
        stream.expect("id: c0\nevent: position\ndata: {}\n\nid: c1\ndata: 1\n\nid: c2\ndata: 2\n\n");
        Link link = next(gateway.links);
        assertThat(link.asked).isEqualTo("a,b null true");
        await(link.close(CloseReason.SLOW_CONSUMER));
        await(stream.ended());
    }

    @Test
    void goesOnFromTheLastEventId() {
        server.stream(server.client, HttpMethod.GET, "/sse?channel=a&cursor=old", "", "Last-Event-ID", "new");
        assertThat(next(gateway.links).asked).isEqualTo("a new false");
        server.stream(server.client, HttpMethod.GET, "/sse?channel=a&cursor=old", "");
        assertThat(next(gateway.links).asked).isEqualTo("a old false");
    }

    @Test
    void keepsAQuietBareStreamAlive() {
        gateway.options.session().heartbeat(Duration.ofSeconds(1));
        Stream stream = server.stream(server.client, HttpMethod.GET, "/sse?channel=a", "");
        stream.expect("id: c0\nevent: position\ndata: {}\n\n:\n\n");
    }

    @Test
    void failsASendAfterTheEnd() {
        open().expect(FIRST);
        Link link = next(gateway.links);
        await(link.close(CloseReason.NORMAL));
        Batch batch = link.batch(false, "1");
        boolean failed = await(link.send(batch).transform(done -> Future.succeededFuture(done.failed())));
        assertThat(failed).isTrue();
    }

    private static byte[] request(String line) {
        return (line + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " + HELLO.length()
                        + "\r\n\r\n" + HELLO)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
