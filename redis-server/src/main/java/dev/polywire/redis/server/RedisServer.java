package dev.polywire.redis.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis on loopback, on free ports, in a directory of its own that is deleted in the end: alone, as a master with a replica and a
 * sentinel, or as a cluster of three masters, with replicas or without. It is the {@code redis-server} on the PATH when that is version 7 or later, else one
 * that comes with the tests. What the environment variable {@code POLYWIRE_REDIS} names is used by {@link #standalone()} instead, as it is.
 */
public final class RedisServer implements AutoCloseable {
    /** Names a Redis that runs already, such as {@code redis://127.0.0.1:6379}. */
    public static final String VARIABLE = "POLYWIRE_REDIS";

    /** What the master is called at the sentinel. */
    public static final String MASTER_NAME = "polywire";

    private final @Nullable Path root;
    private final List<Node> nodes;
    private final List<Node> sentinels;
    private final @Nullable String external;
    private final Thread hook = new Thread(this::end, "redis-end");

    private RedisServer(@Nullable Path root, List<Node> nodes, List<Node> sentinels, @Nullable String external) {
        this.root = root;
        this.nodes = nodes;
        this.sentinels = sentinels;
        this.external = external;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts one server that keeps nothing on disk, or takes the one that the environment names. */
    public static RedisServer standalone() {
        String named = System.getenv(VARIABLE);
        if (named != null && !named.isBlank()) {
            return new RedisServer(null, List.of(), List.of(), named);
        }
        return standalone(false);
    }

    /**
     * Starts one server.
     *
     * @param durable whether every write is on disk before it is acknowledged, so that {@link Node#restart} loses nothing
     * @param arguments more for its command line
     * @return answers already
     */
    public static RedisServer standalone(boolean durable, String... arguments) {
        return starting(root -> {
            Node node = node(root, "redis", durable, null, arguments);
            return new RedisServer(root, List.of(node), List.of(), null);
        });
    }

    /** Starts one server that clients reach over TLS, and that keeps nothing on disk. */
    public static RedisServer standalone(Tls tls) {
        return starting(root -> new RedisServer(root, List.of(node(root, "redis", false, tls)), List.of(), null));
    }

    /** Starts a master, one replica, and one sentinel that fails over alone after a second of silence; durable as said. */
    public static RedisServer sentinel(boolean durable) {
        return sentinel(durable, null);
    }

    /** Starts the same, with TLS between all of them and towards clients; keeps nothing on disk. */
    public static RedisServer sentinel(Tls tls) {
        return sentinel(false, tls);
    }

    private static RedisServer sentinel(boolean durable, @Nullable Tls tls) {
        return starting(root -> {
            Node master = node(root, "master", durable, tls);
            String door = Integer.toString(master.door());
            Node replica = node(root, "replica", durable, tls, "--replicaof", "127.0.0.1", door);
            Path dir = Files.createDirectory(root.resolve("sentinel"));
            int port = Node.freePort();
            Integer tlsPort = tls == null ? null : Node.freePort();
            Path config = dir.resolve("sentinel.conf");
            List<String> lines = new ArrayList<>(List.of(
                    "port " + port,
                    "bind 127.0.0.1",
                    "dir " + dir,
                    "sentinel monitor " + MASTER_NAME + " 127.0.0.1 " + door + " 1",
                    "sentinel down-after-milliseconds " + MASTER_NAME + " 1000",
                    "sentinel failover-timeout " + MASTER_NAME + " 5000"));
            if (tls != null && tlsPort != null) {
                tls.settings(tlsPort).forEach((name, value) -> lines.add(name + ' ' + value));
            }
            Files.write(config, lines);
            Node sentinel = new Node(List.of(config.toString(), "--sentinel"), dir, port, tlsPort);
            RedisServer server = new RedisServer(root, List.of(master, replica), List.of(sentinel), null);
            server.startAll();
            until(
                    "the replica follows",
                    () -> replica.call("INFO", "replication").contains("master_link_status:up"));
            until(
                    "the sentinel knows the replica",
                    () -> sentinel.call("SENTINEL", "replicas", MASTER_NAME).contains("slave"));
            return server;
        });
    }

    /** Starts a cluster of three masters without replicas; durable as said. */
    public static RedisServer cluster(boolean durable) {
        return cluster(durable, null, 0, 2000);
    }

    /** Starts the same, with TLS between all of them and towards clients; keeps nothing on disk. */
    public static RedisServer cluster(Tls tls) {
        return cluster(false, tls, 0, 2000);
    }

    /**
     * Starts a cluster of three masters and a replica of each, which takes over when its master is silent. {@link #nodes} are the masters, in the order of their slots, and then
     * their replicas, in the same order.
     *
     * @param durable whether every write is on disk before it is acknowledged
     * @param timeout how long a master may be silent, in milliseconds ({@code cluster-node-timeout}); 500 or more, or a busy machine fails over by itself
     * @return whole, and every replica follows
     */
    public static RedisServer clusterWithReplicas(boolean durable, int timeout) {
        return cluster(durable, null, 3, timeout);
    }

    private static RedisServer cluster(boolean durable, @Nullable Tls tls, int replicas, int timeout) {
        return starting(root -> {
            List<Node> nodes = new ArrayList<>();
            for (int i = 0; i < 3 + replicas; i++) {
                nodes.add(node(
                        root,
                        "node" + i,
                        durable,
                        tls,
                        "--cluster-enabled",
                        "yes",
                        "--cluster-config-file",
                        "nodes.conf",
                        "--cluster-node-timeout",
                        Integer.toString(timeout)));
            }
            RedisServer server = new RedisServer(root, List.copyOf(nodes), List.of(), null);
            server.startAll();
            int[] bounds = {0, 5461, 10923, 16384};
            for (int i = 0; i < nodes.size(); i++) {
                Node node = nodes.get(i);
                if (i < 3) {
                    node.call(
                            "CLUSTER",
                            "ADDSLOTSRANGE",
                            Integer.toString(bounds[i]),
                            Integer.toString(bounds[i + 1] - 1));
                }
                if (i > 0) {
                    node.call(
                            "CLUSTER",
                            "MEET",
                            "127.0.0.1",
                            Integer.toString(nodes.get(0).door()));
                }
            }
            String known = "cluster_known_nodes:" + nodes.size();
            until(
                    "the cluster is whole",
                    () -> nodes.stream()
                            .map(node -> node.call("CLUSTER", "INFO"))
                            .allMatch(info -> info.contains("cluster_state:ok")
                                    && info.contains(known)
                                    && info.contains("cluster_size:3")));
            for (int i = 3; i < nodes.size(); i++) {
                Node replica = nodes.get(i);
                String master = nodes.get(i - 3).call("CLUSTER", "MYID");
                until(
                        "a replica knows its master",
                        () -> replica.call("CLUSTER", "REPLICATE", master).contains("OK"));
            }
            until(
                    "the replicas follow",
                    () -> nodes.stream()
                                    .skip(3)
                                    .allMatch(node ->
                                            node.call("INFO", "replication").contains("master_link_status:up"))
                            && nodes.stream()
                                    .allMatch(node -> count(node.call("CLUSTER", "NODES"), "slave ") == replicas));
            return server;
        });
    }

    private static int count(String text, String part) {
        return text.split(part, -1).length - 1;
    }

    private interface Starting {
        RedisServer start(Path root) throws IOException;
    }

    private static RedisServer starting(Starting starting) {
        try {
            RedisServer server = starting.start(Files.createTempDirectory("polywire-redis"));
            server.startAll();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Node node(Path root, String name, boolean durable, @Nullable Tls tls, String... arguments)
            throws IOException {
        Path dir = Files.createDirectory(root.resolve(name));
        int port = Node.freePort();
        List<String> all = new ArrayList<>(List.of(
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                dir.toString(),
                "--save",
                "",
                "--appendonly",
                durable ? "yes" : "no",
                "--appendfsync",
                "always",
                "--repl-diskless-sync-delay",
                "0"));
        Integer tlsPort = tls == null ? null : Node.freePort();
        if (tls != null && tlsPort != null) {
            tls.settings(tlsPort).forEach((setting, value) -> all.addAll(List.of("--" + setting, value)));
        }
        all.addAll(List.of(arguments));
        return new Node(all, dir, port, tlsPort);
    }

    private void startAll() {
        nodes.forEach(Node::start);
        sentinels.forEach(Node::start);
    }

    private static void until(String what, java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("Not within 20 s: " + what);
            }
            Node.pause20();
        }
    }

    /** Returns where clients connect: the servers, or the sentinels when there are any. */
    public List<String> endpoints() {
        if (external != null) {
            return List.of(external);
        }
        return (sentinels.isEmpty() ? nodes : sentinels).stream().map(Node::uri).toList();
    }

    /** Tells whether it was started here, and may be killed and paused. */
    public boolean own() {
        return external == null;
    }

    /** Returns the only server, the first master, or what was the master when it was started. */
    public Node node() {
        return nodes.get(0);
    }

    /** Returns all servers but the sentinels; with a replica, that is the second. */
    public List<Node> nodes() {
        return nodes;
    }

    /** Returns the sentinels. */
    public List<Node> sentinels() {
        return sentinels;
    }

    /** Kills everything that was started here, and deletes its files. */
    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The machine is going down, and the hook has run or will.
            return;
        }
    }

    private synchronized void end() {
        sentinels.forEach(Node::kill);
        nodes.forEach(Node::kill);
        if (root == null || !Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
