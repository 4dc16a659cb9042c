package dev.polywire.cluster.redis;

import dev.polywire.cluster.redis.server.RedisServer;

/** The broker on a Redis Cluster of three masters. */
class RedisClusterBrokerConformanceTest extends RedisBrokerConformanceTest {
    @Override
    RedisServer start() {
        return RedisServer.cluster(false);
    }

    @Override
    RedisOptions.Mode mode() {
        return RedisOptions.Mode.CLUSTER;
    }
}
