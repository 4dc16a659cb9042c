package dev.polywire.faults;

import dev.polywire.cluster.redis.NodeOptions;
import dev.polywire.cluster.redis.RedisOptions;
import dev.polywire.conformance.ChaosProxy;
import dev.polywire.conformance.RoundRobinProxy;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.testing.Tools;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A Redis, two nodes in processes of their own, a balancer without stickiness before them, and crowds of clients at it: the browser's, and the Java client. */
final class World implements AutoCloseable {
    /** How long a node's process may take to start and to join. */
    private static final Duration START = Duration.ofSeconds(40);

    /** A node, its port, and what is between it and Redis. */
    record Node(Program program, int port, @Nullable ChaosProxy link) {}

    final Vertx vertx = Vertx.vertx();
    final RedisServer redis;
    final Random random;
    final List<Node> nodes = new ArrayList<>();
    private final List<Integer> targets = new CopyOnWriteArrayList<>();
    private final RedisOptions options;
    private final boolean linked;
    private final RoundRobinProxy balancer;
    final Crowd crowd;
    final JavaCrowd javaCrowd;
    private int started;

    /**
     * Starts everything and waits until the crowds are subscribed.
     *
     * @param node the program Node
     * @param redis closed along with this
     * @param options how the nodes use it
     * @param linked whether a proxy that can do harm stands between each node and Redis
     * @param seed of what is random
     */
    World(Path node, RedisServer redis, RedisOptions options, boolean linked, long seed) {
        this.redis = redis;
        this.options = options;
        this.linked = linked;
        this.random = new Random(seed);
        Crowd others = null;
        try {
            // Side by side: a JVM takes its time.
            List<Node> starting = List.of(launch(), launch());
            starting.forEach(this::add);
            balancer = new RoundRobinProxy(vertx, targets);
            String run = Long.toHexString(seed);
            others = new Crowd(node, balancer.port(), 12, run);
            crowd = others;
            javaCrowd = new JavaCrowd(vertx, balancer.port(), run);
        } catch (Throwable e) {
            if (others != null) {
                others.close();
            }
            nodes.forEach(one -> one.program().close());
            redis.close();
            throw e;
        }
    }

    /**
     * Returns options that notice what is wrong in tenths of seconds, as far as that is wise. How long a connection and a call may
     * take stays as it is: a node that has just started, beside others that are busy, takes more than a second for either.
     */
    static RedisOptions quick(RedisServer server) {
        return new RedisOptions()
                .setEndpoints(server.endpoints())
                .setMaxReconnectDelay(Duration.ofMillis(300))
                .setHeartbeat(Duration.ofMillis(500))
                .setIdleCheck(Duration.ofMillis(500));
    }

    static Path node() {
        return Tools.require("node");
    }

    private Node launch() {
        RedisOptions its = new RedisOptions(options);
        ChaosProxy link = null;
        if (linked) {
            link = new ChaosProxy(vertx, redis.node().port(), random.nextLong());
            its.setEndpoints(List.of("redis://127.0.0.1:" + link.port()));
        }
        JsonObject told = new JsonObject()
                .put("redis", its.toJson())
                .put("node", new NodeOptions().setLease(Duration.ofSeconds(4)).toJson());
        Program program = Program.java("node-" + started++, FaultNode.class, told.encode());
        Node node = new Node(program, 0, link);
        return node;
    }

    private void add(Node starting) {
        int port = starting.program().await("listening", START).getInteger("port");
        nodes.add(new Node(starting.program(), port, starting.link()));
        targets.add(port);
    }

    /** Starts one more node. */
    void another() {
        add(launch());
    }

    /** Returns one of the nodes by chance. */
    Node any() {
        return nodes.get(random.nextInt(nodes.size()));
    }

    /** Takes a node out of the balancer, as an operator does before a node is stopped, and where a health check finds it dead. */
    void unlist(Node node) {
        targets.remove((Integer) node.port());
        nodes.remove(node);
    }

    /** Returns what all processes wrote that was no event. */
    String output() {
        StringBuilder all = new StringBuilder();
        for (Node node : nodes) {
            all.append("---- ")
                    .append(node.port())
                    .append('\n')
                    .append(node.program().output())
                    .append('\n');
        }
        return all.toString();
    }

    @Override
    public void close() {
        javaCrowd.close();
        crowd.close();
        nodes.forEach(node -> node.program().close());
        balancer.close();
        nodes.forEach(node -> {
            if (node.link() != null) {
                node.link().close();
            }
        });
        redis.close();
        dev.polywire.conformance.Await.get("the end", vertx.close().map(true));
    }
}
