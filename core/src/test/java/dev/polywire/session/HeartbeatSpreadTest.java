package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.RealtimeOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Clients that come together, as they do after a restart, must not be pinged together. */
class HeartbeatSpreadTest {
    private static final int SESSIONS = 1_000;

    /** As many pings come in a second when each of 25 has its share. */
    private static final int EVEN = SESSIONS / 25;

    @Test
    @DisplayName("R38: the first pings of those who came together are spread over the whole interval")
    void spread() {
        try (OneNode node = new OneNode(new RealtimeOptions(), realtime -> {})) {
            List<PaperWire> wires = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                PaperWire wire = node.open(PaperWire.socket());
                // Or it would be an orphan.
                wire.up(new JsonObject().put("type", "received").put("count", 0));
                wires.add(wire);
            }
            long before = 0;
            long most = 0;
            for (int second = 1; second <= 26; second++) {
                node.pass(1_000);
                // What is due is sent at the end of the turn.
                node.here(() -> true);
                long now = wires.stream()
                        .mapToLong(wire -> wire.heard("ping").size())
                        .sum();
                most = Math.max(most, now - before);
                before = now;
            }
            assertThat(wires.stream()
                            .filter(wire -> wire.heard("ping").isEmpty())
                            .count())
                    .isZero();
            // Within ±10 % of the interval alone it would be five times as many.
            assertThat(most).as("pings in one second").isLessThan(EVEN * 5 / 2);
        }
    }
}
