package dev.polywire.transport.websocket;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.SeveralNodesConformance;
import dev.polywire.conformance.WebSocketDriver;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Transport;
import dev.polywire.testing.MemoryCluster;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/** Runs the conformance kit against two nodes behind a proxy that knows no stickiness: sessions go to the node that their client reaches. */
class WebSocketSeveralNodesConformanceTest extends SeveralNodesConformance {

    @Override
    protected Transport transport() {
        return new WebSocketTransport();
    }

    @Override
    protected ClientDriver driver(Vertx vertx, int port) {
        return new WebSocketDriver(vertx, "127.0.0.1", port, KitServer.PATH);
    }

    @Override
    protected Supplier<Cluster> cluster() {
        MemoryCluster cluster = new MemoryCluster();
        return cluster::node;
    }
}
