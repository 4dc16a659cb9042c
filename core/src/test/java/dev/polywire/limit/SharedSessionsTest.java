package dev.polywire.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.AddressOptions;
import dev.polywire.SharingOptions;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Numbers of sessions that several nodes share. */
class SharedSessionsTest extends SharingKit {
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
    void whatMayHaveBeenSaidIsSaidAgain() {
        start(1, unlimited().userSessions(3), () -> 1);
        Node node = nodes.get(0);
        node.enter("ann");
        pass(10);
        node.quota.silent = true;
        Tab tab = node.enter("ann");
        tab.leave();
        pass(2500);
        // It was counted, but nobody was told so.
        store.tell("u:ann", "node0", use(2));
        node.quota.silent = false;
        pass(3000);
        assertThat(store.tell("u:ann", "x", use(0)).held()).isEqualTo(List.of(1L, 0L));
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
        assertThat(store.tell("u:user7", "x", use(0)).held()).isEqualTo(List.of(0L, 0L));
    }
}
