package dev.polywire.cluster.redis;

import dev.polywire.conformance.QuotaConformance;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Cluster;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Limits that nodes share, on one Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisQuotaConformanceTest extends QuotaConformance {
    private RedisServer server;
    private Cast cast;

    RedisServer start() {
        return RedisServer.standalone();
    }

    RedisOptions.Mode mode() {
        return RedisOptions.Mode.STANDALONE;
    }

    @BeforeAll
    void startRedis() {
        server = start();
        cast = new Cast(server, mode());
    }

    @AfterAll
    void stopRedis() {
        server.close();
    }

    @Override
    protected Cluster create() {
        return cast.node();
    }

    @Override
    protected void kill(Cluster node) {
        Cast.kill(node);
    }

    @Override
    protected Duration burial() {
        return Cast.LEASE.multipliedBy(6).plusSeconds(10);
    }

    @Override
    protected void pass(Duration time) {
        Cast.pass(time);
    }
}
