package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.spi.Quota;
import dev.polywire.spi.Quota.Standing;
import dev.polywire.spi.Quota.Use;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every store of limits that nodes share has to pass. Extend it, and say how nodes are made. */
public abstract class QuotaConformance extends ClusterKit {
    private static final long SECOND = 1_000_000;

    /** How much is paid off meanwhile at the most, on a busy machine. */
    private static final long WHILE = 5 * SECOND;

    private String key = "";
    private Member one;
    private Member other;

    /** For the subclasses. */
    protected QuotaConformance() {}

    /**
     * Lets time pass: virtual time, or by waiting for it.
     *
     * @param time how much
     */
    protected abstract void pass(Duration time);

    @BeforeEach
    void two() {
        key = "u:" + UUID.randomUUID();
        one = join();
        other = join();
    }

    private static Future<Standing> telling(Member node, String key, List<Long> spent, List<Integer> held) {
        Quota quota = node.cluster.quota();
        return quota.tell(key, new Use(spent, held));
    }

    private Standing spend(Member node, long... micros) {
        List<Long> spent = new ArrayList<>();
        for (long each : micros) {
            spent.add(each);
        }
        return Await.get("an answer", telling(node, key, spent, List.of(0)));
    }

    private Standing hold(Member node, int... counts) {
        List<Integer> held = new ArrayList<>();
        for (int each : counts) {
            held.add(each);
        }
        return Await.get("an answer", telling(node, key, List.of(0L), held));
    }

    private static void assertOwed(long expected, long owed) {
        assertTrue(owed <= expected && owed >= expected - WHILE, owed + " instead of " + expected);
    }

    @Test
    @DisplayName("Nothing was used of what nobody has used")
    void unused() {
        assertEquals(new Standing(List.of(0L, 0L), List.of(0L)), spend(one, 0, 0));
        assertEquals(new Standing(List.of(0L), List.of(0L, 0L)), hold(other, 0, 0));
    }

    @Test
    @DisplayName("What nodes use adds up, each rate by itself")
    void addsUp() {
        assertOwed(20 * SECOND, spend(one, 20 * SECOND, 0).owed().get(0));
        assertOwed(50 * SECOND, spend(other, 30 * SECOND, 10 * SECOND).owed().get(0));
        Standing now = spend(one, 0, 30 * SECOND);
        assertOwed(50 * SECOND, now.owed().get(0));
        assertOwed(40 * SECOND, now.owed().get(1));
        assertEquals(List.of(0L), now.held());
    }

    @Test
    @DisplayName("Users and addresses are apart, whatever their names")
    void apart() {
        List<String> names = List.of("", "}", "{", "{a}", "a b", "a\nb", "ä€😀", "*", "x".repeat(900));
        for (int i = 0; i < names.size(); i++) {
            String name = key + names.get(i);
            long micros = (i + 1) * 20 * SECOND;
            Await.get("an answer", telling(one, name, List.of(micros), List.of(i)));
        }
        for (int i = 0; i < names.size(); i++) {
            Standing now = Await.get("an answer", telling(other, key + names.get(i), List.of(0L), List.of(0)));
            assertOwed((i + 1) * 20 * SECOND, now.owed().get(0));
            assertEquals(List.of((long) i), now.held());
        }
    }

    @Test
    @DisplayName("A debt is paid off by time, and is never less than none")
    void paidOff() {
        long before = spend(one, 400_000).owed().get(0);
        assertTrue(before <= 400_000 && before > 0, "" + before);
        pass(Duration.ofMillis(500));
        assertEquals(0L, spend(other, 0).owed().get(0));
        pass(Duration.ofMillis(300));
        long again = spend(other, 400_000).owed().get(0);
        assertTrue(again <= 400_000 && again > 200_000, "" + again);
    }

    @Test
    @DisplayName("No debt is longer than the longest")
    void bounded() {
        spend(one, Quota.MOST);
        assertOwed(Quota.MOST, spend(other, Quota.MOST).owed().get(0));
    }

    @Test
    @DisplayName("Each node is told what the others hold now")
    void held() {
        assertEquals(List.of(0L, 0L), hold(one, 3, 1).held());
        assertEquals(List.of(3L, 1L), hold(other, 4, 0).held());
        Member third = join();
        assertEquals(List.of(7L, 1L), hold(third, 0, 0).held());
        assertEquals(List.of(4L, 0L), hold(one, 1, 0).held());
        assertEquals(List.of(1L, 0L), hold(other, 0, 2).held());
        assertEquals(List.of(0L, 2L), hold(one, 0, 0).held());
        assertEquals(List.of(0L, 2L), hold(third, 0, 0).held());
    }

    @Test
    @DisplayName("What a dead node held, nobody holds, and what it spent is spent")
    void dead() {
        Member third = join();
        Await.get("an answer", telling(other, key, List.of(60 * SECOND), List.of(3)));
        hold(third, 4);
        assertEquals(List.of(7L), hold(one, 1).held());
        kill(other);
        Await.until("its burial", burial(), () -> hold(one, 1).held().equals(List.of(4L)));
        leave(third);
        Await.until("it has left", burial(), () -> hold(one, 1).held().equals(List.of(0L)));
        assertTrue(spend(one, 0).owed().get(0) > 0);
    }

    @Test
    @DisplayName("Nothing is lost or counted twice when all tell at once")
    void atOnce() {
        long seed = Long.getLong("polywire.seed", System.nanoTime());
        Random random = new Random(seed);
        List<Member> nodes = List.of(one, other, join());
        List<Future<?>> calls = new ArrayList<>();
        long sum = 0;
        for (int i = 0; i < 300; i++) {
            long micros = random.nextInt(1_000_000);
            sum += micros;
            calls.add(telling(nodes.get(random.nextInt(3)), key, List.of(micros), List.of(0)));
        }
        Await.get("answers", Future.all(calls).map(true));
        long owed = spend(one, 0).owed().get(0);
        assertTrue(owed <= sum && owed >= sum - 2 * WHILE, owed + " instead of " + sum + ", seed " + seed);
    }
}
