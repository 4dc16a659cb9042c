package dev.polywire.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReadingTest {

    @Test
    void theJavaClientReadsOverEachTransport() throws IOException {
        String[] line = "client --subscribers 10 --rate 50 --seconds 1 --warm 0 --rounds 1".split(" ");
        List<Sample> samples = new Bench(Settings.parse(line), line).measure();
        assertThat(samples).hasSize(3).allSatisfy(sample -> {
            assertThat(sample.get("delivered")).isPositive();
            assertThat(sample.get("reading")).isPositive();
            assertThat(sample.get("reading by generator")).isPositive();
            assertThat(sample.get("lost")).isZero();
            assertThat(sample.get("repeated")).isZero();
            assertThat(sample.get("reordered")).isZero();
        });
    }
}
