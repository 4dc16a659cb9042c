package dev.polywire.cluster.redis;

import dev.polywire.cluster.redis.server.RedisServer;
import dev.polywire.conformance.PeersConformance;
import dev.polywire.spi.Cluster;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/** The way from node to node on one Redis. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisPeersConformanceTest extends PeersConformance {
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
    }

    /** Nodes of one test are none of another's: those that were killed there would be buried here. */
    @BeforeEach
    void another() {
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
    protected void sleep(Cluster node) {
        cast.sleep(node);
    }

    @Override
    protected void wake(Cluster node) {
        cast.wake(node);
    }
}
