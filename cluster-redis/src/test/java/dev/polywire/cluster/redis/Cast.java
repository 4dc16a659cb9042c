package dev.polywire.cluster.redis;

import dev.polywire.cluster.redis.server.RedisServer;
import dev.polywire.conformance.Await;
import dev.polywire.spi.Cluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/** Nodes of one cluster, which die and sleep when they are told to. */
final class Cast {
    static final Duration LEASE = Duration.ofMillis(1200);

    private final RedisOptions options;
    private final Map<Cluster, CountDownLatch> asleep = new ConcurrentHashMap<>();

    /** Makes a cluster of its own within a Redis. */
    Cast(RedisServer server, RedisOptions.Mode mode) {
        options = Lab.quick(server, mode).setPrefix("t" + UUID.randomUUID() + ":");
    }

    /** Returns a copy of how its nodes use Redis. */
    RedisOptions options() {
        return new RedisOptions(options);
    }

    RedisCluster node() {
        return node(options);
    }

    /** Makes a node that goes another way to the same Redis. */
    RedisCluster node(Gate gate) {
        return node(new RedisOptions(options).setEndpoints(List.of(gate.uri())));
    }

    static RedisCluster node(RedisOptions options) {
        return new RedisCluster(options, new NodeOptions().setLease(LEASE));
    }

    static void kill(Cluster node) {
        Await.get("kill", ((RedisCluster) node).kill().map(true));
    }

    /** Stops the event loop that all of the node's work with Redis happens on. */
    void sleep(Cluster node) {
        CountDownLatch awake = new CountDownLatch(1);
        CountDownLatch sleeps = new CountDownLatch(1);
        asleep.put(node, awake);
        ((RedisCluster) node).parts().commands().context().runOnContext(v -> {
            sleeps.countDown();
            try {
                awake.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Await.until("it sleeps", () -> sleeps.getCount() == 0);
    }

    void wake(Cluster node) {
        asleep.remove(node).countDown();
    }

    static void pass(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}
