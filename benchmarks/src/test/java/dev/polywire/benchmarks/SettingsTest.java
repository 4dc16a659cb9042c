package dev.polywire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.benchmarks.load.Wire;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsTest {

    private static Settings parse(String line) {
        return Settings.parse(line.split(" "));
    }

    @Test
    void aPeerNamesItsOwnTransportAndTheLimitStaysOnWebSocket() {
        assertThat(parse("fanout --transport longpoll --peer polywire:kept,polywire/sse,c").contenders)
                .containsExactly(
                        new Contender(Peer.POLYWIRE, "kept", Wire.LONGPOLL),
                        new Contender(Peer.POLYWIRE, "live", Wire.SSE),
                        new Contender(Peer.C, "live", Wire.WEBSOCKET));
    }

    @Test
    void nodesAreMeasuredBesideOneNode() {
        assertThat(parse("nodes").contenders)
                .containsExactly(
                        new Contender(Peer.POLYWIRE, "live", Wire.WEBSOCKET),
                        new Contender(Peer.NODES, "live", Wire.WEBSOCKET));
    }

    @Test
    void deliveriesBecomeARateForEachNumberOfSubscribers() {
        assertThat(parse("fanout --subscribers 10,100 --deliveries 20000").loads())
                .containsExactly(new Load(10, 2000), new Load(100, 200));
    }

    @Test
    void whatIsWrongIsRefusedWithASentence() {
        for (String line : List.of(
                "nothing",
                "fanout --peer nobody",
                "fanout --rate",
                "fanout --rate x",
                "fanout --rounds 0",
                "fanout --odd 1",
                "fanout --transport smoke",
                "idle --max",
                "fanout --fault fall")) {
            assertThatThrownBy(() -> parse(line))
                    .as(line)
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .endsWith(".");
        }
    }

    @Test
    void aSmokeRunFailsOnlyWhenItIsWorse() {
        Smoke recorded = new Smoke(100, 1.0);
        assertThat(new Smoke(120, 1.2).worseThan(recorded)).isEmpty();
        assertThat(new Smoke(10, 0.2).worseThan(recorded)).isEmpty();
        assertThat(new Smoke(160, 1.0).worseThan(recorded)).hasSize(1);
        assertThat(new Smoke(Double.NaN, 1.9).worseThan(recorded)).hasSize(2);
    }
}
