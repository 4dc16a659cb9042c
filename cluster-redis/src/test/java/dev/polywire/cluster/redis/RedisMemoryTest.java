package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Member;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Quota.Use;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What docs/operations.md says about memory in Redis. */
class RedisMemoryTest {
    private static final int MANY = 1000;

    private RedisServer server;
    private Life node;

    @BeforeEach
    void begin() {
        server = RedisServer.standalone(false);
        node = new Life(new Cast(server, RedisOptions.Mode.STANDALONE).node()).join();
    }

    @AfterEach
    void end() {
        node.end();
        server.close();
    }

    /** Returns the bytes of all keys whose name has that in it. */
    private long bytes(String part) {
        long sum = 0;
        for (String key : server.node().call("KEYS", "*" + part + "*").split("\n")) {
            if (key.contains(part)) {
                String usage = server.node().call("MEMORY", "USAGE", key, "SAMPLES", "0");
                sum += Long.parseLong(usage.substring(1));
            }
        }
        return sum;
    }

    private void publish(String channel, int count, int payload, Keep keep, boolean ids) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Payload text = Payload.of("x".repeat(payload - 2));
            Message message = new Message(channel, "said", text, 1, 0, "alice", null, null, null, null, 1);
            all.add(node.cluster
                    .broker()
                    .publish(new Publication(message, keep, ids ? "alice/n0nce-n0nce-n0nce/" + i : null, null)));
        }
        Await.get("published", Future.all(all));
    }

    private static void assertAtMost(String what, long most, long bytes) {
        assertTrue(bytes <= most, what + " takes " + bytes + " bytes, and the page says " + most + ".");
    }

    @Test
    @DisplayName("A message takes its payload and so much; a channel without messages so much")
    void messages() {
        Keep keep = new Keep(MANY, Duration.ofMinutes(5));
        publish("small", MANY, 100, keep, false);
        publish("large", MANY, 1000, keep, false);
        publish("one", 1, 100, keep, false);
        assertAtMost("a message, beside a payload of 100 bytes", 120, bytes("{c:small}") / MANY - 100);
        assertAtMost("a message, beside a payload of 1000 bytes", 300, bytes("{c:large}") / MANY - 1000);
        assertAtMost("a channel with one message", 5200, bytes("{c:one}"));
        Await.get("subscribe", node.cluster.broker().subscribe("quiet", keep));
        assertAtMost("a channel without a message", 400, bytes("{c:quiet}"));
    }

    @Test
    @DisplayName("Messages that are not kept leave nothing; the id of a publish so much until its window has passed")
    void ids() {
        publish("unkept", MANY, 100, Keep.NOTHING, false);
        assertAtMost("1000 messages that are not kept", 0, bytes("{c:unkept}"));
        publish("ids", MANY, 100, Keep.NOTHING, true);
        assertAtMost("the id of a publish", 180, bytes("{c:ids}") / MANY);
    }

    @Test
    @DisplayName("A member takes so much, a node so much, a session that has moved so much")
    void members() {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            String session = node.name() + "." + "x".repeat(18) + (1000 + i);
            Member member = new Member(session, "user-" + i, Payload.of("online"), 1_700_000_000_000L);
            all.add(node.cluster.presence().join("room", member, 1000));
        }
        Await.get("joined", Future.all(all));
        assertAtMost("a member", 500, bytes("{p:room}") / MANY);
        assertAtMost("a node with members in one channel", 1000, bytes("{nodes}") + bytes("{n:"));
        Await.get(
                "give",
                node.cluster
                        .ledger()
                        .give(
                                node.name() + "." + "y".repeat(22),
                                0,
                                "p".repeat(44),
                                null,
                                Buffer.buffer(new byte[2000]),
                                Duration.ofMinutes(1)));
        assertAtMost("a session that waits, beside a state of 2000 bytes", 600, bytes("{s:") - 2000);
        String moved = node.name() + "." + "y".repeat(22);
        Await.get("take", node.cluster.ledger().take(moved, "p".repeat(44)));
        Await.get("renew", node.cluster.ledger().renew(List.of(moved)));
        assertAtMost("a session that has moved", 500, bytes("{s:"));
    }

    @Test
    @DisplayName("What a user or an address has used takes so much")
    void limits() {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Use use = new Use(List.of(60_000_000L, 60_000_000L, 0L, 0L, 0L, 0L), List.of(3, 0));
            all.add(node.cluster.quota().tell("u:user-" + i, use));
        }
        Await.get("told", Future.all(all));
        assertAtMost("a user who has used something", 300, bytes("{q:") / MANY);
    }
}
