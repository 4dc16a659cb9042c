package dev.polywire.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.AddressOptions;
import dev.polywire.LimitOptions;
import dev.polywire.SharingOptions;
import dev.polywire.testing.MemoryQuota;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Limits that several nodes share: how much more than one node's passes, and what becomes of it when the store is away. */
class SharingTest {
    private static final String HERE = "192.0.2.1";
    private static final int SECONDS = 10;

    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final MemoryQuota store = new MemoryQuota();
    private final List<Node> nodes = new ArrayList<>();

    /** A node without an engine. */
    private final class Node {
        final SlowQuota quota;
        final SharedLimits limits;

        Node(LimitOptions options, LongSupplier delay) {
            quota = new SlowQuota(store, "node" + nodes.size(), clock::get, delay);
            limits = new SharedLimits(options);
            limits.share(quota, clock::get);
        }

        Tab enter(String user) {
            Tab tab = limits.enter(HERE, user, clock.get());
            assertThat(tab).as("room").isNotNull();
            return tab;
        }

        boolean full(String user) {
            return limits.enter(HERE, user, clock.get()) == null;
        }

        long frames(Tab tab, int many) {
            long passed = 0;
            for (int i = 0; i < many; i++) {
                passed += tab.frame(clock.get(), 10, true) == 0 ? 1 : 0;
            }
            return passed;
        }
    }

    private static LimitOptions unlimited() {
        return new LimitOptions()
                .userMessages(0)
                .userBytes(0)
                .address(new AddressOptions().messages(0).bytes(0).opens(0).connects(0));
    }

    private void start(int many, LimitOptions options, LongSupplier delay) {
        store.clock(clock::get);
        for (int i = 0; i < many; i++) {
            nodes.add(new Node(options, delay));
        }
    }

    private void pass(long millis) {
        for (long i = 0; i < millis; i++) {
            clock.incrementAndGet();
            nodes.forEach(node -> node.quota.run());
            if (clock.get() % 1000 == 0) {
                nodes.forEach(node -> node.limits.tick());
            }
        }
    }

    /** Until everybody knows everything. */
    private void settle() {
        for (int i = 0; i < 3; i++) {
            pass(80);
            nodes.forEach(node -> node.limits.tellAll());
        }
        pass(80);
    }

    @Test
    void allNodesTogetherPassLittleMoreThanOneWould() {
        for (int percent : new int[] {10, 50, 100}) {
            long seed = Long.getLong("polywire.seed", System.nanoTime() & 0xffffff);
            Random random = new Random(seed);
            nodes.clear();
            int many = 3;
            int rate = 20;
            start(
                    many,
                    unlimited().userMessages(rate).sharing(new SharingOptions().slicePercent(percent)),
                    () -> random.nextInt(30));
            List<Tab> tabs = nodes.stream().map(node -> node.enter("ann")).toList();
            long bound = rate * SECONDS + many * (rate * SECONDS * percent / 100 + 1);
            long begin = clock.get();
            long passed = 0;
            boolean bursts = random.nextBoolean();
            while (clock.get() - begin < 120_000) {
                // Either without a pause, or after pauses in which all seems to be paid off.
                if (!bursts || clock.get() - begin < 1000 || (clock.get() - begin) % 15_000 > 12_000) {
                    for (int i = 0; i < many; i++) {
                        passed += nodes.get(i).frames(tabs.get(i), random.nextInt(3));
                    }
                }
                pass(1);
                long time = clock.get() - begin;
                assertThat(passed)
                        .as("after %s ms, slice %s %%, seed %s", time, percent, seed)
                        .isLessThanOrEqualTo(rate * time / 1000 + 1 + bound);
            }
            assertThat(passed)
                    .as("and what is allowed does pass, seed %s", seed)
                    .isGreaterThan(bursts ? rate * 60L : rate * 110L);
        }
    }

    @Test
    void aNodeStopsAtItsSliceUntilItHasHeard() {
        start(2, unlimited().userMessages(20).sharing(new SharingOptions().slicePercent(10)), () -> 20);
        Node node = nodes.get(0);
        Tab tab = node.enter("ann");
        assertThat(node.frames(tab, 100)).isEqualTo(20);
        assertThat(tab.frame(clock.get(), 10, true)).as("an answer is near").isBetween(1L, Sharing.PATIENCE);
        pass(50);
        assertThat(node.frames(tab, 100)).as("and has come").isBetween(10L, 11L);
    }

    @Test
    void whatOthersUseIsNotThereForThisNode() {
        start(2, unlimited().userMessages(1).userBytes(1000), () -> 5);
        Tab first = nodes.get(0).enter("ann");
        Tab second = nodes.get(1).enter("ann");
        Tab other = nodes.get(1).enter("bob");
        for (int i = 0; i < 10; i++) {
            assertThat(first.frame(clock.get(), 10, true)).isZero();
            pass(20);
        }
        settle();
        assertThat(second.frame(clock.get(), 10, true)).isGreaterThan(0);
        assertThat(other.frame(clock.get(), 10, true)).isZero();
        assertThat(second.frame(clock.get(), 10, false))
                .as("has a bucket of its own")
                .isZero();
        pass(1100);
        assertThat(second.frame(clock.get(), 10, true)).isZero();
        assertThat(second.frame(clock.get(), 10, true)).isGreaterThan(0);
    }

    @Test
    void addressesShareConnectionsAndNewSessions() {
        start(2, unlimited().address(new AddressOptions().opens(1).connects(2)), () -> 1);
        for (int i = 0; i < 10; i++) {
            assertThat(nodes.get(i % 2).limits.open(HERE, clock.get())).isZero();
            assertThat(nodes.get(i % 2).limits.connect(HERE, clock.get())).isZero();
        }
        settle();
        for (Node node : nodes) {
            assertThat(node.limits.open(HERE, clock.get())).isGreaterThan(0);
            assertThat(node.limits.open("192.0.2.9", clock.get())).isZero();
            assertThat(node.limits.connect(HERE, clock.get())).isZero();
        }
        pass(1000);
        assertThat(nodes.get(1).limits.open(HERE, clock.get())).isZero();
        settle();
        assertThat(nodes.get(0).limits.open(HERE, clock.get())).isGreaterThan(0);
    }

    @Test
    void whoUsesLittleIsNotTold() {
        start(2, unlimited().userMessages(100).userSessions(100), () -> 1);
        List<Tab> tabs = nodes.stream().map(node -> node.enter("ann")).toList();
        for (int i = 0; i < 300; i++) {
            tabs.forEach(tab -> assertThat(tab.frame(clock.get(), 10, true)).isZero());
            pass(250);
        }
        nodes.forEach(node -> assertThat(node.quota.calls).isZero());
    }

    @Test
    void whileTheStoreIsAwayEachNodeHasItsOwnLimits() {
        start(2, unlimited().userMessages(10).userSessions(3), () -> 1);
        List<Tab> tabs = nodes.stream().map(node -> node.enter("ann")).toList();
        settle();
        nodes.forEach(node -> node.quota.away = true);
        for (int i = 0; i < 2; i++) {
            Node node = nodes.get(i);
            assertThat(node.frames(tabs.get(i), 50)).as("its slice").isEqualTo(50);
            pass(5);
            assertThat(node.frames(tabs.get(i), 100)).isBetween(50L, 51L);
            node.enter("ann");
            node.enter("ann");
            assertThat(node.full("ann")).isTrue();
        }
        int before = nodes.get(0).quota.calls;
        for (int i = 0; i < 20; i++) {
            nodes.get(0).frames(tabs.get(0), 100);
            pass(1000);
        }
        assertThat(nodes.get(0).quota.calls - before).as("probes").isBetween(10, 25);
        nodes.forEach(node -> node.quota.away = false);
        pass(3000);
        assertThat(nodes.get(0).frames(tabs.get(0), 40)).isEqualTo(40);
        settle();
        assertThat(nodes.get(1).full("ann")).as("six of three").isTrue();
        assertThat(nodes.get(1).frames(tabs.get(1), 200))
                .as("what the other has used")
                .isLessThan(80);
    }

    @Test
    void aStoreThatIsSilentIsNotWaitedFor() {
        start(1, unlimited().userMessages(10), () -> 1);
        Node node = nodes.get(0);
        Tab tab = node.enter("ann");
        settle();
        node.quota.silent = true;
        assertThat(node.frames(tab, 100)).isEqualTo(50);
        pass(Sharing.PATIENCE + 1);
        assertThat(node.frames(tab, 100)).as("all that one node may").isBetween(50L, 53L);
        pass(2500);
        assertThat(node.frames(tab, 100)).as("known to be away").isBetween(24L, 26L);
        node.quota.silent = false;
        pass(4000);
        node.frames(tab, 1);
        settle();
        assertThat(store.tell(
                                "u:ann",
                                "x",
                                new dev.polywire.spi.Quota.Use(List.of(0L, 0L, 0L, 0L, 0L, 0L), List.of(0, 0)))
                        .owed()
                        .get(0))
                .as("told again")
                .isLessThan(1_000_000);
    }

    @Test
    void sessionsOfAUserAreCountedAtAllNodes() {
        start(3, unlimited().userSessions(4), () -> 2);
        Tab first = nodes.get(0).enter("ann");
        nodes.get(0).enter("ann");
        nodes.get(1).enter("ann");
        settle();
        Tab last = nodes.get(2).enter("ann");
        settle();
        nodes.forEach(node -> assertThat(node.full("ann")).isTrue());
        Tab moved = nodes.get(1).limits.enterFromElsewhere(HERE, "ann", clock.get());
        assertThat(moved).as("is no new one").isNotNull();
        last.leave();
        settle();
        nodes.forEach(node -> assertThat(node.full("ann")).isTrue());
        first.leave();
        settle();
        pass(1100);
        nodes.get(2).full("bob");
        Tab again = nodes.get(1).enter("ann");
        settle();
        store.dead("node0");
        again.leave();
        settle();
        nodes.get(2).enter("ann");
        nodes.get(2).enter("ann");
    }

    @Test
    void whereFewSessionsMayBeItIsAskedBeforeOneIsOpened() {
        start(2, unlimited().userSessions(1), () -> 2);
        nodes.get(0).enter("ann");
        pass(10);
        SharedLimits limits = nodes.get(1).limits;
        Future<Void> known = limits.known(HERE, "ann", clock.get());
        assertThat(known.isComplete()).isFalse();
        pass(10);
        assertThat(known.isComplete()).isTrue();
        assertThat(nodes.get(1).full("ann")).isTrue();
        nodes.get(1).quota.away = true;
        Future<Void> unknown = limits.known(HERE, "ann", clock.get());
        pass(1);
        assertThat(unknown.succeeded()).as("nobody waits for nothing").isTrue();
        assertThat(limits.known(HERE, "ann", clock.get()).isComplete()).isTrue();
    }

    @Test
    void atMostASliceOfSessionsTooManyPerNode() {
        long seed = Long.getLong("polywire.seed", System.nanoTime() & 0xffffff);
        Random random = new Random(seed);
        int many = 4;
        int most = 40;
        start(
                many,
                unlimited().userSessions(most).sharing(new SharingOptions().slicePercent(25)),
                () -> random.nextInt(50));
        List<Tab> open = new ArrayList<>();
        int peak = 0;
        for (int i = 0; i < 60_000; i++) {
            Node node = nodes.get(random.nextInt(many));
            if (random.nextInt(3) > 0) {
                Tab tab = node.limits.enter(HERE, "ann", clock.get());
                if (tab != null) {
                    open.add(tab);
                }
            } else if (!open.isEmpty()) {
                open.remove(random.nextInt(open.size())).leave();
            }
            peak = Math.max(peak, open.size());
            pass(random.nextInt(3));
        }
        assertThat(peak).as("seed %s", seed).isBetween(most - 2 * many, most + many * (most / 4));
    }

    @Test
    void whatTheStoreForgetsIsToldAgain() {
        start(2, unlimited().userSessions(3), () -> 1);
        nodes.get(0).enter("ann");
        nodes.get(0).enter("ann");
        settle();
        store.forgetAll();
        nodes.forEach(node -> node.quota.forgets());
        settle();
        nodes.get(1).enter("ann");
        settle();
        assertThat(nodes.get(1).full("ann")).isTrue();
    }

    @Test
    void whatIsHeldIsToldAgainInTime() {
        start(1, unlimited().userSessions(3), () -> 1);
        Tab tab = nodes.get(0).enter("ann");
        pass(100);
        int before = nodes.get(0).quota.calls;
        pass(610_000);
        assertThat(nodes.get(0).quota.calls - before).isBetween(3, 4);
        tab.leave();
        pass(100);
        before = nodes.get(0).quota.calls;
        pass(610_000);
        assertThat(nodes.get(0).quota.calls - before).isZero();
    }

    @Test
    void accountsThatOthersKnowOfAreForgottenWhenTheyAreAtRest() {
        start(
                1,
                unlimited()
                        .userSessions(3)
                        .address(new AddressOptions().entries(20).opens(1)),
                () -> 1);
        Node node = nodes.get(0);
        for (int i = 0; i < 1000; i++) {
            Tab tab = node.enter("user" + i);
            for (int j = 0; j < 6; j++) {
                node.limits.open("10.0.0." + i % 250, clock.get());
            }
            pass(10);
            tab.leave();
            pass(10);
        }
        pass(20_000);
        node.enter("last").leave();
        assertThat(node.limits.users()).isLessThanOrEqualTo(20);
        assertThat(store.tell(
                                "u:user7",
                                "x",
                                new dev.polywire.spi.Quota.Use(List.of(0L, 0L, 0L, 0L, 0L, 0L), List.of(0, 0)))
                        .held())
                .isEqualTo(List.of(0L, 0L));
    }

    @Test
    void nobodyIsToldWhenItIsSwitchedOff() {
        start(2, unlimited().userMessages(10).userSessions(1).sharing(new SharingOptions().enabled(false)), () -> 1);
        nodes.forEach(node -> assertThat(node.frames(node.enter("ann"), 200)).isEqualTo(100));
        settle();
        nodes.forEach(node -> assertThat(node.quota.calls).isZero());
    }
}
