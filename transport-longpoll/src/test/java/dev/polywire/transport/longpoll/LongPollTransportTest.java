package dev.polywire.transport.longpoll;

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
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of polls, with a gateway that only writes down. */
class LongPollTransportTest {
    private static final String HELLO = "{\"type\":\"hello\"}";
    private static final String[] RESUME = {
        "Polywire-Session", "s", "Polywire-Secret", "x", "Polywire-Attach", "2", "Polywire-Received", "3"
    };

    private final RecordingGateway gateway = new RecordingGateway();
    private TestServer server;

    @BeforeEach
    void start() {
        gateway.options.session().frame(1024);
        server = TestServer.start(gateway, new LongPollTransport()::mount);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    // Asks without waiting for the reply.
    private Future<String> poll(String query) {
        return server.client
                .request(HttpMethod.GET, server.port(), "127.0.0.1", "/realtime/poll" + query)
                .compose(request -> {
                    for (int i = 0; i < RESUME.length; i += 2) {
                        request.putHeader(RESUME[i], RESUME[i + 1]);
                    }
                    // Before it is sent: who asks for the body from another thread, when the head has come, may be too
                    // late.
                    Future<String> reply = request.response()
                            .compose(response -> response.body()
                                    .map(body -> response.statusCode() + " " + body.toString(StandardCharsets.UTF_8)));
                    request.end();
                    return reply;
                });
    }

    @Test
    void isFoundByTheServiceLoader() {
        assertThat(ServiceLoader.load(Transport.class)).hasOnlyElementsOfType(LongPollTransport.class);
        assertThat(new LongPollTransport().name()).isEqualTo("longpoll");
    }

    @Test
    void answersAnOpeningAtOnceWithWhatThereIs() {
        Reply reply = server.post("/poll", HELLO);
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body()).isEqualTo("[" + WELCOME + "]");
        assertThat(reply.headers().get("Content-Type")).isEqualTo("application/json");
        assertThat(reply.headers().get("Cache-Control")).isEqualTo("no-store");
        assertThat(next(gateway.links).asked).isEqualTo(HELLO);
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
    }

    @Test
    void putsWhatTheSameTurnBringsBehindTheWelcome() {
        gateway.onAttach = link -> {
            link.connection.send(link.batch(true, WELCOME));
            link.connection.send(link.batch(false, "1", "2"));
            return Future.succeededFuture(gateway.attachment());
        };
        assertThat(server.post("/poll", HELLO).body()).isEqualTo("[" + WELCOME + ",1,2]");
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
    }

    @Test
    void holdsTheWelcomeUntilThereIsMore() {
        Future<String> reply = poll("");
        Link link = next(gateway.links);
        assertThat(link.who.resume()).isEqualTo(new ClientFrame.Resume("s", "x", 2, 3, 0));
        assertThat(link.writable()).isTrue();
        assertThat(reply.isComplete()).isFalse();
        await(link.send(link.batch(false, "1")));
        assertThat(await(reply)).isEqualTo("200 [" + WELCOME + ",1]");
        assertThat(link.writable()).isFalse();
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
    }

    @Test
    void holdsTheWelcomeUntilItsTimeIsUp() {
        assertThat(await(poll("?wait=50"))).isEqualTo("200 [" + WELCOME + "]");
        assertThat(await(poll("?wait=0"))).isEqualTo("200 [" + WELCOME + "]");
        gateway.options.session().heartbeat(Duration.ofSeconds(1));
        assertThat(await(poll("?wait=3600000"))).isEqualTo("200 [" + WELCOME + "]");
    }

    @Test
    void answersWithTheByeAtOnce() {
        Future<String> reply = poll("");
        Link link = next(gateway.links);
        Buffer bye = Buffer.buffer("{\"type\":\"bye\"}");
        await(link.send(new Batch(java.util.List.of(bye), true, true, null)));
        assertThat(await(reply)).isEqualTo("200 [" + WELCOME + "," + bye + "]");
    }

    @ParameterizedTest
    @CsvSource({"REPLACED, 409, replaced", "EXPIRED, 404, expired", "RESTART, 503, restart"})
    void answersACloseByStatus(CloseReason reason, int status, String code) {
        Future<String> reply = poll("");
        Link link = next(gateway.links);
        await(link.close(reason));
        assertThat(await(reply)).startsWith(status + " ").contains("\"code\":\"" + code + "\"");
        assertThat(next(gateway.closes)).isEqualTo(reason);
        assertThat(gateway.closes).isEmpty();
    }

    @Test
    void answersANormalCloseWithWhatItHolds() {
        Future<String> reply = poll("");
        await(next(gateway.links).close(CloseReason.NORMAL));
        assertThat(await(reply)).isEqualTo("200 [" + WELCOME + "]");
    }

    @Test
    void answersRefusals() {
        gateway.onAttach = link -> Future.failedFuture(new Refusal(ErrorCode.STALE, CloseReason.STALE, "Old."));
        assertThat(await(poll(""))).startsWith("409 ").contains("\"stale\"");
        assertThat(await(poll("?wait=x"))).startsWith("400 ");
        assertThat(server.get("/poll").code()).isEqualTo("bad_frame");
        assertThat(server.post("/poll", "").code()).isEqualTo("bad_frame");
        assertThat(server.post("/poll", "1".repeat(1025)).status()).isEqualTo(413);
        assertThat(server.request(HttpMethod.POST, "/poll", Buffer.buffer(HELLO), "Content-Type", "text/plain")
                        .status())
                .isEqualTo(415);
        Reply head = server.request(HttpMethod.HEAD, "/poll", Buffer.buffer());
        assertThat(head.status()).isEqualTo(405);
        assertThat(head.headers().get("Allow")).isEqualTo("POST, GET, OPTIONS");
        assertThat(server.get("/poll?channel=a", "Origin", "https://evil.net").status())
                .isEqualTo(403);
        assertThat(gateway.closes).isEmpty();
    }

    @Test
    void tellsOnceThatThePeerHasGone() throws IOException {
        Socket socket = server.stalled(request());
        Link link = next(gateway.links);
        socket.close();
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
        assertThat(link.writable()).isFalse();
        await(link.close(CloseReason.EXPIRED));
        assertThat(gateway.closes).isEmpty();
    }

    @Test
    void tellsThatThePeerHasGoneWhileItWasAttaching() throws IOException {
        Promise<Attachment> attach = Promise.promise();
        gateway.onAttach = link -> attach.future();
        Socket socket = server.stalled(request());
        Link link = next(gateway.links);
        socket.close();
        link.call(() -> {
            attach.complete(gateway.attachment());
            return Future.succeededFuture();
        });
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
    }

    @Test
    void cutsOffAPeerThatDoesNotRead() throws IOException {
        Socket socket = server.stalled(request());
        Link link = next(gateway.links);
        link.send(link.batch(false, "1".repeat(16_000_000)));
        await(link.close(CloseReason.HEARTBEAT_TIMEOUT));
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.HEARTBEAT_TIMEOUT);
        assertThat(TestServer.drain(socket)).isLessThan(16_000_000);
    }

    @Test
    void readsChannelsWithACursor() {
        Reply quiet = server.get("/poll?channel=a&wait=20");
        assertThat(quiet.status()).isEqualTo(200);
        assertThat(quiet.body()).isEqualTo("{\"cursor\":\"c0\",\"messages\":[]}");
        assertThat(next(gateway.links).asked).isEqualTo("a null false");
        gateway.onRead = link -> {
            link.connection.send(link.bare("1", "2"));
            return Future.succeededFuture(new RecordingGateway.Reader(gateway.attachment(), "c0"));
        };
        Reply full = server.get("/poll?channel=a&channel=b&cursor=c7&since=start");
        assertThat(full.body()).isEqualTo("{\"cursor\":\"c2\",\"messages\":[1,2]}");
        assertThat(next(gateway.links).asked).isEqualTo("a,b c7 true");
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
    }

    @Test
    void answersOverHttp2() {
        Stream stream = server.stream(server.client2, HttpMethod.POST, "/poll", HELLO);
        await(stream.ended());
        stream.expect("[" + WELCOME + "]");
    }

    private static byte[] request() {
        StringBuilder request = new StringBuilder("GET /realtime/poll HTTP/1.1\r\nHost: x\r\n");
        for (int i = 0; i < RESUME.length; i += 2) {
            request.append(RESUME[i]).append(": ").append(RESUME[i + 1]).append("\r\n");
        }
        return request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }
}
