package dev.polywire.cluster.redis;

import dev.polywire.redis.server.RedisServer;

/** The same on a Redis Cluster of three masters. */
class RedisClusterQuotaConformanceTest extends RedisQuotaConformanceTest {
    @Override
    RedisServer start() {
        return RedisServer.cluster(false);
    }

    @Override
    RedisOptions.Mode mode() {
        return RedisOptions.Mode.CLUSTER;
    }
}
