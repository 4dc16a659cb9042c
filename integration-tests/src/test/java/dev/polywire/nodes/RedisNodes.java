package dev.polywire.nodes;

import dev.polywire.cluster.redis.RedisCluster;
import dev.polywire.cluster.redis.RedisOptions;
import dev.polywire.conformance.SeveralNodesConformance;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Cluster;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The kit against two nodes with one Redis, behind a proxy that knows no stickiness. Each server of a test has a prefix of its own. */
abstract class RedisNodes extends SeveralNodesConformance {
    private static final AtomicInteger SERVERS = new AtomicInteger();

    private static RedisServer redis;

    @BeforeAll
    static void startRedis() {
        redis = RedisServer.standalone();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @Override
    protected final Supplier<Cluster> cluster() {
        RedisOptions options = new RedisOptions()
                .setEndpoints(redis.endpoints())
                .setPrefix("kit-" + ProcessHandle.current().pid() + "-" + SERVERS.incrementAndGet());
        return () -> new RedisCluster(options);
    }
}
