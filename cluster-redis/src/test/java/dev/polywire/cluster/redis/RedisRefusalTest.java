package dev.polywire.cluster.redis;

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
    private static RedisOptions right() {
        return new RedisOptions()
                .setEndpoints(List.of(server.node().uri()))
                .setMasterName(RedisServer.MASTER_NAME)
                .setSsl(trusting(signed))
                .setCredentials("polywire", "right")
                .setSentinelCredentials("polywire", "right")
                .setCallTimeout(Duration.ofMillis(500))
                .setConnectTimeout(Duration.ofSeconds(1));
    }

    private static RedisOptions bySentinel() {
        return right().setMode(RedisOptions.Mode.SENTINEL).setEndpoints(server.endpoints());
    }

    private static RedisOptions plain() {
        return right().setSsl(null)
                .setEndpoints(List.of("redis://127.0.0.1:" + server.node().port()));
    }

    private static Future<Void> join(Vertx vertx, RedisOptions options) {
        return new RedisCluster(options, new NodeOptions().setLease(Duration.ofSeconds(2))).join(vertx);
    }

    private static void assertRefused(RedisOptions options, String why) {
        Vertx vertx = Vertx.vertx();
        Future<Void> joined = join(vertx, options);
        Await.until("an end", joined::isComplete);
        assertTrue(joined.failed(), "it must not join");
        ProtocolException cause = (ProtocolException) joined.cause();
        assertEquals(ErrorCode.UNAVAILABLE, cause.code());
        String said = String.valueOf(cause.getMessage());
        assertTrue(said.startsWith("Redis cannot be reached: ") && said.contains(why), said);
        Await.get("close", vertx.close().map(true));
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
    void joins() {
        assertJoins(right());
        assertJoins(bySentinel());
        assertJoins(plain());
    }

    @Test
    @DisplayName("a certificate of somebody who is not trusted, at the server and at the sentinel")
    void untrusted() throws IOException {
        SelfSigned stranger = SelfSigned.in(Files.createDirectory(folder.resolve("stranger")));
        assertRefused(right().setSsl(trusting(stranger)), "certif");
        assertRefused(bySentinel().setSsl(trusting(stranger)), "certif");
        assertRefused(right().setSsl(new SSLOptions()), "certif");
    }

    @Test
    @DisplayName("a certificate for another host")
    void otherHost() {
        String elsewhere = server.node().uri().replace("127.0.0.1", "127.0.0.2");
        assertRefused(right().setEndpoints(List.of(elsewhere)), "127.0.0.2");
    }

    @Test
    @DisplayName("TLS where there is none, and none where there is TLS")
    void mismatched() {
        assertRefused(plain().setSsl(trusting(signed)), "TLS");
        assertRefused(right().setSsl(null), "ended");
    }

    @Test
    @DisplayName("a wrong password, and one that is wrong only for the sentinel")
    void password() {
        assertRefused(right().setCredentials("polywire", "wrong"), "WRONGPASS");
        assertRefused(bySentinel().setSentinelCredentials("polywire", "wrong"), "WRONGPASS");
        assertRefused(bySentinel().setCredentials("polywire", "wrong"), "WRONGPASS");
    }
}
