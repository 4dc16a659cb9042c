package dev.polywire.nodes;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.spi.Transport;
import dev.polywire.transport.longpoll.LongPollTransport;
import io.vertx.core.Vertx;

class LongPollRedisNodesConformanceTest extends RedisNodes {

    @Override
    protected Transport transport() {
        return new LongPollTransport();
    }

    @Override
    protected ClientDriver driver(Vertx vertx, int port) {
        return new LongPollDriver(vertx, "127.0.0.1", port, KitServer.PATH);
    }
}
