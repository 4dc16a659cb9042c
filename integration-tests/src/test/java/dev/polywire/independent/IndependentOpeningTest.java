package dev.polywire.independent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.polywire.independent.SmallClient.Transport;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How a connection opens a session or resumes one, and what the specification has refused at that. */
class IndependentOpeningTest extends ServerUnderTest {
    /** R10 and R15. */
    @ParameterizedTest
    @EnumSource
    void aStaleAttachIsRefusedAndChangesNothing(Transport transport) {
        SmallClient client = opened(transport);
        client.cut();
        join(client.open(Transport.WEBSOCKET));
        long before = client.attach;
        client.attach = before - 1;

        Throwable refusal = catchThrowable(() -> client.open(transport).get(10, TimeUnit.SECONDS));

        assertThat(refusal).cause().isInstanceOfSatisfying(Wire.Refused.class, refused -> {
            assertThat(refused.code).isEqualTo("stale");
            assertThat(refused.status).isEqualTo(transport == Transport.WEBSOCKET ? 4009 : 409);
        });
        assertThat(client.attach).isEqualTo(before);
        assertThat(join(client.request("echo", "still here")).getString("payload"))
                .isEqualTo("still here");
        assertThat(client.byes)
                .allSatisfy(bye -> assertThat(bye.getInteger("code")).isEqualTo(4009));
        client.cut();
        assertThat(join(client.open(transport)).getBoolean("resumed")).isTrue();
    }

    /** R14, and R15: the session that the secret does not belong to goes on. */
    @ParameterizedTest
    @EnumSource
    void aWrongSecretOpensANewSession(Transport transport) {
        SmallClient owner = opened(Transport.WEBSOCKET);
        SmallClient client = client();
        client.session = owner.session;
        client.secret = "A".repeat(owner.secret.length());

        JsonObject welcome = join(client.open(transport));

        assertThat(welcome.getBoolean("resumed")).isFalse();
        assertThat(welcome.getString("reason")).isEqualTo("unknown");
        assertThat(welcome.getString("secret")).isNotEmpty();
        assertThat(welcome.getString("session")).isNotEqualTo(owner.session);
        assertThat(welcome.getLong("received")).isZero();
        assertThat(welcome.getLong("first")).isEqualTo(1);
        assertThat(join(client.request("echo", 1)).getInteger("payload")).isEqualTo(1);
        assertThat(join(owner.request("echo", 2)).getInteger("payload")).isEqualTo(2);
    }

    /** R13 and R14. */
    @ParameterizedTest
    @EnumSource
    void aCountAheadOfTheServersEndsTheSession(Transport transport) {
        SmallClient owner = opened(Transport.WEBSOCKET);
        join(owner.request("echo", 1));
        owner.cut();
        SmallClient ahead = client();
        ahead.session = owner.session;
        ahead.secret = owner.secret;
        ahead.startAt(1000);

        JsonObject welcome = join(ahead.open(transport));

        assertThat(welcome.getBoolean("resumed")).isFalse();
        assertThat(welcome.getString("reason")).isEqualTo("lost");
        assertThat(join(ahead.request("echo", 1)).getInteger("payload")).isEqualTo(1);
    }

    /** R18: a WebSocket that has not said hello answers a ping, and R7: nothing but that. */
    @Test
    void aWebSocketMayBeTriedBeforeItIsUsed() {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        SmallClient client = client();
        WebSocket socket = webSocket(client, heard);
        socket.sendText("{\"type\":\"ping\",\"id\":\"probe\"}", true).join();
        JsonObject pong = new JsonObject(next(heard));
        assertThat(pong.getString("type")).isEqualTo("pong");
        assertThat(pong.getString("id")).isEqualTo("probe");
        socket.sendText(HELLO, true).join();
        assertThat(new JsonObject(next(heard)).getString("type")).isEqualTo("welcome");
        socket.abort();

        WebSocket hasty = webSocket(client, heard);
        hasty.sendText("{\"type\":\"noop\"}", true).join();
        assertThat(untilClosed(heard)).contains("bad_frame").endsWith("closed 4000");
    }

    /** R5. */
    @Test
    void anUnknownVersionIsRefused() {
        String hello = HELLO.replace("[1]", "[99]");
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        SmallClient client = client();
        webSocket(client, heard).sendText(hello, true).join();
        assertThat(untilClosed(heard))
                .contains("\"unsupported_version\"")
                .contains("\"versions\":[1]")
                .endsWith("closed 4007");
        for (String path : List.of("/sse", "/poll")) {
            HttpResponse<String> refused = post(client, path, hello, null);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("\"unsupported_version\"").contains("\"versions\":[1]");
        }
    }

    /** A binary message is refused. */
    @Test
    void aBinaryMessageEndsTheWebSocket() {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        WebSocket socket = webSocket(client(), heard);
        socket.sendText(HELLO, true).join();
        assertThat(next(heard)).contains("welcome");
        socket.sendBinary(ByteBuffer.wrap(new byte[] {1}), true).join();
        assertThat(untilClosed(heard)).endsWith("closed 1003");
    }

    /** A WebSocket without a client behind it; its texts, and its end, go into the queue. */
    private static WebSocket webSocket(SmallClient client, BlockingQueue<String> heard) {
        return client.http
                .newWebSocketBuilder()
                .buildAsync(client.requests.uri("ws", "/websocket"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
                        heard.add(text.toString());
                        from.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
                        heard.add("closed " + status);
                        return null;
                    }
                })
                .join();
    }

    private static String next(BlockingQueue<String> heard) {
        try {
            String text = heard.poll(10, TimeUnit.SECONDS);
            assertThat(text).as("something in time").isNotNull();
            return text;
        } catch (InterruptedException stop) {
            throw new AssertionError(stop);
        }
    }

    private static String untilClosed(BlockingQueue<String> heard) {
        StringBuilder all = new StringBuilder();
        while (all.indexOf("closed ") < 0) {
            all.append(next(heard)).append('\n');
        }
        return all.toString().strip();
    }
}
