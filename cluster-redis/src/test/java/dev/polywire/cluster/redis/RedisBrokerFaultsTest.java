package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame.GapReason;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import dev.polywire.spi.Broker.Slice;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the broker makes of a Redis that fails: nothing is lost silently, and every call ends. */
class RedisBrokerFaultsTest {
    private static final Keep KEEP = new Keep(1000, Duration.ofMinutes(1));
    private static final String CHANNEL = "room:1";

    private final Vertx vertx = Vertx.vertx();
    private final Ears ears = new Ears();
    private RedisServer server;
    private Lab lab;
    private Lab other;

    @BeforeEach
    void start() {
        server = RedisServer.standalone(true);
        lab = new Lab(vertx, Lab.quick(server, RedisOptions.Mode.STANDALONE));
        other = new Lab(vertx, Lab.quick(server, RedisOptions.Mode.STANDALONE).setWaitWhileAway(Duration.ofSeconds(8)));
        lab.broker.listen(ears);
        other.broker.listen(new Ears());
        awaitHearing();
    }

    private void awaitHearing() {
        Await.until("Redis is heard", Duration.ofSeconds(15), () -> lab.listening.hears() && other.listening.hears());
    }

    @AfterEach
    void end() {
        Await.get("close", lab.close().map(true));
        Await.get("close", other.close().map(true));
        Await.get("close", vertx.close().map(true));
        server.close();
    }

    private static Publication publication(int payload, Keep keep) {
        Message message = new Message(CHANNEL, "e", Payload.of(payload), 1, 0, null, null, null, null, null, 1);
        return new Publication(message, keep, "id-" + payload, null);
    }

    private static Receipt publish(Lab from, int payload) {
        return Await.get("publish", from.broker.publish(publication(payload, KEEP)));
    }

    private static Position position(@Nullable Position position) {
        assertNotNull(position);
        return position;
    }

    private Position subscribe() {
        return position(Await.get("subscribe", lab.broker.subscribe(CHANNEL, KEEP)));
    }

    private void awaitPayloads(int count) {
        Await.until(
                count + " messages, not " + ears.payloads + " " + ears.gaps,
                Duration.ofSeconds(20),
                () -> ears.payloads.size() >= count);
        assertEquals(IntStream.rangeClosed(1, count).boxed().toList(), ears.payloads);
    }

    @Test
    @DisplayName("A26 FLUSHALL begins a new epoch, and quiet subscribers are told")
    void flushed() {
        Position top = subscribe();
        publish(other, 1);
        awaitPayloads(1);
        server.node().call("FLUSHALL");
        Await.until("a gap", () -> !ears.gaps.isEmpty());
        assertEquals(List.of(GapReason.EPOCH), ears.gaps);
        Position after = position(publish(other, 2).position());
        assertNotEquals(top.epoch(), after.epoch());
        assertEquals(1, after.offset());
        awaitPayloads(2);
    }

    @Test
    @DisplayName("A26 after FLUSHALL the first message comes after the gap, and is not taken for a repeat")
    void flushedAndPublished() {
        subscribe();
        publish(other, 1);
        awaitPayloads(1);
        server.node().call("FLUSHALL");
        publish(other, 2);
        awaitPayloads(2);
        assertEquals(List.of(GapReason.EPOCH), ears.gaps);
    }

    @Test
    @DisplayName(
            "A25 a restart may have lost the tail: a new epoch, offsets go on, and positions of the old one still recover")
    void restarted() {
        Position top = subscribe();
        publish(other, 1);
        publish(other, 2);
        awaitPayloads(2);
        server.node().restart();
        awaitHearing();
        Position third = position(publish(other, 3).position());
        assertNotEquals(top.epoch(), third.epoch());
        assertEquals(3, third.offset());
        awaitPayloads(3);
        assertEquals(List.of(GapReason.EPOCH), ears.gaps);
        Slice slice = Await.get("read", other.broker.read(CHANNEL, KEEP, new Position(top.epoch(), 1), 10, false));
        assertEquals(
                List.of(2L, 3L), slice.messages().stream().map(Message::offset).toList());
        assertTrue(slice.complete());
        assertFalse(
                Await.get("read", other.broker.read(CHANNEL, KEEP, new Position(top.epoch(), 3), 10, false))
                        .complete(),
                "The old epoch had no third message that was kept.");
    }

    @Test
    @DisplayName("R30 what is published while the subscription is broken is read when it is back, in order, once")
    void subscriptionKilled() {
        subscribe();
        List<Future<Receipt>> receipts = new ArrayList<>();
        for (int i = 1; i <= 300; i++) {
            receipts.add(other.broker.publish(publication(i, KEEP)));
            if (i % 100 == 50) {
                Await.get("publish", receipts.get(i - 1));
                Await.until(
                        "there is a subscription to kill",
                        () -> !":0".equals(server.node().call("CLIENT", "KILL", "TYPE", "pubsub")));
            }
        }
        receipts.forEach(receipt -> Await.get("publish", receipt));
        awaitPayloads(300);
        assertEquals(List.of(), ears.gaps);
    }

    @Test
    @DisplayName("R30 a wake-up that is lost shows as a jump, or when quiet channels are checked")
    void wakeUpLost() {
        subscribe();
        publish(other, 1);
        awaitPayloads(1);
        Commands deafened = deafened();
        Keys keys = new Keys(deafened, deafened, other.options);
        publish(keys, 2);
        publish(other, 3);
        awaitPayloads(3);
        publish(keys, 4);
        awaitPayloads(4);
        assertEquals(List.of(), ears.gaps);
    }

    private void publish(Keys keys, int payload) {
        Promise<Keys.Done> done = Promise.promise();
        other.commands
                .context()
                .runOnContext(v -> keys.publish(CHANNEL, publication(payload, KEEP), () -> true)
                        .onComplete(done));
        Await.get("publish", done.future());
    }

    /** Publishes so that nobody is woken up, as if Redis had dropped it: with another cluster's command on a single server. */
    private Commands deafened() {
        return new Commands(vertx, other.commands.context(), other.options, new Servers(vertx, other.options)) {
            @Override
            boolean cluster() {
                return true;
            }

            @Override
            Future<io.vertx.redis.client.@Nullable Response> evalOnce(
                    Script script, List<String> keys, List<?> args, boolean wait, BooleanSupplier next) {
                return other.commands.evalOnce(script, keys, args, wait, next);
            }
        };
    }

    @Test
    @DisplayName(
            "A Redis that sleeps: calls end in time, unstored messages stay local, stored ones wait, and nothing is lost or repeated")
    void paused() {
        subscribe();
        publish(other, 1);
        awaitPayloads(1);
        server.node().pause();
        Future<Receipt> refused = lab.broker.publish(publication(99, KEEP));
        assertUnavailable(refused);
        Await.until("the nodes know", () -> !lab.commands.up());
        assertUnavailable(lab.broker.publish(publication(98, KEEP)));
        Await.get("local", lab.broker.publish(publication(2, Keep.NOTHING)));
        awaitPayloads(2);
        Await.until("readiness says no", () -> !lab.listening.hears());
        server.node().resume();
        awaitHearing();
        // The first one may have been in Redis' hands when it fell asleep: told as unavailable, it came nevertheless.
        Await.until("the channel goes on", () -> publish(other, 3).position() != null);
        Await.until("3 arrives", () -> ears.payloads.contains(3));
        assertEquals(1, ears.payloads.stream().filter(payload -> payload == 3).count());
    }

    @Test
    @DisplayName(
            "R33 a killed Redis: stored publishes wait in a bounded queue if they may, and are published once it is back")
    void waits() {
        subscribe();
        publish(other, 1);
        awaitPayloads(1);
        server.node().kill();
        Await.until("the node knows", () -> !other.commands.up());
        Future<Receipt> second = other.broker.publish(publication(2, KEEP));
        Future<Receipt> third = other.broker.publish(publication(3, KEEP));
        assertFalse(second.isComplete());
        server.node().start();
        assertEquals(2, position(Await.get("publish", second).position()).offset());
        assertEquals(3, position(Await.get("publish", third).position()).offset());
        awaitPayloads(3);
        assertEquals(List.of(GapReason.EPOCH), ears.gaps);
    }

    @Test
    @DisplayName("Scripts that Redis has forgotten are loaded again")
    void scriptsFlushed() {
        publish(other, 1);
        server.node().call("SCRIPT", "FLUSH");
        assertEquals(2, position(publish(other, 2).position()).offset());
    }

    private static void assertUnavailable(Future<Receipt> future) {
        Await.until("an end", future::isComplete);
        assertTrue(future.failed());
        assertEquals(ErrorCode.UNAVAILABLE, ((ProtocolException) future.cause()).code());
    }
}
