package dev.polywire.examples.livefeed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private final Sampler sampler = new Sampler();

    @Test
    void theFirstSampleHasNoRates() {
        JsonObject sample = sampler.sample(counters(0, 500, 1000, 1 << 20));

        assertThat(sample.getJsonArray("cpu")).isEqualTo(new JsonArray().add(0.0));
        assertThat(sample.getLong("received")).isZero();
        assertThat(sample.getLong("memory")).isEqualTo(7);
    }

    @Test
    void ratesAreThoseOfTheLastSecond() {
        sampler.sample(counters(0, 0, 0, 0));
        sampler.sample(counters(500, 50, 50, 0));
        sampler.sample(counters(1000, 50, 100, 1000));
        JsonObject sample = sampler.sample(counters(1500, 75, 150, 3000));

        assertThat(sample.getJsonArray("cpu").getDouble(0)).isEqualTo(25.0, within(0.01));
        assertThat(sample.getLong("received")).isEqualTo(3000);
    }

    @Test
    void samplesThatComeRarelyAreComparedWithTheOneBefore() {
        sampler.sample(counters(0, 0, 0, 0));
        sampler.sample(counters(5000, 0, 500, 500));

        assertThat(sampler.sample(counters(7000, 0, 700, 2500)).getLong("received"))
                .isEqualTo(1000);
    }

    @Test
    void aCounterThatWentBackIsNoRate() {
        sampler.sample(counters(0, 10, 10, 5000));

        JsonObject sample = sampler.sample(counters(1000, 5, 5, 100));

        assertThat(sample.getLong("received")).isZero();
        assertThat(sample.getJsonArray("cpu").getDouble(0)).isZero();
    }

    @Test
    void coresMayComeAndGo() {
        sampler.sample(counters(0, 10, 10, 0));
        Counters two = new Counters(
                1_000_000_000L,
                new long[] {20, 5},
                new long[] {20, 10},
                new double[] {-1, -1, -1},
                7,
                0,
                0,
                0,
                0,
                0,
                1,
                2,
                3);

        JsonObject sample = sampler.sample(two);

        assertThat(sample.getJsonArray("cpu")).hasSize(2);
        assertThat(sample.getJsonArray("load")).isEmpty();
    }

    @Test
    void thisMachineCanBeRead() {
        Machine machine = new Machine();
        Counters counters = machine.read();

        assertThat(machine.about().getInteger("cores"))
                .isEqualTo(counters.ticks().length)
                .isPositive();
        assertThat(counters.memory()).isPositive().isLessThan(machine.about().getLong("memory"));
        assertThat(counters.heap()).isPositive();
        assertThat(counters.threads()).isPositive();
    }

    private static Counters counters(long millis, long busy, long ticks, long received) {
        return new Counters(
                millis * 1_000_000,
                new long[] {busy},
                new long[] {ticks},
                new double[] {0.5, 0.25, 0.125},
                7,
                0,
                received,
                0,
                0,
                0,
                1,
                2,
                3);
    }
}
