package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import io.netty.buffer.ByteBuf;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a transport lays out for a batch is pooled memory: a batch that core does not let go of is a leak. */
class BatchMemoryTest {
    private final OneNode node =
            new OneNode(new RealtimeOptions().namespace("room", new ChannelOptions()), realtime -> {});

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    @DisplayName("every batch is let go of once it was sent: answers, what is shared, and the bye")
    void released() {
        PaperWire wire = node.open(PaperWire.socket());
        wire.up(new JsonObject()
                .put("type", "subscribe")
                .put("id", "s")
                .put("channels", new JsonArray().add("room:1")));
        Await.until("subscribed", () -> !wire.heard("subscribed").isEmpty());
        Await.get("a publish", node.realtime.channels().publish("room:1", "n", 1));
        Await.until("the message", () -> !wire.heard("message").isEmpty());
        node.here(() -> node.realtime.sessions().get(wire.id()).close(CloseReason.NORMAL));
        Await.until("the close", () -> wire.closed != null);
        assertThat(wire.heard("bye")).hasSize(1);
        assertThat(wire.laidOut)
                .hasSizeGreaterThanOrEqualTo(4)
                .extracting(ByteBuf::refCnt)
                .containsOnly(0);
    }
}
