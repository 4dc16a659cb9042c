package dev.polywire.cluster.redis;

import dev.polywire.cluster.redis.server.RedisServer;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.BrokerConformance;
import dev.polywire.spi.Broker;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** The broker on one Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisBrokerConformanceTest extends BrokerConformance {
    private final Vertx vertx = Vertx.vertx();
    private RedisServer server;
    private Lab lab;

    RedisServer start() {
        return RedisServer.standalone();
    }

    RedisOptions.Mode mode() {
        return RedisOptions.Mode.STANDALONE;
    }

    @BeforeAll
    void startRedis() {
        server = start();
        lab = new Lab(vertx, Lab.quick(server, mode()));
        Await.until("Redis is heard", lab.listening::hears);
    }

    @AfterAll
    void stopRedis() {
        Await.get("close", lab.close().map(true));
        Await.get("close", vertx.close().map(true));
        server.close();
    }

    @Override
    protected Broker create() {
        RedisBroker broker = new RedisBroker(vertx, lab.commands, lab.listening, lab.options);
        broker.start();
        return broker;
    }

    @Override
    protected void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}
