package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A publish that was given up may still be on its way to Redis: it comes before what its publisher says next, or not at all. */
class LatePublishTest {
    private static final Keep KEEP = new Keep(1000, Duration.ofMinutes(1));
    private static final String CHANNEL = "room:1";

    private final Vertx vertx = Vertx.vertx();
    private final RedisServer server = RedisServer.standalone(false);
    private final Detour detour = new Detour(vertx, server.node().port());
    private final RedisOptions options = options(detour.uri());
    private final Commands commands =
            new Commands(vertx, ((VertxInternal) vertx).createEventLoopContext(), options, new Servers(vertx, options));
    private final Keys keys = new Keys(commands, commands, options);
    private final List<Runnable> ends = new ArrayList<>();

    @AfterEach
    void end() {
        ends.forEach(Runnable::run);
        Await.get("close", vertx.close().map(true));
        server.close();
    }

    private static Publication publication(int payload) {
        Message message = new Message(CHANNEL, "e", Payload.of(payload), 1, 0, null, null, null, null, null, 1);
        return new Publication(message, KEEP, "id-" + payload, null);
    }

    private RedisOptions options(String uri) {
        return Lab.quick(server, RedisOptions.Mode.STANDALONE).setEndpoints(List.of(uri));
    }

    private Future<Keys.Done> publish(int payload) {
        Promise<Keys.Done> done = Promise.promise();
        commands.context()
                .runOnContext(v ->
                        keys.publish(CHANNEL, publication(payload), () -> true).onComplete(done));
        return done.future();
    }

    private Life node(String uri) {
        Life life = new Life(new RedisCluster(options(uri), new NodeOptions().setLease(Duration.ofSeconds(20)))).join();
        ends.add(life::end);
        return life;
    }

    private static List<Integer> stored(Broker from) {
        return Await.get("read", from.read(CHANNEL, KEEP, null, 1000, false)).messages().stream()
                .map(message -> (Integer) message.payload().value())
                .toList();
    }

    private static List<Integer> stored(Keys from) {
        return Await.get("read", from.read(CHANNEL, KEEP, null, 1000, false)).parcels().stream()
                .map(parcel -> (Integer) parcel.message().payload().value())
                .toList();
    }

    @Test
    @DisplayName("R29 a connection that could not end the one before leaves that to the next")
    void theSecondAttemptEndsTheFirstConnection() {
        commands.start();
        ends.add(() -> Await.get("close", commands.close().map(true)));
        Await.until("Redis is there", Duration.ofSeconds(10), commands::up);
        Await.get("publish", publish(1));
        detour.keepFrom("KILL");
        detour.keep();
        Future<Keys.Done> late = publish(2);
        Await.until("it is given up", late::failed);
        Await.until("the next connection got no further", () -> detour.kept.get() > 0);
        detour.keepFrom(null);
        Await.until("Redis is there again", Duration.ofSeconds(10), commands::up);
        Await.get("publish", publish(3));
        detour.release();
        assertEquals(List.of(1, 3), stored(keys));
    }

    @Test
    @DisplayName("R87 what the old owner published does not come after what the session publishes at its next node")
    void aSessionMoves() {
        Life a = node(detour.uri());
        Life b = node("redis://127.0.0.1:" + server.node().port());
        Await.get("publish", a.cluster.broker().publish(publication(1)));
        detour.keep();
        Future<Broker.Receipt> late = a.cluster.broker().publish(publication(2));
        String session = a.name() + ".0123456789012345678901";
        Await.until("the publish is given up", late::failed);
        Future<Long> given =
                a.cluster.ledger().give(session, 0, "proof", null, Buffer.buffer("state"), Duration.ofSeconds(30));
        Await.until("it is decided", Duration.ofSeconds(10), given::isComplete);
        assertTrue(given.succeeded(), () -> String.valueOf(given.cause()));
        assertNotNull(Await.get("take", b.cluster.ledger().take(session, "proof")));
        Await.get("publish", b.cluster.broker().publish(publication(3)));
        detour.release();
        assertEquals(List.of(1, 3), stored(b.cluster.broker()));
    }
}
