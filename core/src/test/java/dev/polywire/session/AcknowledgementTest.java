package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When a stream says what the server has accepted. */
class AcknowledgementTest {

    @Test
    @DisplayName("R22: it goes along with what is due, but not with every answer, and by itself when nothing is due")
    void goesAlong() {
        try (OneNode node = new OneNode(new RealtimeOptions(), realtime -> {})) {
            PaperWire wire = node.open(PaperWire.socket());
            subscribe(wire, "room:1");
            Await.until("the first answer", () -> wire.heard("subscribed").size() == 1);
            assertThat(counts(wire)).containsExactly(1);

            subscribe(wire, "room:2");
            Await.until("the second answer", () -> wire.heard("subscribed").size() == 2);
            assertThat(counts(wire)).containsExactly(1);

            node.pass(1_000);
            Await.until("the rest", () -> counts(wire).size() == 2);
            assertThat(counts(wire)).containsExactly(1, 2);
        }
    }

    private static void subscribe(PaperWire wire, String channel) {
        wire.up(new JsonObject().put("type", "subscribe").put("id", channel).put("channels", List.of(channel)));
    }

    private static List<Integer> counts(PaperWire wire) {
        return wire.heard("received").stream()
                .map(frame -> frame.getInteger("count"))
                .toList();
    }
}
