package dev.polywire.testing;

import dev.polywire.conformance.PeersConformance;
import dev.polywire.spi.Cluster;
import java.time.Duration;

/** The way from node to node in memory, so that tests of the engine meet what they would meet elsewhere. */
class MemoryPeersConformanceTest extends PeersConformance {
    private final MemoryCluster cluster = new MemoryCluster();

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

    /** Nobody has a lease here: it is as if the others had waited for it to end. */
    @Override
    protected void sleep(Cluster node) {
        ((MemoryNode) node).kill();
    }

    @Override
    protected void wake(Cluster node) {
        ((MemoryNode) node).silent(false);
        ((MemoryNode) node).bury();
    }
}
