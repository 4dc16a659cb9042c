package dev.polywire.testing;

import dev.polywire.conformance.QuotaConformance;
import dev.polywire.spi.Cluster;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Limits that nodes in one process share. */
class MemoryQuotaConformanceTest extends QuotaConformance {
    private final AtomicLong time = new AtomicLong(1_000_000);
    private final MemoryCluster cluster = new MemoryCluster().clock(time::get);

    @Override
    protected Cluster create() {
        return cluster.node();
    }

    @Override
    protected void kill(Cluster node) {
        ((MemoryNode) node).kill();
    }

    @Override
    protected Duration burial() {
        return Duration.ofSeconds(5);
    }

    @Override
    protected void pass(Duration time) {
        this.time.addAndGet(time.toMillis());
    }
}
