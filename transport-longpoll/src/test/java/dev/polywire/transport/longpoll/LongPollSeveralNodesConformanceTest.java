package dev.polywire.transport.longpoll;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.SeveralNodesConformance;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Transport;
import dev.polywire.testing.MemoryCluster;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/** Runs the conformance kit against two nodes behind a proxy that knows no stickiness. */
class LongPollSeveralNodesConformanceTest extends SeveralNodesConformance {

    @Override
    protected Transport transport() {
        return new LongPollTransport();
    }

    @Override
    protected ClientDriver driver(Vertx vertx, int port) {
        return new LongPollDriver(vertx, "127.0.0.1", port, KitServer.PATH);
    }

    @Override
    protected Supplier<Cluster> cluster() {
        MemoryCluster cluster = new MemoryCluster();
        return cluster::node;
    }
}
