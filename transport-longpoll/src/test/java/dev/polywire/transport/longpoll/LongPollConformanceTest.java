package dev.polywire.transport.longpoll;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.TransportConformance;
import dev.polywire.spi.Transport;
import io.vertx.core.Vertx;

/** Runs the conformance kit. */
class LongPollConformanceTest extends TransportConformance {

    @Override
    protected Transport transport() {
        return new LongPollTransport();
    }

    @Override
    protected ClientDriver driver(Vertx vertx, int port) {
        return new LongPollDriver(vertx, "127.0.0.1", port, KitServer.PATH);
    }
}
