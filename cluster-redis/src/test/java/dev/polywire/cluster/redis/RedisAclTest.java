package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.redis.server.Tls;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Quota.Use;
import dev.polywire.testing.SelfSigned;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SSLOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The user of Redis' access lists that docs/operations.md shows: it may do all that nodes do, and not much else; with TLS and without, wherever Redis may be. */
class RedisAclTest {
    @TempDir
    static Path folder;

    static SelfSigned signed;

    /** How the servers are arranged, and how they are reached. */
    enum Way {
        STANDALONE(RedisOptions.Mode.STANDALONE, false),
        STANDALONE_TLS(RedisOptions.Mode.STANDALONE, true),
        REPLICATED_TLS(RedisOptions.Mode.REPLICATED, true),
        SENTINEL_TLS(RedisOptions.Mode.SENTINEL, true),
        CLUSTER(RedisOptions.Mode.CLUSTER, false),
        CLUSTER_TLS(RedisOptions.Mode.CLUSTER, true);

        final RedisOptions.Mode mode;
        final boolean tls;

        Way(RedisOptions.Mode mode, boolean tls) {
            this.mode = mode;
            this.tls = tls;
        }

        RedisServer start() {
            Tls shown = new Tls(signed.certificate(), signed.key());
            return switch (mode) {
                case STANDALONE -> tls ? RedisServer.standalone(shown) : RedisServer.standalone(false);
                case REPLICATED, SENTINEL -> tls ? RedisServer.sentinel(shown) : RedisServer.sentinel(false);
                case CLUSTER -> tls ? RedisServer.cluster(shown) : RedisServer.cluster(false);
            };
        }
    }

    @BeforeAll
    static void sign() {
        signed = SelfSigned.in(folder);
    }

    /** Takes rules from the page, for another prefix. */
    private static String[] rules(String password, String prefix) {
        String begin = "ACL SETUSER polywire on >" + password + ' ';
        try {
            String line = Files.readAllLines(Path.of("..", "docs", "operations.md")).stream()
                    .filter(one -> one.strip().startsWith(begin))
                    .findFirst()
                    .orElseThrow()
                    .strip();
            return line.replace("polywire:", prefix).split(" ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RedisOptions options(RedisServer server, Way way) {
        RedisOptions options = new Cast(server, way.mode)
                .options()
                .setCredentials("polywire", "PASSWORD")
                .setSentinelCredentials("polywire", "SENTINEL_PASSWORD");
        if (way.mode == RedisOptions.Mode.REPLICATED) {
            options.setEndpoints(server.nodes().stream().map(Node::uri).toList());
        }
        if (way.tls) {
            options.setSsl(new SSLOptions()
                    .setTrustOptions(new PemTrustOptions()
                            .addCertPath(signed.certificate().toString())));
        }
        if (server.nodes().size() == 2) {
            options.setWaitReplicas(1).setWaitReplicasTimeout(Duration.ofMillis(500));
        }
        server.nodes().forEach(node -> assertEquals("+OK", node.call(rules("PASSWORD", options.getPrefix()))));
        server.sentinels().forEach(node -> assertEquals("+OK", node.call(rules("SENTINEL_PASSWORD", ""))));
        return options;
    }

    /** Every connection of a node is that user's, and goes to the port for TLS where there is one. */
    private static void assertAllComeSo(RedisServer server) {
        List<String> connections = server.nodes().stream()
                .flatMap(node -> node.call("CLIENT", "LIST")
                        .lines()
                        .filter(line -> line.contains(" user=polywire "))
                        .map(line -> line.contains("laddr=" + node.uri().substring("redis://".length()) + ' ')
                                ? "right"
                                : line))
                .toList();
        assertTrue(connections.size() >= 4, "two nodes have two each, or more: " + connections);
        assertTrue(connections.stream().allMatch("right"::equals), connections::toString);
    }

    @ParameterizedTest
    @EnumSource
    void mayDoAllThatNodesDo(Way way) {
        try (RedisServer server = way.start()) {
            RedisOptions options = options(server, way);
            Life first = new Life(Cast.node(options)).join();
            Life other = new Life(Cast.node(options)).join();
            everything(first, other);
            assertAllComeSo(server);
            other.kill();
            Await.until(
                    "its member has left",
                    Duration.ofSeconds(20),
                    () -> first.heard("room", Leave.class).size() == 1);
            if (way.mode == RedisOptions.Mode.SENTINEL || way.mode == RedisOptions.Mode.REPLICATED) {
                failOver(server, first);
            }
            first.end();
            other.end();
            for (List<Node> some : List.of(server.nodes(), server.sentinels())) {
                some.stream().filter(Node::running).forEach(node -> {
                    String log = node.call("ACL", "LOG");
                    assertTrue(log.equals("*0"), "Refused: " + log);
                });
            }
        }
    }

    private static void everything(Life first, Life other) {
        Keep keep = new Keep(10, Duration.ofMinutes(1));
        Await.get("subscribe", first.cluster.broker().subscribe("room", keep));
        Message message = new Message("room", "e", Payload.of(1), 1, 0, null, null, null, null, null, 1);
        Await.get("publish", other.cluster.broker().publish(new Publication(message, keep, "id", null)));
        Await.until("it arrives", () -> first.messages.size() == 1);
        Await.get("read", first.cluster.broker().read("room", keep, null, 10, false));
        first.enter("room", "a");
        other.enter("room", "b");
        assertTrue(Await.get("update", first.cluster.presence().update("room", "a", Payload.of("away"))));
        assertEquals(
                "hi",
                Await.get("ask", first.cluster.peers().ask(other.name(), Buffer.buffer("hi"), 5000))
                        .toString());
        Await.get(
                "give",
                first.cluster
                        .ledger()
                        .give("s", 0, "proof", other.name(), Buffer.buffer("state"), Duration.ofMinutes(1)));
        Await.get("take", other.cluster.ledger().take("s", "proof").map(taken -> taken.fence()));
        Await.get("find", first.cluster.ledger().find("s").map(entry -> entry.fence()));
        Await.get("tell", first.cluster.quota().tell("u:ann", new Use(List.of(1000L), List.of(1))));
        Await.get("tell", other.cluster.quota().tell("u:ann", new Use(List.of(0L), List.of(0))));
        Await.until("ready", () -> Await.get("ready", first.cluster.ready()).isOk());
    }

    /** The node finds the next master by itself, and is allowed there, too. */
    private static void failOver(RedisServer server, Life node) {
        server.node().kill();
        Await.until(
                "the replica is promoted",
                Duration.ofSeconds(30),
                () -> RedisFailoverTest.isMaster(server.nodes().get(1)));
        Await.until(
                "ready",
                Duration.ofSeconds(20),
                () -> Await.get("ready", node.cluster.ready()).isOk());
        node.enter("room", "c");
    }
}
