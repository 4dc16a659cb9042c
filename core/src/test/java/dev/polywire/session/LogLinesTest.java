package dev.polywire.session;

import static dev.polywire.session.OneNode.frame;
import static dev.polywire.session.OneNode.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.ChannelOptions;
import dev.polywire.Principal;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.testing.CapturedLog;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The lines of the log that operators look for: each once, with its fields, and nothing that is nobody's business. */
class LogLinesTest {
    private static final String TOKEN = "hush-token";

    private final OneNode node = new OneNode(
            new RealtimeOptions().namespace("room", new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE)),
            realtime -> realtime.authenticator((token, who) -> TOKEN.equals(token)
                    ? Future.succeededFuture(Principal.of("ann"))
                    : Future.failedFuture(new SecurityException("not " + token))));

    @AfterEach
    void stop() {
        node.close();
    }

    private PaperWire open() {
        return node.open(PaperWire.socket(), OneNode.NONCE, TOKEN);
    }

    private static String only(CapturedLog log, String text) {
        Await.until(text, () -> !log.lines(text).isEmpty());
        List<String> lines = log.lines(text);
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    private static void nothingOfIt(CapturedLog log) {
        assertThat(log.lines("hush")).isEmpty();
    }

    @Test
    @DisplayName("a session that opens is one line")
    void connect() {
        try (CapturedLog log = CapturedLog.of(Hooks.class)) {
            PaperWire wire = open();
            assertThat(only(log, " connect session=" + wire.id()))
                    .contains("INFO")
                    .endsWith(" user=ann transport=websocket remote=127.0.0.1");
            assertThat(log.lines(wire.secret())).isEmpty();
            nothingOfIt(log);
        }
    }

    @Test
    @DisplayName("a session that ends is one line, with the reason")
    void disconnect() {
        try (CapturedLog log = CapturedLog.of(Hooks.class)) {
            PaperWire wire = open();
            node.session(wire).close(CloseReason.DISCONNECTED);
            assertThat(only(log, " disconnect session=" + wire.id()))
                    .contains("INFO")
                    .endsWith(" user=ann transport=websocket reason=" + CloseReason.DISCONNECTED.wire());
            assertThat(log.lines(wire.secret())).isEmpty();
            nothingOfIt(log);
        }
    }

    @Test
    @DisplayName("a user whose name has a line feed makes no second line")
    void user() {
        node.close();
        OneNode other = new OneNode(
                new RealtimeOptions(),
                realtime -> realtime.authenticator(
                        (token, who) -> Future.succeededFuture(Principal.of("ann\nconnect session=forged"))));
        try (CapturedLog log = CapturedLog.of(Hooks.class)) {
            PaperWire wire = other.open(PaperWire.socket(), OneNode.NONCE, TOKEN);
            other.session(wire).close(CloseReason.DISCONNECTED);
            for (String line : List.of(" connect session=", " disconnect session=")) {
                assertThat(only(log, line + wire.id())).contains(" user=ann?connect session=forged transport=");
            }
        } finally {
            other.close();
        }
    }

    @Test
    @DisplayName("refused credentials are one line, without the credentials")
    void refused() {
        node.close();
        OneNode strict = new OneNode(
                new RealtimeOptions(),
                realtime -> realtime.authenticator(
                        (token, who) -> Future.failedFuture(new SecurityException("not " + token))));
        try (CapturedLog log = CapturedLog.of(Access.class)) {
            assertThatThrownBy(() -> strict.open(PaperWire.socket(), OneNode.NONCE, "hush-wrong"))
                    .hasMessageContaining("Credentials");
            assertThat(only(log, " authentication_refused "))
                    .contains("INFO")
                    .endsWith(" transport=websocket remote=127.0.0.1 cause=SecurityException");
            nothingOfIt(log);
        } finally {
            strict.close();
        }
    }

    @Test
    @DisplayName("a bad frame is one line, without the frame")
    void badFrame() {
        try (CapturedLog log = CapturedLog.of(Uplink.class)) {
            PaperWire wire = open();
            wire.up(frame("hush-dance", "i").put("payload", "hush"));
            assertThat(only(log, " bad_frame session=" + wire.id()))
                    .contains("INFO")
                    .contains(" transport=websocket frame=1 code=");
            nothingOfIt(log);
        }
    }

    @Test
    @DisplayName(
            "each frame is one line on both ways, without payload, token and secret, and cannot begin a line of its own")
    void frames() {
        try (CapturedLog log = CapturedLog.of(FrameTrace.class)) {
            PaperWire wire = open();
            String up = " frame_in session=" + wire.id() + " transport=websocket number=";
            String down = " frame_out session=" + wire.id() + " transport=websocket number=";
            assertThat(only(log, " frame_in session=none"))
                    .contains("TRACE", " number=0 type=hello channel=- event=- id=- bytes=");
            assertThat(only(log, down + "0 type=welcome")).contains(" channel=- event=- id=- bytes=");

            wire.up(frame("subscribe", "s")
                    .put("channels", new JsonArray().add("room:1").add("room:2")));
            only(log, up + "1 type=subscribe channel=room:1,room:2 event=- id=s bytes=");
            only(log, down + "1 type=subscribed channel=room:1 event=- id=s bytes=");

            JsonObject publish = publish("p", "room:1", "hush").put("event", "said");
            wire.up(publish);
            only(
                    log,
                    up + "2 type=publish channel=room:1 event=said id=p bytes="
                            + publish.toBuffer().length());
            only(log, " type=message channel=room:1 event=said id=- bytes=");

            wire.up(frame("ping", "q").put("count", 2));
            only(log, up + "0 type=ping channel=- event=- id=q bytes=");
            only(log, " type=pong channel=- event=- id=q bytes=");

            wire.up(frame("received", null).put("count", 1));
            only(log, up + "0 type=received channel=- event=- id=- bytes=");

            wire.up(frame("dance\n[x] INFO y", "i\r\nz").put("state", "hush").put("channel", 5));
            only(log, up + "3 type=dance?[x] INFO y channel=- event=- id=i??z bytes=");
            wire.attachment.receive(Buffer.buffer("{\"payload\":\"hush"));
            only(log, up + "4 type=- channel=- event=- id=- bytes=16");

            node.posted(wire, 5, publish("o", "room:1", new JsonArray().add("hush")));
            only(log, " frame_in session=" + wire.id() + " transport=send number=5 type=publish channel=room:1");

            wire.up(frame("bye", null).put("sent", 5));
            only(log, up + "0 type=bye channel=- event=- id=- bytes=");
            only(log, down + "0 type=bye channel=- event=- id=- bytes=");
            assertThat(log.lines(wire.secret())).isEmpty();
            assertThat(log.lines("\"")).isEmpty();
            nothingOfIt(log);
        }
    }
}
