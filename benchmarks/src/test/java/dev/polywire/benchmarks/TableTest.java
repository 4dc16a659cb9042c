package dev.polywire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    private static final Load LOAD = new Load(10, 100);
    private final List<Sample> samples = new ArrayList<>();

    private void sample(String contender, int round, double cpu) {
        Contender who = Contender.parse(contender, dev.polywire.benchmarks.load.Wire.WEBSOCKET);
        samples.add(new Sample(who, LOAD, round).put("cpu", cpu));
    }

    @Test
    void aRatioIsTakenWithinARoundAndThenTheMedian() {
        // The machine is twice as slow in the second round.
        sample("polywire", 1, 6);
        sample("c", 1, 4);
        sample("c", 2, 8);
        sample("polywire", 2, 12);
        sample("polywire/sse", 2, 16);
        Table table = new Table(samples).median("cpu", "%.1f", "cpu", 1).ratio("× C", Peer.C, "cpu");
        assertThat(table.text().lines())
                .containsExactly(
                        "| server | subscribers | cpu | × C |",
                        "|---|--:|--:|--:|",
                        "| Polywire, WebSocket | 10 | 9.0 | 1.50 |",
                        "| C, one send per message, WebSocket | 10 | 6.0 | 1.00 |",
                        "| Polywire, SSE | 10 | 16.0 | 2.00 |");
    }

    @Test
    void aRatioToOneNodeIsTakenWhereHistoryIsAlike() {
        sample("polywire", 1, 4);
        sample("nodes", 1, 6);
        sample("polywire:kept", 1, 8);
        sample("nodes:kept", 1, 24);
        Table table = new Table(samples).ratioToOneNode("× one node", "cpu");
        assertThat(table.text().lines().skip(2))
                .containsExactly(
                        "| Polywire, WebSocket | 10 | 1.00 |",
                        "| Polywire, two nodes and Redis, WebSocket | 10 | 1.50 |",
                        "| Polywire, with history, WebSocket | 10 | 1.00 |",
                        "| Polywire, two nodes and Redis, with history, WebSocket | 10 | 3.00 |");
    }
}
