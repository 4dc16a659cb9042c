package dev.polywire.transport.websocket;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.TransportConformance;
import dev.polywire.conformance.WebSocketDriver;
import dev.polywire.spi.Transport;
import io.vertx.core.Vertx;

/** Runs the conformance kit with the writer that goes past Vert.x. */
class WebSocketConformanceTest extends TransportConformance {

    @Override
    protected Transport transport() {
        return new WebSocketTransport();
    }

    @Override
    protected ClientDriver driver(Vertx vertx, int port) {
        return new WebSocketDriver(vertx, "127.0.0.1", port, KitServer.PATH);
    }
}
