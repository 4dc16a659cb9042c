package dev.polywire.cluster.redis;

import dev.polywire.cluster.redis.server.RedisServer;

/** Nodes on a Redis Cluster of three masters. */
class RedisClusterNodesFaultsTest extends NodesFaults {
    @Override
    RedisServer start(boolean durable) {
        return RedisServer.cluster(durable);
    }

    @Override
    RedisOptions.Mode mode() {
        return RedisOptions.Mode.CLUSTER;
    }
}
