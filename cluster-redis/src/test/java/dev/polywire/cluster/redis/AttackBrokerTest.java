package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import dev.polywire.spi.Broker.Slice;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The attacks on the design that concern channels in Redis, each on a real one. The rules are those of {@code docs/protocol.md}, or those between nodes that are told in each name.
 */
class AttackBrokerTest {
    private static final Keep KEEP = new Keep(1000, Duration.ofMinutes(1));
    private static final String KEPT = "room:1";
    private static final String PASSING = "typing:1";
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Vertx vertx = Vertx.vertx();
    private final List<RedisServer> servers = new ArrayList<>();
    private final List<Lab> labs = new ArrayList<>();

    @AfterEach
    void end() {
        labs.forEach(lab -> Await.get("close", lab.close().map(true)));
        Await.get("close", vertx.close().map(true));
        servers.forEach(RedisServer::close);
    }

    private Node server(boolean durable) {
        RedisServer server = RedisServer.standalone(durable);
        servers.add(server);
        return server.node();
    }

    private RedisOptions options(String... endpoints) {
        return Lab.quick(servers.get(0), RedisOptions.Mode.STANDALONE).setEndpoints(List.of(endpoints));
    }

    private Lab node(RedisOptions options, Ears ears) {
        Lab lab = new Lab(vertx, options);
        labs.add(lab);
        lab.broker.listen(ears);
        awaitHearing(lab);
        return lab;
    }

    private static void awaitHearing(Lab lab) {
        Await.until("Redis is heard", LONG, () -> lab.listening.hears() && lab.commands.up());
    }

    private static Publication publication(String channel, int payload, Keep keep, @Nullable String id) {
        Message message = new Message(channel, "e", Payload.of(payload), 1, 0, null, null, null, null, null, 1);
        return new Publication(message, keep, id, null);
    }

    private static Position publish(Lab from, int payload) {
        Receipt receipt = Await.get("publish", from.broker.publish(publication(KEPT, payload, KEEP, null)));
        return position(receipt.position());
    }

    private static void pass(Lab from, int payload) {
        Await.get("publish", from.broker.publish(publication(PASSING, payload, Keep.NOTHING, null)));
    }

    private static Position position(@Nullable Position position) {
        assertNotNull(position);
        return position;
    }

    private static Position subscribe(Lab lab) {
        return position(Await.get("subscribe", lab.broker.subscribe(KEPT, KEEP)));
    }

    private static void awaitPayloads(Ears ears, Integer... payloads) {
        Await.until(
                List.of(payloads) + ", not " + ears.payloads + " " + ears.gaps,
                LONG,
                () -> ears.payloads.size() >= payloads.length);
        assertEquals(List.of(payloads), ears.payloads);
    }

    @Test
    @DisplayName("hole 24, R30: the node dies after a publish; what is sent again at another node is published once")
    void publisherDies() {
        String uri = server(false).uri();
        Gate gate = new Gate(vertx, servers.get(0).node().port());
        Ears ears = new Ears();
        Lab other = node(options(uri), ears);
        Lab dies = node(options(gate.uri()), new Ears());
        subscribe(other);
        Publication once = publication(KEPT, 1, KEEP, "u1/n1/1");
        // It is on its way, and what became of it the node does not live to hear.
        Future<Receipt> unheard = dies.broker.publish(once);
        Await.until("it has been published", LONG, () -> !ears.payloads.isEmpty());
        gate.shut();
        Receipt again = Await.get("publish", other.broker.publish(once));
        assertTrue(again.duplicate());
        assertEquals(1, position(again.position()).offset());
        assertFalse(Await.get("publish", other.broker.publish(publication(KEPT, 2, KEEP, "u2/n2/1")))
                .duplicate());
        awaitPayloads(ears, 1, 2);
        Await.until("an end", unheard::isComplete);
    }

    @Test
    @DisplayName(
            "hole 25, rules 28 and 29: two masters acknowledge the same offset; a subscriber that stayed at the one that lost is told, and gets the one that stays")
    void twoMasters() {
        Node old = server(false);
        Node next = server(false);
        next.call("REPLICAOF", "127.0.0.1", Integer.toString(old.port()));
        Ears stayed = new Ears();
        Ears went = new Ears();
        RedisOptions.Mode mode = RedisOptions.Mode.REPLICATED;
        Lab one = node(options(old.uri(), next.uri()).setMode(mode), stayed);
        Position top = subscribe(one);
        IntStream.rangeClosed(1, 5).forEach(i -> publish(one, i));
        Await.until("the replica has it", LONG, () -> replicated(old, next));
        old.pause();
        next.call("REPLICAOF", "NO", "ONE");
        Lab other = node(options(next.uri()).setMode(mode), went);
        subscribe(other);
        old.resume();
        Position lost = publish(one, 60);
        Position kept = publish(other, 61);
        assertEquals(6, lost.offset());
        assertEquals(6, kept.offset());
        assertEquals(top.epoch(), lost.epoch());
        assertNotEquals(top.epoch(), kept.epoch(), "The new master may lack what the old one acknowledged.");
        awaitPayloads(stayed, 1, 2, 3, 4, 5, 60);
        // By hand, as where there is no sentinel: nobody's connection is closed.
        old.call("REPLICAOF", "127.0.0.1", Integer.toString(next.port()));
        Await.until("it follows", LONG, () -> old.call("INFO", "replication").contains("master_link_status:up"));
        publish(other, 7);
        awaitPayloads(stayed, 1, 2, 3, 4, 5, 60, 61, 7);
        assertEquals(List.of(GapReason.EPOCH), stayed.gaps);
        Position at = position(stayed.positions.get(0));
        assertEquals(kept.epoch(), at.epoch());
        assertEquals(5, at.offset());
        awaitPayloads(went, 61, 7);
        Slice mapped = read(other, new Position(top.epoch(), 4));
        assertTrue(mapped.complete(), "Both epochs have what came before the new one.");
        assertEquals(List.of(5, 61, 7), payloads(mapped));
        assertFalse(read(other, lost).complete(), "What is ahead of where the epochs part is told as lost.");
        assertEquals(8, publish(one, 8).offset());
        awaitPayloads(stayed, 1, 2, 3, 4, 5, 60, 61, 7, 8);
    }

    private static boolean replicated(Node master, Node replica) {
        return master.call("WAIT", "1", "100").equals(":1")
                && replica.call("INFO", "replication").contains("master_link_status:up")
                && offset(master).equals(offset(replica));
    }

    private static String offset(Node node) {
        return node.call("INFO", "replication")
                .lines()
                .filter(line -> line.startsWith("master_repl_offset"))
                .findFirst()
                .orElseThrow();
    }

    private static Slice read(Lab lab, Position since) {
        return Await.get("read", lab.broker.read(KEPT, KEEP, since, 100, false));
    }

    private static List<Integer> payloads(Slice slice) {
        return slice.messages().stream()
                .map(message -> message.payload().as(Integer.class))
                .toList();
    }

    @Test
    @DisplayName(
            "hole 25, rule 30: who listened at a master that was demoted listens at the new one, and is told that unstored messages may be missing")
    void demoted() {
        Node old = server(false);
        Node next = server(false);
        next.call("REPLICAOF", "127.0.0.1", Integer.toString(old.port()));
        Ears ears = new Ears();
        Lab one = node(options(old.uri(), next.uri()).setMode(RedisOptions.Mode.REPLICATED), ears);
        Await.get("subscribe", one.broker.subscribe(PASSING, Keep.NOTHING).otherwiseEmpty());
        Await.until("the replica follows", LONG, () -> replicated(old, next));
        next.call("REPLICAOF", "NO", "ONE");
        Lab other = node(options(next.uri()), new Ears());
        pass(other, 1);
        // It has something that the other has not: so it is given all anew, and not what happened in between.
        old.call("SET", "its-own", "1");
        old.call("REPLICAOF", "127.0.0.1", Integer.toString(next.port()));
        // What every node does all the time: something is written.
        Await.until("its writes reach the new master", LONG, () -> {
            Future<Receipt> write = one.broker.publish(publication(KEPT, 0, KEEP, null));
            Await.until("an end", write::isComplete);
            return write.succeeded();
        });
        Await.until("it is told", LONG, () -> !ears.gaps.isEmpty());
        assertEquals(List.of(GapReason.UNKNOWN), ears.gaps);
        old.kill();
        pass(other, 2);
        awaitPayloads(ears, 2);
    }

    @Test
    @DisplayName(
            "hole 27, R31: what is not stored takes no offset, and a broken subscription to it is a gap of unknown extent")
    void unstored() {
        Node redis = server(false);
        Ears ears = new Ears();
        Lab one = node(options(redis.uri()), ears);
        Lab other = node(options(redis.uri()), new Ears());
        subscribe(one);
        assertEquals(1, publish(other, 1).offset());
        Receipt receipt = Await.get("publish", other.broker.publish(publication(KEPT, 2, Keep.NOTHING, null)));
        assertNull(receipt.position());
        assertEquals(2, publish(other, 3).offset());
        awaitPayloads(ears, 1, 2, 3);
        assertEquals(List.of(), ears.gaps);
        Await.get("subscribe", one.broker.subscribe(PASSING, Keep.NOTHING).otherwiseEmpty());
        pass(other, 4);
        awaitPayloads(ears, 1, 2, 3, 4);
        redis.call("CLIENT", "KILL", "TYPE", "pubsub");
        Await.until("it is told", LONG, () -> !ears.gaps.isEmpty());
        assertEquals(List.of(GapReason.UNKNOWN), ears.gaps);
        pass(other, 5);
        awaitPayloads(ears, 1, 2, 3, 4, 5);
    }

    @Test
    @DisplayName(
            "hole 28, rule 31: a subscription that is written and has not arrived is no subscription; history is read after it")
    void writtenOnly() {
        Node redis = server(false);
        Gate gate = new Gate(vertx, redis.port());
        Ears ears = new Ears();
        Lab one = node(options(gate.uri()), ears);
        Lab other = node(options(redis.uri()), new Ears());
        publish(other, 1);
        read(one, new Position("none", 0));
        gate.holdBack("{c:" + KEPT + "}:m");
        Future<@Nullable Position> subscribed = one.broker.subscribe(KEPT, KEEP);
        Await.until("it is written", gate::holds);
        // Whatever else was to be asked about the channel has been answered by then.
        read(one, new Position("none", 0));
        publish(other, 2);
        assertFalse(subscribed.isComplete(), "Nobody would have told it of 2.");
        gate.letGo();
        assertEquals(2, position(Await.get("subscribe", subscribed)).offset());
        publish(other, 3);
        awaitPayloads(ears, 3);
        assertEquals(List.of(), ears.gaps);
    }

    @Test
    @DisplayName(
            "hole 31, rule 33: what waits for Redis is not delivered before; what was delivered here is not published later")
    void localAndLater() {
        Node redis = server(true);
        Ears near = new Ears();
        Ears far = new Ears();
        Lab one = node(options(redis.uri()).setWaitWhileAway(Duration.ofSeconds(20)), near);
        Lab other = node(options(redis.uri()), far);
        for (Lab lab : List.of(one, other)) {
            subscribe(lab);
            Await.get("subscribe", lab.broker.subscribe(PASSING, Keep.NOTHING).otherwiseEmpty());
        }
        publish(one, 1);
        awaitPayloads(near, 1);
        redis.kill();
        Await.until("the node knows", LONG, () -> !one.commands.up());
        Future<Receipt> waits = one.broker.publish(publication(KEPT, 2, KEEP, "u/n/2"));
        pass(one, 100);
        // Tasks of one loop: had 2 been delivered, it would have been before 100.
        awaitPayloads(near, 1, 100);
        assertFalse(waits.isComplete());
        redis.start();
        assertEquals(2, position(Await.get("publish", waits).position()).offset());
        awaitHearing(one);
        awaitHearing(other);
        publish(one, 3);
        pass(one, 101);
        awaitPayloads(near, 1, 100, 2, 3, 101);
        awaitPayloads(far, 1, 2, 3, 101);
        assertEquals(2, far.gaps.size(), "An epoch, and a gap of unknown extent: " + far.gaps);
    }
}
