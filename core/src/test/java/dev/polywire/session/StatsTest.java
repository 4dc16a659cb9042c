package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What an operator reads. */
class StatsTest {
    private final OneNode node = new OneNode(new RealtimeOptions(), realtime -> {});

    @AfterEach
    void close() {
        node.close();
    }

    private long outboxBytes() {
        return node.realtime.stats().getLong("outboxBytes");
    }

    @Test
    @DisplayName("outboxBytes are those of all sessions that are queued or not acknowledged")
    void outboxBytesOfAll() {
        PaperWire away = node.open(PaperWire.socket());
        PaperWire here = node.open(PaperWire.socket());
        node.lose(away);
        assertThat(outboxBytes()).isZero();
        Await.get("a send", node.session(away).send("e", "x".repeat(500)));
        long queued = outboxBytes();
        assertThat(queued).isGreaterThan(500);
        Await.get("a send", node.session(here).send("e", "x".repeat(500)));
        Await.until("the message", () -> !here.heard("message").isEmpty());
        assertThat(outboxBytes()).as("sent, but not acknowledged").isEqualTo(2 * queued);
        here.up(new JsonObject().put("type", "received").put("count", 1));
        Await.until("the acknowledgement", () -> outboxBytes() == queued);
        assertThat(node.realtime.stats().getJsonObject("sessionsByTransport").getInteger("websocket"))
                .isEqualTo(2);
    }
}
