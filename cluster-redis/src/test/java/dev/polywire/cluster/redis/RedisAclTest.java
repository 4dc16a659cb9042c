package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Quota.Use;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The user of Redis' access lists that docs/operations.md shows: it may do all that nodes do, and not much else. */
class RedisAclTest {
    /** Takes the rules from the page, for another prefix. */
    private static List<String> rules(String prefix) throws IOException {
        String begin = "ACL SETUSER polywire on >PASSWORD ";
        String line = Files.readAllLines(Path.of("..", "docs", "operations.md")).stream()
                .filter(one -> one.strip().startsWith(begin))
                .findFirst()
                .orElseThrow()
                .strip();
        List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", "polywire", "on", ">secret"));
        words.addAll(List.of(
                line.substring(begin.length()).replace("polywire:", prefix).split(" ")));
        return words;
    }

    @ParameterizedTest
    @EnumSource(names = {"STANDALONE", "CLUSTER"})
    void mayDoAllThatNodesDo(RedisOptions.Mode mode) throws IOException {
        boolean one = mode == RedisOptions.Mode.STANDALONE;
        try (RedisServer server = one ? RedisServer.standalone(false) : RedisServer.cluster(false)) {
            Cast cast = new Cast(server, mode);
            RedisOptions options = cast.options().setCredentials("polywire", "secret");
            List<String> rules = rules(options.getPrefix());
            server.nodes().forEach(node -> assertEquals("+OK", node.call(rules.toArray(String[]::new))));
            Life first = new Life(Cast.node(options)).join();
            Life other = new Life(Cast.node(options)).join();
            Keep keep = new Keep(10, Duration.ofMinutes(1));
            Await.get("subscribe", first.cluster.broker().subscribe("room", keep));
            Message message = new Message("room", "e", Payload.of(1), 1, 0, null, null, null, null, null, 1);
            Await.get("publish", other.cluster.broker().publish(new Publication(message, keep, "id", null)));
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
                    first.cluster.ledger().give("s", 0, other.name(), Buffer.buffer("state"), Duration.ofMinutes(1)));
            Await.get("take", other.cluster.ledger().take("s").map(taken -> taken.fence()));
            Await.get("find", first.cluster.ledger().find("s").map(entry -> entry.fence()));
            Await.get("tell", first.cluster.quota().tell("u:ann", new Use(List.of(1000L), List.of(1))));
            Await.get("tell", other.cluster.quota().tell("u:ann", new Use(List.of(0L), List.of(0))));
            Await.until("ready", () -> Await.get("ready", first.cluster.ready()).isOk());
            other.kill();
            Await.until(
                    "its member has left",
                    Duration.ofSeconds(20),
                    () -> first.heard("room", Leave.class).size() == 1);
            first.end();
            other.end();
            server.nodes().forEach(node -> {
                String log = node.call("ACL", "LOG");
                assertTrue(log.equals("*0"), "Refused: " + log);
            });
        }
    }
}
