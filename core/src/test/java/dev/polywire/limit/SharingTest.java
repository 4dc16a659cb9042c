package dev.polywire.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.AddressOptions;
import dev.polywire.SharingOptions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rates that several nodes share: how much more than one node's passes, and what becomes of it when the store is away. */
class SharingTest extends SharingKit {
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
        assertThat(store.tell("u:ann", "x", use(0)).owed().get(0))
                .as("told again")
                .isLessThan(1_000_000);
    }

    @Test
    void nobodyIsToldWhenItIsSwitchedOff() {
        start(2, unlimited().userMessages(10).userSessions(1).sharing(new SharingOptions().enabled(false)), () -> 1);
        nodes.forEach(node -> assertThat(node.frames(node.enter("ann"), 200)).isEqualTo(100));
        settle();
        nodes.forEach(node -> assertThat(node.quota.calls).isZero());
    }
}
