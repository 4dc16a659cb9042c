package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Publishes that wait for a replica, which sleeps: they alone wait, and nothing is acknowledged that it does not have. */
class RedisWaitTest {
    private static final Keep KEEP = new Keep(1000, Duration.ofMinutes(1));
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private RedisServer server;
    private Node replica;
    private Life life;

    @BeforeEach
    void begin() {
        server = RedisServer.sentinel(false);
        replica = server.nodes().get(1);
        RedisOptions options = new Cast(server, RedisOptions.Mode.SENTINEL)
                .options()
                .setCallTimeout(PATIENCE.plusSeconds(2))
                .setWaitReplicas(1)
                .setWaitReplicasTimeout(PATIENCE);
        life = new Life(new RedisCluster(options, new NodeOptions().setLease(PATIENCE.plusSeconds(5)))).join();
        Await.get("publish", publish(0));
        replica.pause();
    }

    @AfterEach
    void end() {
        replica.resume();
        life.end();
        server.close();
    }

    private Broker broker() {
        return life.cluster.broker();
    }

    private Future<Receipt> publish(int payload) {
        Message message = new Message("room", "e", Payload.of(payload), 1, 0, null, null, null, null, null, 1);
        return broker().publish(new Publication(message, KEEP, "id-" + payload, null));
    }

    /** Publishes in one turn of the event loop, so that they are waited for together. */
    private List<Future<Receipt>> publish(int from, int to) {
        Promise<List<Future<Receipt>>> all = Promise.promise();
        life.cluster
                .parts()
                .commands()
                .context()
                .runOnContext(v -> all.complete(
                        IntStream.rangeClosed(from, to).mapToObj(this::publish).toList()));
        return Await.get("publishing", all.future());
    }

    private List<Integer> stored() {
        return Await.get("read", broker().read("room", KEEP, null, 1000, false)).messages().stream()
                .map(message -> message.payload().as(Integer.class))
                .toList();
    }

    private static boolean pending(List<Future<Receipt>> all) {
        return all.stream().noneMatch(Future::isComplete);
    }

    @Test
    @DisplayName(
            "leases, reads, presence, peers and the ledger go on meanwhile, and so do messages that are not stored")
    void nothingElseWaits() {
        List<Future<Receipt>> waiting = publish(1, 20);
        Promise<Void> renewed = Promise.promise();
        life.cluster
                .parts()
                .commands()
                .context()
                .runOnContext(v -> life.lease().renew().onComplete(renewed));
        Await.get("renew", renewed.future().map(true));
        Await.until("all are stored", () -> stored().size() == 21);
        life.enter("room", "a");
        assertEquals(List.of("a"), life.sessions("room"));
        assertEquals(1, Await.get("nodes", life.cluster.peers().nodes()).size());
        assertNull(Await.get("find", life.cluster.ledger().find("s").map(Optional::ofNullable))
                .orElse(null));
        Message message = new Message("other", "e", Payload.of(1), 1, 0, null, null, null, null, null, 1);
        Await.get("publish", broker().publish(new Publication(message, Keep.NOTHING, null, null)));
        // The first of its heartbeats may not have come back yet.
        Await.until("ready", () -> Await.get("ready", life.cluster.ready()).isOk());
        assertTrue(pending(waiting), "none of them is acknowledged yet");
    }

    @Test
    @DisplayName("they share one wait, keep their order, and are acknowledged when the replica has them")
    void inOrder() {
        List<Future<Receipt>> first = publish(1, 20);
        Await.until("those are stored", () -> stored().size() == 21);
        // The connection waits, so these stand behind it.
        List<Future<Receipt>> second = publish(21, 300);
        assertTrue(pending(first) && pending(second));
        replica.resume();
        for (List<Future<Receipt>> some : List.of(first, second)) {
            some.forEach(one -> Await.get("publish", one));
        }
        assertEquals(IntStream.rangeClosed(0, 300).boxed().toList(), stored());
    }

    @Test
    @DisplayName(
            "they fail when it does not get them in time, all within two waits, and the next ones succeed when it is back")
    void tooFew() {
        List<Future<Receipt>> first = publish(1, 20);
        Await.until("those are stored", () -> stored().size() == 21);
        List<Future<Receipt>> second = publish(21, 40);
        Await.until(
                "an end",
                PATIENCE.multipliedBy(2).plusSeconds(2),
                () -> first.stream().allMatch(Future::isComplete)
                        && second.stream().allMatch(Future::isComplete));
        assertTrue(first.stream().allMatch(Future::failed) && second.stream().allMatch(Future::failed));
        replica.resume();
        Await.get("publish", publish(41));
        // A repeat of what was stored, but not acknowledged.
        assertTrue(Await.get("publish", publish(1)).duplicate());
        assertEquals(IntStream.rangeClosed(0, 41).boxed().toList(), stored());
    }

    @Test
    @DisplayName("a connection that ends while it waits acknowledges nothing: the next one knows nothing of its writes")
    void cut() {
        List<Future<Receipt>> waiting = publish(1, 20);
        Await.until("all are stored", () -> stored().size() == 21);
        assertFalse(server.node().call("CLIENT", "KILL", "TYPE", "normal").equals(":0"));
        Await.until("an end", () -> waiting.stream().allMatch(Future::isComplete));
        assertTrue(waiting.stream().allMatch(Future::failed));
        replica.resume();
        Await.until("it goes on", () -> {
            Future<Receipt> next = publish(21);
            Await.until("an end", next::isComplete);
            return next.succeeded();
        });
    }
}
