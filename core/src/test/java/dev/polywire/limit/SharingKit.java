package dev.polywire.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.AddressOptions;
import dev.polywire.LimitOptions;
import dev.polywire.spi.Quota.Use;
import dev.polywire.testing.MemoryQuota;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Several nodes without engines that share limits, and a clock that stands still until a test moves it. */
abstract class SharingKit {
    static final String HERE = "192.0.2.1";
    static final int SECONDS = 10;

    final AtomicLong clock = new AtomicLong(1_000_000);
    final MemoryQuota store = new MemoryQuota();
    final List<Node> nodes = new ArrayList<>();

    /** A node without an engine. */
    final class Node {
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

    static LimitOptions unlimited() {
        return new LimitOptions()
                .userMessages(0)
                .userBytes(0)
                .address(new AddressOptions().messages(0).bytes(0).opens(0).connects(0));
    }

    void start(int many, LimitOptions options, LongSupplier delay) {
        store.clock(clock::get);
        for (int i = 0; i < many; i++) {
            nodes.add(new Node(options, delay));
        }
    }

    void pass(long millis) {
        for (long i = 0; i < millis; i++) {
            clock.incrementAndGet();
            nodes.forEach(node -> node.quota.run());
            if (clock.get() % 1000 == 0) {
                nodes.forEach(node -> node.limits.tick());
            }
        }
    }

    static Use use(int sessions) {
        return new Use(List.of(0L, 0L, 0L, 0L, 0L, 0L), List.of(sessions, 0));
    }

    /** Until everybody knows everything. */
    void settle() {
        for (int i = 0; i < 3; i++) {
            pass(80);
            nodes.forEach(node -> node.limits.tellAll());
        }
        pass(80);
    }
}
