package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.session.Simulation.Machines;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs {@link Simulation} for many seeds. A failure names its seed and its steps and tells what led to it; to see it again:
 *
 * <pre>./mvnw -pl core test -Dtest=SimulationTest -Dpolywire.sim.seed=4711 -Dpolywire.sim.steps=60</pre>
 *
 * <p>{@code -Dpolywire.sim.seeds=5000000} runs more, {@code -Dpolywire.sim.from=100000} others.
 */
class SimulationTest {
    private static final Machines WHOLE = new Machines() {};

    /** On a machine where the whole would take longer than this, runs become shorter, not fewer. */
    private static final double SECONDS = 90;

    /** After so many seeds the time that a run takes is looked at again. */
    private static final int WINDOW = 1000;

    /** So many seeds run before the machine is judged: until then the code is not compiled. */
    private static final int WARM_UP = 5000;

    /** A run is never cut down by more than this, however slow the machine. */
    private static final double SHORTEST = 0.5;

    /** So many events happen in 100,000 runs even when all of them are cut down to the shortest. */
    private static final long EVENTS = 20_000_000;

    /** Within so many seeds a machine with a rule switched off has to fail. */
    private static final int ENOUGH = 3000;

    private static int steps(long seed) {
        // Most bugs need few steps; some need a queue that has become long.
        return seed % 50 == 49 ? 500 : 40 + (int) (seed % 8) * 20;
    }

    @Test
    void bothEndsKeepWhatIsPromised() {
        Long one = Long.getLong("polywire.sim.seed");
        long from = one != null ? one : Long.getLong("polywire.sim.from", 0);
        long seeds = one != null ? 1 : Long.getLong("polywire.sim.seeds", 100_000);
        Integer fixed = Integer.getInteger("polywire.sim.steps");
        long begin = System.nanoTime();
        long windowBegan = begin;
        double budget = SECONDS * Math.max(1, seeds / 100_000.0);
        double scale = 1;
        double shortest = 1;
        long events = 0;
        for (long i = 0; i < seeds; i++) {
            if (i > 0 && i % WINDOW == 0) {
                long now = System.nanoTime();
                if (i > WARM_UP) {
                    double whole = (now - windowBegan) / 1e9 / WINDOW / scale;
                    double left = budget - (now - begin) / 1e9;
                    scale = Math.max(SHORTEST, Math.min(1, left / (whole * (seeds - i))));
                    shortest = Math.min(shortest, scale);
                }
                windowBegan = now;
            }
            events += run(from + i, fixed != null ? fixed : (int) (steps(from + i) * scale), WHOLE);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "simulation: %,d seeds, %,d events, %.1f s, %,.0f seeds/s, runs no shorter than %.0f %%%n",
                seeds, events, seconds, seeds / seconds, 100 * shortest);
        if (fixed == null) {
            assertThat(events).as("events in %,d runs", seeds).isGreaterThan(seeds / 100_000 * EVENTS);
        }
    }

    private static long run(long seed, int steps, Machines machines) {
        try {
            return Simulation.run(seed, steps, machines);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "-Dpolywire.sim.seed=" + seed + " -Dpolywire.sim.steps=" + steps + "\n"
                            + Simulation.explain(seed, steps, machines),
                    e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void withoutOneOfTheRulesItFails(Broken rule) {
        for (long seed = 0; seed < ENOUGH; seed++) {
            try {
                Simulation.run(seed, steps(seed), rule);
            } catch (AssertionError noticed) {
                System.out.printf("simulation: %s fails at seed %d: %s%n", rule, seed, noticed.getMessage());
                return;
            }
        }
        throw new AssertionError("the simulation does not miss " + rule + " in " + ENOUGH + " seeds");
    }

    /** The outbox that stands for a missing rule 13 fails for want of that rule, and for nothing else. */
    @Test
    void theOutboxThatShiftsNumbersIsGoodWhenItDoesNot() {
        Machines plain = new Machines() {
            @Override
            public Outbox outbox(int window, int limit, Function<String, @Nullable String> epochs) {
                return new ShiftingOutbox(window, limit, epochs, false);
            }

            @Override
            public boolean moves() {
                return false;
            }
        };
        for (long seed = 0; seed < ENOUGH; seed++) {
            run(seed, steps(seed), plain);
        }
    }

    @Test
    void aSeedAlwaysRunsTheSame() {
        for (long seed = 0; seed < 100; seed++) {
            assertThat(Simulation.run(seed, 100, WHOLE)).isEqualTo(Simulation.run(seed, 100, WHOLE));
            assertThat(Simulation.explain(seed, 100, WHOLE)).isEqualTo("it does not fail");
        }
    }

    /** A simulation in which nothing ever goes wrong would prove nothing. */
    @Test
    void everythingThatCanGoWrongDoes() {
        long[] seen = new long[SimLedger.Seen.values().length];
        for (long seed = 0; seed < 1000; seed++) {
            Simulation.count(seed, steps(seed), WHOLE, seen);
        }
        for (SimLedger.Seen what : SimLedger.Seen.values()) {
            assertThat(seen[what.ordinal()]).as("%s in 1000 runs", what).isGreaterThan(10);
        }
    }
}
