package dev.polywire.faults;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.cluster.redis.RedisOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ChaosProxy.Direction;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import java.io.UncheckedIOException;
import java.time.Duration;

/** What goes wrong, how one sees that it did, and what has to be around. */
enum Fault {
    /** A node is killed; another one starts in its place. */
    NODE_KILLED {
        @Override
        void strike(World world) {
            int before = world.crowd.resets();
            World.Node victim = world.any();
            victim.program().kill();
            assertFalse(victim.program().alive());
            // The balancer goes on sending every other request to it until the clients have met it.
            Await.until("sessions are lost with it", LONG, () -> world.crowd.resets() > before);
            world.unlist(victim);
            world.another();
        }
    },
    /** A node is drained, as for an update; another one has started before. No session is lost. */
    NODE_DRAINED {
        @Override
        void strike(World world) {
            int before = world.crowd.resets();
            World.Node leaving = world.any();
            world.another();
            world.unlist(leaving);
            leaving.program().tell("drain");
            assertTrue(leaving.program().await("drained", LONG).getBoolean("well"));
            Await.until("it has ended", LONG, () -> !leaving.program().alive());
            Await.until("all are connected", LONG, world.crowd::connected);
            assertTrue(world.crowd.resets() == before, () -> "sessions were lost: " + world.crowd);
        }
    },
    /** Redis is killed and started again with what it has on disk. */
    REDIS_RESTARTED {
        @Override
        RedisServer redis() {
            return RedisServer.standalone(true);
        }

        @Override
        void strike(World world) {
            String before = run(world);
            world.redis.node().restart();
            assertNotEquals(before, run(world));
        }
    },
    /** Redis sleeps for ten seconds, with all its connections open. */
    REDIS_PAUSED {
        @Override
        void strike(World world) {
            world.redis.node().pause();
            try {
                Await.until(
                        "publishing stops",
                        LONG,
                        new Stands(world.crowd::stored, Duration.ofSeconds(10).toNanos()));
            } finally {
                world.redis.node().resume();
            }
        }
    },
    /** Redis closes the connections that subscribers have. */
    SUBSCRIPTIONS_KILLED {
        @Override
        void strike(World world) {
            String killed = world.redis.node().call("CLIENT", "KILL", "TYPE", "pubsub");
            assertTrue(Integer.parseInt(killed.replaceAll("\\D", "")) >= 1, killed);
        }
    },
    /** The master is killed and its replica takes over; what is acknowledged has reached it. */
    MASTER_FAILED {
        @Override
        RedisServer redis() {
            return RedisServer.sentinel(false);
        }

        @Override
        RedisOptions options(RedisServer server) {
            return World.quick(server)
                    .setMode(RedisOptions.Mode.SENTINEL)
                    .setMasterName(RedisServer.MASTER_NAME)
                    .setWaitReplicas(1)
                    .setWaitReplicasTimeout(Duration.ofMillis(500));
        }

        @Override
        void strike(World world) {
            world.redis.nodes().get(0).kill();
            Await.until(
                    "the replica is the master",
                    LONG,
                    () -> master(world.redis.nodes().get(1)));
            // Not before the sentinel says so: one without files that comes back as the master, empty, would have to be
            // believed.
            Node sentinel = world.redis.sentinels().get(0);
            String port = String.valueOf(world.redis.nodes().get(1).port());
            Await.until(
                    "the sentinel names it",
                    LONG,
                    () -> sentinel.call("SENTINEL", "get-master-addr-by-name", RedisServer.MASTER_NAME)
                            .endsWith(port));
            // It is made a replica, without which nothing can be acknowledged.
            world.redis.nodes().get(0).start();
        }
    },
    /** A node's connections to Redis are cut in the middle of what they carry. */
    LINK_CUT {
        @Override
        boolean linked() {
            return true;
        }

        @Override
        void strike(World world) {
            var link = java.util.Objects.requireNonNull(world.any().link());
            int before = link.cutsMidWrite();
            link.cutMidWrite(world.random.nextBoolean() ? Direction.UP : Direction.DOWN);
            Await.until("one is cut", LONG, () -> link.cutsMidWrite() > before);
            link.reset();
        }
    },
    /** What a node says to Redis, or hears from it, comes late for a while, and then for a while not at all. */
    LINK_SLOW {
        @Override
        boolean linked() {
            return true;
        }

        @Override
        void strike(World world) {
            var link = java.util.Objects.requireNonNull(world.any().link());
            int stored = world.crowd.stored();
            link.delay(200);
            Await.until("things go on, slowly", LONG, () -> world.crowd.stored() > stored + 50);
            link.blackhole(world.random.nextBoolean() ? Direction.UP : Direction.DOWN, 3000);
            assertTrue(link.swallowed() > 0, "there was a connection");
            int refused = world.crowd.refused();
            Await.until("the node notices", LONG, () -> world.crowd.refused() > refused);
            link.delay(0);
        }
    },
    /** Somebody empties Redis. */
    FLUSHED {
        @Override
        void strike(World world) {
            int before = world.crowd.epochs();
            world.redis.node().call("FLUSHALL");
            Await.until(
                    "every subscriber is told in every channel",
                    LONG,
                    () -> world.crowd.epochs() - before >= Crowd.CHANNELS * world.crowd.clients());
        }
    };

    static final Duration LONG = Duration.ofSeconds(30);

    /** Returns the Redis that it happens to. */
    RedisServer redis() {
        return RedisServer.standalone(false);
    }

    RedisOptions options(RedisServer server) {
        return World.quick(server);
    }

    /** Tells whether a proxy that can do harm stands between each node and Redis. */
    boolean linked() {
        return false;
    }

    /** Tells whether no session may be lost by it: no node dies, and Redis forgets nothing. */
    boolean sessionsStay() {
        return this != NODE_KILLED && this != MASTER_FAILED && this != FLUSHED;
    }

    /** Has it happen, and sees that it does. */
    abstract void strike(World world);

    /** Asks a server that may be closing all connections, because it has just become another one's replica or their master. */
    private static boolean master(Node server) {
        try {
            return server.call("ROLE").contains("master");
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** Returns which run of Redis it is. */
    private static String run(World world) {
        return world.redis
                .node()
                .call("INFO", "server")
                .lines()
                .filter(line -> line.startsWith("run_id"))
                .findFirst()
                .orElseThrow();
    }

    /** Whether a number has not changed for so long. */
    private static final class Stands implements java.util.function.BooleanSupplier {
        private final java.util.function.IntSupplier number;
        private final long nanos;
        private int last = -1;
        private long since;

        Stands(java.util.function.IntSupplier number, long nanos) {
            this.number = number;
            this.nanos = nanos;
        }

        @Override
        public boolean getAsBoolean() {
            int now = number.getAsInt();
            if (now != last) {
                last = now;
                since = System.nanoTime();
            }
            return System.nanoTime() - since >= nanos;
        }
    }
}
