package dev.polywire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodesTest {

    @Test
    void whatIsPublishedOnOneNodeArrivesAtAnother() throws IOException {
        String[] line =
                "nodes --peer polywire,nodes,nodes:kept --subscribers 20 --rate 50 --seconds 1 --warm 0 --rounds 1"
                        .split(" ");
        List<Sample> samples = new Bench(Settings.parse(line), line).measure();
        assertThat(samples).hasSize(3).allSatisfy(sample -> {
            // How much comes within that second depends on the machine; that all of it came in the end does not.
            assertThat(sample.get("delivered")).isPositive();
            assertThat(sample.get("lost")).isZero();
            assertThat(sample.get("repeated")).isZero();
            assertThat(sample.get("reordered")).isZero();
            assertThat(sample.get("disconnected")).isZero();
        });
        Sample across = samples.get(1);
        double parts = across.get("cpu of publisher") + across.get("cpu of redis") + across.get("cpu of subscribers");
        assertThat(across.get("cpu of redis")).isPositive();
        assertThat(parts).isCloseTo(across.get("cpu"), org.assertj.core.data.Percentage.withPercentage(1));
        assertThat(new Nodes(new Publishing(Settings.parse(line)))
                        .columns(new Table(samples))
                        .text())
                .contains("× one node");
    }
}
