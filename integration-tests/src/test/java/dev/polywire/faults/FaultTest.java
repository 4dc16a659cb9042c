package dev.polywire.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Faults at random moments, under load over all wires and through a balancer without stickiness: with history on, no message that was acknowledged is lost in silence, and none
 * comes twice or out of order. {@code -Dpolywire.faults=20} runs twenty seeds of each instead of one, as the profile {@code faults} does;
 * {@code -Dpolywire.fault=NODE_KILLED,FLUSHED} runs some of them alone. {@code target/faults/table.md} has what was counted.
 */
class FaultTest {
    private static final Results RESULTS = new Results();

    static Stream<Arguments> runs() {
        int seeds = Integer.getInteger("polywire.faults", 1);
        String only = System.getProperty("polywire.fault", "");
        return Stream.of(Fault.values())
                .filter(fault -> only.isEmpty() || List.of(only.split(",")).contains(fault.name()))
                .flatMap(fault -> LongStream.rangeClosed(1, seeds).mapToObj(seed -> Arguments.of(fault, seed)));
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("runs")
    @DisplayName("part A of the rules: nothing is lost in silence, nothing comes twice or out of order")
    void run(Fault fault, long seed) {
        try {
            measured(fault, seed);
        } catch (Throwable e) {
            RESULTS.failed(fault);
            // At once: a long run tells only at its end what has failed.
            System.out.println("fault=" + fault + " seed=" + seed + " FAILED " + e.getMessage());
            throw e;
        }
    }

    private static void measured(Fault fault, long seed) {
        Path node = World.node();
        RedisServer redis = fault.redis();
        try (World world = new World(node, redis, fault.options(redis), fault.linked(), seed)) {
            int from = 200 + world.random.nextInt(400);
            Await.until("load", Fault.LONG, () -> world.crowd.stored() > from && world.crowd.inFlight() > 0);
            int resets = world.crowd.resets();
            JsonObject report;
            try {
                fault.strike(world);
                world.crowd.goesOn(500);
                world.javaCrowd.goesOn();
                world.javaCrowd.stop();
                report = world.crowd.report();
            } catch (AssertionError e) {
                throw new AssertionError(
                        e.getMessage() + "\n" + world.crowd + "\n" + world.javaCrowd + "\n" + world.output(), e);
            }
            System.out.println("fault=" + fault + " seed=" + seed + " " + report.encode() + " " + world.javaCrowd);
            RESULTS.run(fault, report);
            String all = fault + " seed " + seed + ": " + report.encode() + "\n" + world.output();
            assertEquals(0, report.getInteger("lost"), all);
            assertEquals(0, report.getInteger("repeated"), all);
            assertEquals(0, report.getInteger("reordered"), all);
            assertEquals(0, report.getInteger("inFlight"), all);
            List<String> java = world.javaCrowd.wrong();
            assertTrue(java.isEmpty(), () -> java.stream().limit(10).toList() + "\n" + all);
            if (fault.sessionsStay()) {
                assertTrue(
                        world.javaCrowd.resets().stream().allMatch("slow_consumer"::equals),
                        world.javaCrowd + "\n" + all);
                // Whoever is away as long as backoff lets it (R41) may have more to hear than its outbox holds.
                int slow = report.getJsonObject("ends").getInteger("slow_consumer", 0);
                assertEquals(resets, report.getInteger("resets") - slow, all);
            }
            assertTrue(report.getInteger("received") > report.getInteger("stored"), all);
        }
    }

    @AfterAll
    static void tell() {
        System.out.println(RESULTS.table());
    }
}
