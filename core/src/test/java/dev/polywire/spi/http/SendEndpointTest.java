package dev.polywire.spi.http;

import static dev.polywire.testing.RecordingGateway.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.testing.CapturedLog;
import dev.polywire.testing.RecordingGateway;
import dev.polywire.testing.TestServer;
import dev.polywire.testing.TestServer.Reply;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /send}: the headers, the body and every way to say no. */
class SendEndpointTest {
    private final RecordingGateway gateway = new RecordingGateway();
    private TestServer server;

    @BeforeEach
    void start() {
        gateway.options.session().post(1024).frame(1024);
        server = TestServer.start(gateway, SendEndpoint::mount);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(Consumer<Router> host) {
        server.close();
        server = TestServer.start(new HttpServerOptions(), host, router -> SendEndpoint.mount(router, gateway));
    }

    @Test
    void saysHowManyWereReceivedAndHandsOnWhatTheHeadersState() {
        Reply reply = server.post(
                "/send?token=no",
                "[1]",
                "Polywire-Session",
                "s",
                "Polywire-Secret",
                "x",
                "Polywire-First",
                "7",
                "Polywire-Received",
                "3",
                "Authorization",
                "bearer t0ken");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(new JsonObject(reply.body())).isEqualTo(new JsonObject().put("received", 7));
        assertThat(reply.headers().get("Cache-Control")).isEqualTo("no-store");
        Handshake who = next(gateway.posts);
        assertThat(who.resume()).isEqualTo(new ClientFrame.Resume("s", "x", 0, 3, 0));
        assertThat(who.token()).isEqualTo("t0ken");
        assertThat(who.transport()).isEqualTo("send");
        assertThat(who.remoteAddress()).isEqualTo("127.0.0.1");
        assertThat(who.path()).isEqualTo("/realtime/send");
        assertThat(next(gateway.frames).toString()).isEqualTo("[1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.5", "x", "9007199254740992", "99999999999999999999", ""})
    void refusesNumbersThatAreNone(String number) {
        Reply reply = server.post("/send", "[]", "Polywire-First", number);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.code()).isEqualTo("bad_frame");
        assertThat(gateway.posts).isEmpty();
    }

    @Test
    void refusesASessionWithoutItsSecret() {
        assertThat(server.post("/send", "[]", "Polywire-Session", "s").status()).isEqualTo(400);
    }

    @Test
    void takesNothingFromABodyOverTheLimit() {
        String big = "1".repeat(1025);
        assertThat(server.post("/send", big).code()).isEqualTo("too_large");
        int chunked = RecordingGateway.await(server.client
                .request(HttpMethod.POST, server.port(), "127.0.0.1", "/realtime/send")
                .compose(request -> request.setChunked(true)
                        .putHeader("Content-Type", "application/json")
                        .send(big))
                .map(HttpClientResponse::statusCode));
        assertThat(chunked).isEqualTo(413);
        assertThat(gateway.frames).isEmpty();
        assertThat(server.post("/send", "1".repeat(1024)).status()).isEqualTo(200);
    }

    @Test
    void doesNotReadABodyWithoutEnd() throws IOException {
        String head = "POST /realtime/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        Socket socket =
                server.stalled((head + "Content-Length: 100000000\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        byte[] chunk = new byte[100_000];
        try {
            for (int i = 0; i < 1000; i++) {
                socket.getOutputStream().write(chunk);
            }
            throw new AssertionError("The server took in 100 MB.");
        } catch (IOException cut) {
            socket.close();
        }
    }

    @Test
    void answersBeforeTheBodyWhoIsNotLetInAndReadsNoneOfIt() throws IOException {
        gateway.onAdmit = who -> {
            throw new Refusal(ErrorCode.UNKNOWN, CloseReason.EXPIRED, "There is no such session.");
        };
        String head = "POST /realtime/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        Socket socket = server.stalled(
                (head + "Transfer-Encoding: chunked\r\n\r\n5f5e100\r\n").getBytes(StandardCharsets.US_ASCII));
        byte[] status = socket.getInputStream().readNBytes(12);
        assertThat(new String(status, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 404");
        byte[] chunk = new byte[100_000];
        try {
            for (int i = 0; i < 1000; i++) {
                socket.getOutputStream().write(chunk);
            }
            throw new AssertionError("The server took in 100 MB.");
        } catch (IOException cut) {
            socket.close();
        }
        assertThat(gateway.frames).isEmpty();
    }

    @Test
    void doesNotLogAPeerThatResetsItsConnection() throws IOException {
        Promise<Boolean> asked = Promise.promise();
        Promise<Throwable> reset = Promise.promise();
        Promise<Boolean> closed = Promise.promise();
        restart(router -> router.route().handler(context -> {
            context.request()
                    .connection()
                    .exceptionHandler(reset::tryComplete)
                    .closeHandler(gone -> closed.tryComplete(true));
            asked.tryComplete(true);
            context.next();
        }));
        String head = "POST /realtime/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        try (CapturedLog log = CapturedLog.of(Exchange.class)) {
            Socket socket = server.stalled((head + "Content-Length: 100\r\n\r\n[").getBytes(StandardCharsets.US_ASCII));
            RecordingGateway.await(asked.future());
            // Without linger, a close is a reset.
            socket.setSoLinger(true, 0);
            socket.close();
            assertThat(RecordingGateway.await(reset.future())).isInstanceOf(IOException.class);
            RecordingGateway.await(closed.future());
            assertThat(log.lines("Exchange")).isEmpty();
        }
        assertThat(server.post("/send", "[]").status()).isEqualTo(200);
    }

    @Test
    void doesNotLogABodyThatIsNoHttp() throws IOException {
        String head = "POST /realtime/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        try (CapturedLog log = CapturedLog.of(Exchange.class)) {
            for (String broken : new String[] {"2\r\n[]\r\n0\r\nno colon\r\n\r\n", "x\r\n[]\r\n0\r\n\r\n"}) {
                // Vert.x closes such a connection, whether the answer has gone out or not.
                TestServer.drain(server.stalled((head + broken).getBytes(StandardCharsets.US_ASCII)));
            }
            assertThat(log.lines("Exchange")).isEmpty();
        }
    }

    @Test
    void takesJsonOnly() {
        for (String type : new String[] {"text/plain", "application/jsonx", "multipart/form-data; boundary=x"}) {
            Reply reply = server.request(HttpMethod.POST, "/send", Buffer.buffer("[]"), "Content-Type", type);
            assertThat(reply.status()).isEqualTo(415);
            assertThat(reply.code()).isEqualTo("unsupported_media_type");
        }
        assertThat(server.request(HttpMethod.POST, "/send", Buffer.buffer("[]")).status())
                .isEqualTo(415);
        Reply charset = server.request(
                HttpMethod.POST, "/send", Buffer.buffer("[]"), "Content-Type", "Application/JSON; charset=utf-8");
        assertThat(charset.status()).isEqualTo(200);
    }

    @Test
    void saysHowARefusalIsMeant() {
        gateway.onReceive = first -> Future.failedFuture(
                new Refusal(ErrorCode.RATE_LIMITED, CloseReason.TRY_LATER, "Slow down.", 1001, 4, null));
        Reply reply = server.post("/send", "[]");
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.headers().get("Retry-After")).isEqualTo("2");
        assertThat(new JsonObject(reply.body()))
                .isEqualTo(new JsonObject("{\"code\":\"rate_limited\",\"message\":\"Slow down.\",\"retryAfter\":1001,"
                        + "\"received\":4}"));
    }

    @Test
    void tellsNothingOfAFault() {
        gateway.onReceive = first -> Future.failedFuture(new IllegalStateException("jdbc:secret"));
        assertThat(server.post("/send", "[]").body()).doesNotContain("jdbc").contains("\"internal\"");
        gateway.onReceive = first -> {
            throw new IllegalStateException("jdbc:secret");
        };
        Reply thrown = server.post("/send", "[]");
        assertThat(thrown.status()).isEqualTo(500);
        assertThat(thrown.code()).isEqualTo("internal");
    }

    @Test
    void takesABodyThatTheHostHasRead() {
        restart(router -> router.route().handler(BodyHandler.create(false)));
        assertThat(server.post("/send", "[1]").status()).isEqualTo(200);
        assertThat(next(gateway.frames).toString()).isEqualTo("[1]");
        assertThat(server.post("/send", "1".repeat(1025)).status()).isEqualTo(413);
    }

    @Test
    void takesABodyBehindAHandlerThatWaits() {
        restart(router -> router.route().handler(context -> {
            context.request().pause();
            context.vertx().setTimer(20, later -> context.next());
        }));
        assertThat(server.post("/send", "[1]").status()).isEqualTo(200);
        assertThat(next(gateway.frames).toString()).isEqualTo("[1]");
    }

    @Test
    void isMountedOnceForAllTransports() {
        Router router = Router.router(server.vertx);
        SendEndpoint.mount(router, gateway);
        SendEndpoint.mount(router, gateway);
        assertThat(router.getRoutes()).hasSize(1);
    }

    @Test
    void saysWhichMethodsItKnows() {
        Reply reply = server.get("/send");
        assertThat(reply.status()).isEqualTo(405);
        assertThat(reply.code()).isEqualTo("method_not_allowed");
        assertThat(reply.headers().get("Allow")).isEqualTo("POST, OPTIONS");
    }
}
