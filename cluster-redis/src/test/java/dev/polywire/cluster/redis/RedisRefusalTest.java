package dev.polywire.cluster.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.redis.server.Tls;
import dev.polywire.testing.SelfSigned;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that a node may not trust, or that does not let it in: it does not join, and whoever runs it is told why. */
class RedisRefusalTest {
    @TempDir
    static Path folder;

    static SelfSigned signed;
    static RedisServer server;

    @BeforeAll
    static void start() throws IOException {
        signed = SelfSigned.in(folder);
        server = RedisServer.sentinel(new Tls(signed.certificate(), signed.key()));
        String[] user = {"ACL", "SETUSER", "polywire", "on", ">right", "~*", "&*", "+@all"};
        for (List<Node> some : List.of(server.nodes(), server.sentinels())) {
            some.forEach(node -> assertEquals("+OK", node.call(user)));
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static SSLOptions trusting(SelfSigned whom) {
        return new SSLOptions()
                .setTrustOptions(
                        new PemTrustOptions().addCertPath(whom.certificate().toString()));
    }

    /** Options with which a node joins. */
    private static RedisOptions options() {
        return new RedisOptions()
                .setEndpoints(List.of(server.node().uri()))
                .setMasterName(RedisServer.MASTER_NAME)
                .setSsl(trusting(signed))
                .setCredentials("polywire", "right")
                .setSentinelCredentials("polywire", "right")
                // A JVM's first handshakes take their time.
                .setConnectTimeout(Duration.ofSeconds(4))
                .setCallTimeout(Duration.ofSeconds(1));
    }

    private static RedisOptions bySentinel() {
        return options().setMode(RedisOptions.Mode.SENTINEL).setEndpoints(server.endpoints());
    }

    private static RedisOptions plain() {
        return options()
                .setSsl(null)
                .setEndpoints(List.of("redis://127.0.0.1:" + server.node().port()));
    }

    private static void assertJoins(RedisOptions options) {
        Vertx vertx = Vertx.vertx();
        RedisCluster node = new RedisCluster(options);
        Await.get("join", node.join(vertx).map(true));
        Await.get("leave", node.leave().map(true));
        Await.get("close", vertx.close().map(true));
    }

    @Test
    @DisplayName("what is refused below would be let in if that one thing were right")
    void right() {
        assertJoins(options());
        assertJoins(bySentinel());
        assertJoins(plain());
    }

    private record Refused(String what, RedisOptions options, String why) {}

    @Test
    @DisplayName(
            "certificates of strangers and for other hosts, TLS at one end only, wrong passwords: none of them joins, and each says why")
    void refused() throws IOException {
        SelfSigned stranger = SelfSigned.in(Files.createDirectory(folder.resolve("stranger")));
        SelfSigned elsewhere = SelfSigned.in(Files.createDirectory(folder.resolve("elsewhere")), "dns:elsewhere.test");
        try (RedisServer other = RedisServer.standalone(new Tls(elsewhere.certificate(), elsewhere.key()))) {
            List<Refused> all = List.of(
                    new Refused("a stranger", options().setSsl(trusting(stranger)), "PKIX path"),
                    new Refused("a stranger as sentinel", bySentinel().setSsl(trusting(stranger)), "PKIX path"),
                    new Refused("whom Java does not trust", options().setSsl(new SSLOptions()), "PKIX path"),
                    new Refused(
                            "another host's",
                            options().setSsl(trusting(elsewhere)).setEndpoints(other.endpoints()),
                            "127.0.0.1"),
                    new Refused("no TLS there", plain().setSsl(trusting(signed)), "took too long"),
                    new Refused("no TLS here", options().setSsl(null), ""),
                    new Refused("password", options().setCredentials("polywire", "wrong"), "WRONGPASS"),
                    new Refused(
                            "password for the sentinel",
                            bySentinel().setSentinelCredentials("polywire", "wrong"),
                            "WRONGPASS"),
                    new Refused(
                            "password behind the sentinel",
                            bySentinel().setCredentials("polywire", "wrong"),
                            "WRONGPASS"));
            Vertx vertx = Vertx.vertx();
            // Side by side: each of them tries for as long as it may.
            List<Future<Void>> joined = all.stream()
                    .map(one -> new RedisCluster(one.options()).join(vertx))
                    .toList();
            Await.until("an end", Duration.ofSeconds(20), () -> joined.stream().allMatch(Future::isComplete));
            for (int i = 0; i < all.size(); i++) {
                assertTrue(joined.get(i).failed(), all.get(i).what());
                ProtocolException cause = (ProtocolException) joined.get(i).cause();
                assertEquals(ErrorCode.UNAVAILABLE, cause.code());
                assertThat(cause.getMessage())
                        .as(all.get(i).what())
                        .startsWith("Redis cannot be reached: ")
                        .contains(all.get(i).why());
            }
            Await.get("close", vertx.close().map(true));
        }
    }
}
