package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is published one after the other is stored one after the other, also when Redis wants some of it sent anew. */
class RedisOrderTest {
    private static final Keep KEEP = new Keep(100_000, Duration.ofMinutes(1));
    private static final String CHANNEL = "room:1";

    /** How many publishes are under way. */
    private static final int WINDOW = 16;

    private final Vertx vertx = Vertx.vertx();
    private final ConcurrentSkipListMap<Integer, Position> stored = new ConcurrentSkipListMap<>();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private volatile boolean over;
    private RedisServer server;
    private Lab lab;

    private void start(RedisServer started, RedisOptions.Mode mode) {
        server = started;
        lab = new Lab(vertx, Lab.quick(server, mode));
        lab.broker.listen(new Ears());
        Await.until("Redis is heard", Duration.ofSeconds(15), () -> lab.listening.hears());
    }

    @AfterEach
    void end() {
        over = true;
        Await.get("close", lab.close().map(true));
        Await.get("close", vertx.close().map(true));
        server.close();
    }

    /** Publishes numbers from one on, some of them at a time, until it is over. */
    private AtomicInteger stream() {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger answered = new AtomicInteger();
        lab.commands.context().runOnContext(v -> {
            for (int i = 0; i < WINDOW; i++) {
                publish(next, answered);
            }
        });
        return answered;
    }

    private void publish(AtomicInteger next, AtomicInteger answered) {
        if (over) {
            return;
        }
        int number = next.incrementAndGet();
        Message message = new Message(CHANNEL, "e", Payload.of(number), 1, 0, null, null, null, null, null, 1);
        lab.broker.publish(new Publication(message, KEEP, "id-" + number, null)).onComplete(result -> {
            if (result.succeeded()) {
                stored.put(number, position(result.result()));
            } else {
                failed.add(number + " " + result.cause());
            }
            answered.incrementAndGet();
            // Of its own, as what comes from clients is.
            vertx.setTimer(1, id -> publish(next, answered));
        });
    }

    private static Position position(Receipt receipt) {
        return Objects.requireNonNull(receipt.position());
    }

    private void assertOrdered() {
        long before = 0;
        for (var one : stored.entrySet()) {
            long offset = one.getValue().offset();
            long last = before;
            assertTrue(offset > last, () -> one.getKey() + " is at " + offset + ", after " + last);
            before = offset;
        }
        assertTrue(stored.size() > 100);
    }

    private void more(AtomicInteger answered) {
        int from = answered.get();
        Await.until("more is published", Duration.ofSeconds(20), () -> answered.get() > from + 3 * WINDOW);
    }

    @Test
    @DisplayName("R24 a Redis that has forgotten its scripts does not change the order")
    void scriptsForgotten() {
        start(RedisServer.standalone(), RedisOptions.Mode.STANDALONE);
        AtomicInteger answered = stream();
        for (int i = 0; i < 40; i++) {
            more(answered);
            server.node().call("SCRIPT", "FLUSH");
        }
        more(answered);
        assertOrdered();
        assertEquals(List.of(), List.copyOf(failed));
    }

    @Test
    @DisplayName("R24 a slot that goes to another master of a cluster does not change the order")
    void slotMoved() {
        start(RedisServer.cluster(false), RedisOptions.Mode.CLUSTER);
        AtomicInteger answered = stream();
        String slot = String.valueOf(Servers.slot("{c:" + CHANNEL + "}"));
        for (int i = 0; i < 12; i++) {
            more(answered);
            Node from = owner(slot);
            Node to = server.nodes().stream()
                    .filter(node -> node != from)
                    .skip(i % 2)
                    .findFirst()
                    .orElseThrow();
            // Few keys at a time, as redis-cli moves them, leave a channel in two places for longer.
            move(slot, from, to, i % 3 == 0 ? 100 : 10);
        }
        more(answered);
        assertOrdered();
        assertEquals(List.of(), List.copyOf(failed));
    }

    private Node owner(String slot) {
        return server.nodes().stream()
                .filter(node -> !node.call("CLUSTER", "COUNTKEYSINSLOT", slot).equals(":0"))
                .findFirst()
                .orElseThrow();
    }

    /** As {@code redis-cli --cluster reshard} does. */
    private void move(String slot, Node from, Node to, int keysAtATime) {
        String fromId = from.call("CLUSTER", "MYID");
        String toId = to.call("CLUSTER", "MYID");
        assertEquals("+OK", to.call("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId));
        assertEquals("+OK", from.call("CLUSTER", "SETSLOT", slot, "MIGRATING", toId));
        Await.until("all keys have moved", Duration.ofSeconds(20), () -> {
            List<String> keys = from.call("CLUSTER", "GETKEYSINSLOT", slot, String.valueOf(keysAtATime))
                    .lines()
                    .skip(1)
                    .toList();
            if (!keys.isEmpty()) {
                from.call(Stream.concat(
                                Stream.of("MIGRATE", "127.0.0.1", String.valueOf(to.port()), "", "0", "5000", "KEYS"),
                                keys.stream())
                        .toArray(String[]::new));
            }
            return keys.isEmpty();
        });
        assertEquals("+OK", to.call("CLUSTER", "SETSLOT", slot, "NODE", toId));
        server.nodes().forEach(node -> node.call("CLUSTER", "SETSLOT", slot, "NODE", toId));
    }
}
