package dev.polywire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.polywire.conformance.Await;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The kit is itself tested: each broken transport fails the tests that name the rules it breaks, and no other. */
class KitSelfTest {
    private record Fault(Class<?> suite, Set<String> rules) {
        @Override
        public String toString() {
            return suite.getSimpleName();
        }
    }

    private static final List<Fault> FAULTS = List.of(
            new Fault(Faults.Lossy.class, Set.of("R20")),
            new Fault(Faults.Duplicating.class, Set.of("R20")),
            new Fault(Faults.Reordering.class, Set.of("R20")),
            new Fault(Faults.AcknowledgingOnWrite.class, Set.of("R12", "R23")),
            new Fault(Faults.OffByOne.class, Set.of("R12")),
            new Fault(Faults.NoFrameLimitOnPost.class, Set.of("R27")),
            new Fault(Faults.WelcomeNotFirst.class, Set.of("R6")),
            // Who is idle or revoked is closed in the same way.
            new Fault(Faults.CloseNotTold.class, Set.of("R40", "R52", "R64")),
            // Whose end is not noticed does not leave either, and frames are handed to it.
            new Fault(Faults.EndNotNoticed.class, Set.of("R16", "R36", "R15")),
            new Fault(Faults.ReplacedStillDelivers.class, Set.of("R11")),
            new Fault(Faults.DuplicatingUp.class, Set.of("R25")),
            new Fault(Faults.LossyUp.class, Set.of("R25")),
            new Fault(Faults.AttachNumbersIgnored.class, Set.of("R10")),
            new Fault(Faults.FirstIgnored.class, Set.of("R26")));

    private static final Map<Class<?>, Map<String, String>> FAILURES = new ConcurrentHashMap<>();
    private static final Map<Class<?>, AtomicInteger> SUCCESSES = new ConcurrentHashMap<>();

    @BeforeAll
    @Timeout(value = 6, unit = TimeUnit.MINUTES)
    static void runAll() throws InterruptedException {
        Await.deadline(Duration.ofSeconds(4));
        ExecutorService pool = Executors.newFixedThreadPool(3);
        FAULTS.forEach(fault -> pool.execute(() -> run(fault.suite)));
        pool.execute(() -> run(Faults.None.class));
        pool.shutdown();
        assertTrue(pool.awaitTermination(5, TimeUnit.MINUTES), "the suites end");
    }

    @AfterAll
    static void usualDeadline() {
        Await.deadline(Await.DEADLINE);
    }

    static List<Fault> faults() {
        return FAULTS;
    }

    @ParameterizedTest
    @MethodSource("faults")
    @DisplayName("a broken transport fails the tests that name its rule, and only those")
    void failsWhatNamesItsRule(Fault fault) {
        Map<String, String> failures = FAILURES.get(fault.suite);
        assertFalse(failures.isEmpty(), () -> fault + " failed nothing");
        Set<String> named =
                failures.keySet().stream().map(test -> test.split("[ :]")[0]).collect(Collectors.toSet());
        assertTrue(
                fault.rules.containsAll(named),
                () -> fault + " is to fail " + fault.rules + ", and failed " + failures);
        assertTrue(SUCCESSES.get(fault.suite).get() > 50, "the rest passes");
    }

    @Test
    @DisplayName("what sits between the broken transports and the engine breaks nothing by itself")
    void passesWithoutFault() {
        assertEquals(Map.of(), FAILURES.get(Faults.None.class));
    }

    private static void run(Class<?> suite) {
        Map<String, String> failures = new TreeMap<>();
        AtomicInteger successes = new AtomicInteger();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(suite))
                                .build(),
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                                    failures.put(
                                            test.getDisplayName(),
                                            String.valueOf(result.getThrowable().orElse(null)));
                                } else if (test.isTest()) {
                                    successes.incrementAndGet();
                                }
                            }
                        });
        FAILURES.put(suite, failures);
        SUCCESSES.put(suite, successes);
    }
}
