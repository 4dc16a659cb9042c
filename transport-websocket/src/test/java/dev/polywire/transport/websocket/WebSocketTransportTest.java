package dev.polywire.transport.websocket;

import static dev.polywire.testing.RecordingGateway.WELCOME;
import static dev.polywire.testing.RecordingGateway.await;
import static dev.polywire.testing.RecordingGateway.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.Transport;
import dev.polywire.testing.RecordingGateway;
import dev.polywire.testing.RecordingGateway.Link;
import dev.polywire.testing.TestServer;
import dev.polywire.testing.TestServer.Reply;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a WebSocket, with a gateway that only writes down. */
class WebSocketTransportTest {
    private static final String HELLO = "{\"type\":\"hello\"}";
    private static final String PING = "{\"type\":\"ping\"}";

    private final RecordingGateway gateway = new RecordingGateway();
    private TestServer server;

    @BeforeEach
    void start() {
        gateway.options.session().frame(1024);
        server = TestServer.start(gateway, new WebSocketTransport()::mount);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void restart(HttpServerOptions options, Consumer<Router> host) {
        server.close();
        server = TestServer.start(options, host, router -> new WebSocketTransport().mount(router, gateway));
    }

    private Talk open() {
        Talk talk = Talk.open(server, new WebSocketConnectOptions());
        talk.say(HELLO);
        assertThat(next(talk.messages)).isEqualTo(WELCOME);
        return talk;
    }

    @Test
    void isFoundByTheServiceLoader() {
        assertThat(ServiceLoader.load(Transport.class)).hasOnlyElementsOfType(WebSocketTransport.class);
        assertThat(new WebSocketTransport().name()).isEqualTo("websocket");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void carriesOneFrameInEachMessage(boolean compression) {
        gateway.options.compression(compression);
        Talk talk = open();
        // Whatever the host's server would negotiate.
        assertThat(talk.socket.headers().contains("Sec-WebSocket-Extensions")).isEqualTo(compression);
        Link link = next(gateway.links);
        assertThat(link.asked).isEqualTo(HELLO);
        assertThat(link.who.transport()).isEqualTo("websocket");
        assertThat(link.who.resume()).isNull();
        talk.say("1").say("2");
        assertThat(next(gateway.frames).toString()).isEqualTo("1");
        assertThat(next(gateway.frames).toString()).isEqualTo("2");
        String big = "x".repeat(100_000);
        await(link.send(link.batch(false, "3", big, "ä")));
        assertThat(next(talk.messages)).isEqualTo("3");
        assertThat(next(talk.messages)).isEqualTo(big);
        assertThat(next(talk.messages)).isEqualTo("ä");
        assertThat(link.writable()).isTrue();
    }

    @Test
    void choosesTheSubprotocolWhenItIsOffered() {
        Talk talk = Talk.open(
                server, new WebSocketConnectOptions().addSubProtocol("x").addSubProtocol("polywire.1.json"));
        assertThat(talk.socket.subProtocol()).isEqualTo("polywire.1.json");
        assertThat(Talk.open(server, new WebSocketConnectOptions()).socket.subProtocol())
                .isNull();
    }

    @Test
    void answersWhatIsNoUpgrade() {
        Reply get = server.get("/websocket");
        assertThat(get.status()).isEqualTo(426);
        assertThat(get.code()).isEqualTo("upgrade_required");
        assertThat(get.headers().get("Upgrade")).isEqualTo("websocket");
        assertThat(server.request(HttpMethod.POST, "/websocket", Buffer.buffer("[]"))
                        .status())
                .isEqualTo(405);
        Reply old =
                RawTalk.upgrade(server, "Sec-WebSocket-Version: 7\r\nSec-WebSocket-Key: eHh4eHh4eHh4eHh4eHh4eA==\r\n");
        assertThat(old.status()).isEqualTo(426);
        Reply keyless = RawTalk.upgrade(server, "Sec-WebSocket-Version: 13\r\n");
        assertThat(keyless.status()).isEqualTo(400);
    }

    @Test
    void refusesOriginsBeforeTheUpgrade() {
        Reply reply = RawTalk.upgrade(server, RawTalk.HANDSHAKE + "Origin: https://evil.net\r\n");
        assertThat(reply.status()).isEqualTo(403);
        assertThat(RawTalk.upgrade(server, RawTalk.HANDSHAKE + "Origin: http://x\r\n")
                        .status())
                .isEqualTo(101);
    }

    @Test
    void upgradesBehindAHandlerThatWaits() {
        restart(
                new HttpServerOptions(),
                router -> router.route().handler(context -> {
                    context.request().pause();
                    context.vertx().setTimer(20, later -> context.next());
                }));
        open();
    }

    @Test
    void answersProbesAndThenTakesHello() {
        Talk talk = Talk.open(server, new WebSocketConnectOptions());
        talk.say(PING);
        assertThat(next(talk.messages)).isEqualTo("{\"type\":\"pong\"}");
        talk.say(HELLO);
        assertThat(next(talk.messages)).isEqualTo(WELCOME);
        talk.say(PING);
        assertThat(next(gateway.frames).toString()).isEqualTo(PING);
    }

    @Test
    void doesNotAnswerProbesForEver() {
        Talk talk = Talk.open(server, new WebSocketConnectOptions());
        talk.say(PING).say(PING).say(PING).say(PING);
        for (int i = 0; i < 3; i++) {
            assertThat(next(talk.messages)).isEqualTo("{\"type\":\"pong\"}");
        }
        assertThat(next(talk.messages)).contains("\"bad_frame\"");
        assertThat(talk.closeCode()).isEqualTo(4000);
    }

    @Test
    void holdsWhatComesDuringTheAttach() {
        Promise<Attachment> attach = Promise.promise();
        gateway.onAttach = link -> attach.future();
        Talk talk = Talk.open(server, new WebSocketConnectOptions());
        talk.say(HELLO);
        for (int i = 0; i < 50; i++) {
            talk.say("" + i);
        }
        next(gateway.links).call(() -> {
            attach.complete(gateway.attachment());
            return Future.succeededFuture();
        });
        for (int i = 0; i < 50; i++) {
            assertThat(next(gateway.frames).toString()).isEqualTo("" + i);
        }
    }

    @Test
    void tellsARefusalAndCloses() {
        gateway.onAttach = link ->
                Future.failedFuture(new Refusal(ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "Full.", 2000, -1, null));
        Talk talk = Talk.open(server, new WebSocketConnectOptions());
        talk.say(HELLO).say("1");
        assertThat(new JsonObject(next(talk.messages)))
                .isEqualTo(new JsonObject(
                        "{\"type\":\"error\",\"code\":\"unavailable\",\"message\":\"Full.\",\"retryAfter\":2000}"));
        JsonObject bye = new JsonObject(next(talk.messages));
        assertThat(bye.getString("type")).isEqualTo("bye");
        assertThat(bye.getLong("retryAfter")).isEqualTo(2000);
        assertThat(talk.closeCode()).isEqualTo(1013);
        assertThat(gateway.frames).isEmpty();
    }

    @Test
    void tellsNothingOfAFault() {
        gateway.onAttach = link -> Future.failedFuture(new IllegalStateException("jdbc:secret"));
        Talk talk = Talk.open(server, new WebSocketConnectOptions());
        talk.say(HELLO);
        assertThat(next(talk.messages)).contains("\"internal\"").doesNotContain("jdbc");
        assertThat(talk.closeCode()).isEqualTo(1013);
    }

    @Test
    void waitsForHelloOnlySoLong() {
        gateway.options.session().helloTimeout(Duration.ofMillis(100));
        Talk talk = Talk.open(server, new WebSocketConnectOptions());
        assertThat(talk.closeCode()).isEqualTo(4003);
        assertThat(new JsonObject(talk.messages.remove()).getString("type")).isEqualTo("error");
        assertThat(new JsonObject(talk.messages.remove()).getString("reconnect"))
                .isEqualTo("resume");
    }

    @Test
    void waitsAgainAfterOthersHaveSaidHelloOrGone() {
        gateway.options.session().helloTimeout(Duration.ofMillis(200));
        Talk gone = Talk.open(server, new WebSocketConnectOptions());
        Talk said = open();
        Talk silent = Talk.open(server, new WebSocketConnectOptions());
        await(gone.socket.close());
        assertThat(silent.closeCode()).isEqualTo(4003);
        Talk later = Talk.open(server, new WebSocketConnectOptions());
        assertThat(later.closeCode()).isEqualTo(4003);
        said.say(HELLO);
        assertThat(said.socket.isClosed()).isFalse();
    }

    @Test
    void refusesBinaryMessages() {
        Talk talk = open();
        await(talk.socket.writeBinaryMessage(Buffer.buffer("1")));
        JsonObject bye = new JsonObject(next(talk.messages));
        assertThat(bye.getInteger("code")).isEqualTo(1003);
        assertThat(bye.containsKey("sent")).isFalse();
        assertThat(talk.closeCode()).isEqualTo(1003);
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.UNSUPPORTED_DATA);
    }

    @Test
    void refusesMessagesOverTheLimit() {
        Talk talk = open();
        talk.say("1".repeat(1024));
        assertThat(next(gateway.frames).length()).isEqualTo(1024);
        talk.say("1".repeat(1025));
        assertThat(talk.closeCode()).isEqualTo(1009);
        assertThat(next(talk.messages)).contains("\"too_large\"", "\"resume\"");
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.TOO_LARGE);
        assertThat(gateway.frames).isEmpty();
    }

    @Test
    void saysSoAlsoWhenTheHostsLimitIsTheSmallerOne() {
        restart(gateway.options.applyTo(new HttpServerOptions()).setMaxWebSocketFrameSize(512), router -> {});
        Talk talk = open();
        talk.say("1".repeat(513));
        assertThat(talk.closeCode()).isEqualTo(1009);
        assertThat(next(talk.messages)).contains("\"too_large\"");
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.TOO_LARGE);
    }

    @Test
    void putsFragmentsTogetherUpToTheLimit() {
        Talk talk = open();
        talk.frame(WebSocketFrame.textFrame("ab", false))
                .frame(WebSocketFrame.continuationFrame(Buffer.buffer("cd"), false))
                .frame(WebSocketFrame.pingFrame(Buffer.buffer()))
                .frame(WebSocketFrame.continuationFrame(Buffer.buffer("ef"), true))
                .say("g");
        assertThat(next(gateway.frames).toString()).isEqualTo("abcdef");
        assertThat(next(gateway.frames).toString()).isEqualTo("g");
        talk.frame(WebSocketFrame.textFrame("1".repeat(1000), false))
                .frame(WebSocketFrame.continuationFrame(Buffer.buffer("1".repeat(25)), false));
        assertThat(talk.closeCode()).isEqualTo(1009);
    }

    @Test
    void tellsOnceThatThePeerHasGone() {
        Talk talk = open();
        Link link = next(gateway.links);
        await(talk.socket.close());
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.NORMAL);
        assertThat(link.writable()).isFalse();
        await(link.close(CloseReason.REPLACED));
        assertThat(gateway.closes).isEmpty();
    }

    @Test
    void closesWithCodeAndReason() {
        Talk talk = open();
        Link link = next(gateway.links);
        link.send(link.batch(false, "bye"));
        await(link.close(CloseReason.REPLACED));
        assertThat(next(talk.messages)).isEqualTo("bye");
        assertThat(talk.closeCode()).isEqualTo(4008);
        assertThat(talk.socket.closeReason()).isEqualTo("replaced");
        assertThat(next(gateway.closes)).isEqualTo(CloseReason.REPLACED);
        assertThat(gateway.closes).isEmpty();
    }
}
