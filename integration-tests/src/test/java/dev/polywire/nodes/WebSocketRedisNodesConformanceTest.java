package dev.polywire.nodes;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.WebSocketDriver;
import dev.polywire.spi.Transport;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.Vertx;

class WebSocketRedisNodesConformanceTest extends RedisNodes {

    @Override
    protected Transport transport() {
        return new WebSocketTransport();
    }

    @Override
    protected ClientDriver driver(Vertx vertx, int port) {
        return new WebSocketDriver(vertx, "127.0.0.1", port, KitServer.PATH);
    }
}
