package dev.polywire.nodes;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.SseDriver;
import dev.polywire.spi.Transport;
import dev.polywire.transport.sse.SseTransport;
import io.vertx.core.Vertx;

class SseRedisNodesConformanceTest extends RedisNodes {

    @Override
    protected Transport transport() {
        return new SseTransport();
    }

    @Override
    protected ClientDriver driver(Vertx vertx, int port) {
        return new SseDriver(vertx, "127.0.0.1", port, KitServer.PATH);
    }
}
