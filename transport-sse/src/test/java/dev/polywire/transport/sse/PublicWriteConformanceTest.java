package dev.polywire.transport.sse;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.TransportConformance;
import dev.polywire.spi.Transport;
import io.vertx.core.Vertx;

/** Runs the conformance kit with the writes that are used where there is no way past Vert.x. */
class PublicWriteConformanceTest extends TransportConformance {

    @Override
    protected Transport transport() {
        return new SseTransport(false);
    }

    @Override
    protected ClientDriver driver(Vertx vertx, int port) {
        return new SseDriver(vertx, "127.0.0.1", port, KitServer.PATH);
    }
}
