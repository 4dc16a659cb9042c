package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A node with an engine is out of touch for longer than its lease, with what its clients have published still on its way to a real Redis. */
class SleepingNodeTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Keep KEEP = new Keep(1000, KEPT);
    private static final String CHANNEL = "kept:1";

    private final RedisServer server = RedisServer.standalone(false);
    private final Cast cast = new Cast(server, RedisOptions.Mode.STANDALONE);
    private final Life other = new Life(node());
    private final Vertx vertx = Vertx.vertx();
    private final RedisCluster sleeper = node();
    private final Door door = new Door();
    private final Realtime realtime = Realtime.create(
                    vertx,
                    new RealtimeOptions()
                            .allowAnonymous(true)
                            .namespace(
                                    "kept",
                                    new ChannelOptions()
                                            .publish(ChannelOptions.Publishers.ANYONE)
                                            .historySize(1000)
                                            .historyAge(KEPT)))
            .transport(door)
            .cluster(sleeper);
    private final List<String> ended = new CopyOnWriteArrayList<>();

    /** With more patience than elsewhere: an engine takes its time to start on a busy machine. */
    private RedisCluster node() {
        RedisOptions options =
                cast.options().setConnectTimeout(Duration.ofSeconds(8)).setCallTimeout(Duration.ofSeconds(2));
        return new RedisCluster(options, new NodeOptions().setLease(Duration.ofMillis(2500)));
    }

    /** A transport whose clients are in this process. */
    private static final class Door implements Transport {
        private SessionGateway gateway;

        @Override
        public String name() {
            return "websocket";
        }

        @Override
        public void mount(Router router, SessionGateway made) {
            gateway = made;
        }
    }

    /** A client's wire, and what has come over it. */
    private static final class Wire implements Connection {
        final List<JsonObject> frames = new CopyOnWriteArrayList<>();
        volatile Attachment attachment;

        @Override
        public WireFormat format() {
            return WireFormat.JSON;
        }

        @Override
        public boolean writable() {
            return true;
        }

        @Override
        public Future<Void> send(Batch batch) {
            batch.frames().forEach(frame -> frames.add(frame.toJsonObject()));
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> close(CloseReason reason) {
            return Future.succeededFuture();
        }

        List<JsonObject> heard(String type) {
            return frames.stream()
                    .filter(frame -> type.equals(frame.getString("type")))
                    .toList();
        }

        JsonObject first(String type) {
            Await.until(
                    "there is a " + type + " in " + frames, () -> !heard(type).isEmpty());
            return heard(type).get(0);
        }

        List<Integer> payloads() {
            return heard("message").stream()
                    .map(frame -> frame.getInteger("payload"))
                    .toList();
        }
    }

    @AfterEach
    void end() {
        Await.get("close", realtime.close().map(true));
        Await.get("close", vertx.close().map(true));
        other.end();
        server.close();
    }

    private Wire open() {
        Wire wire = new Wire();
        JsonObject hello = new JsonObject()
                .put("type", "hello")
                .put("versions", new JsonArray().add(1))
                .put("client", "0123456789abcdef");
        Handshake who =
                new Handshake(door.name(), "127.0.0.1", "/", MultiMap.caseInsensitiveMultiMap(), null, null, null);
        Promise<Attachment> attached = Promise.promise();
        vertx.runOnContext(v -> door.gateway.attach(who, hello.toBuffer(), wire).onComplete(attached));
        wire.attachment = Await.get("attach", attached.future());
        wire.first("welcome");
        return wire;
    }

    private void up(Wire wire, JsonObject frame) {
        vertx.runOnContext(v -> wire.attachment.receive(frame.toBuffer()));
    }

    private void publish(Wire wire, int payload) {
        up(
                wire,
                new JsonObject()
                        .put("type", "publish")
                        .put("id", "p" + payload)
                        .put("channel", CHANNEL)
                        .put("event", "e")
                        .put("payload", payload));
    }

    private static Publication publication(int payload) {
        Message message = new Message(CHANNEL, "e", Payload.of(payload), 1, 0, null, null, null, null, null, 1);
        return new Publication(message, KEEP, "client/p" + payload, null);
    }

    private Receipt publish(int payload) {
        return Await.get("publish", other.cluster.broker().publish(publication(payload)));
    }

    private List<Message> stored() {
        return Await.get("read", other.cluster.broker().read(CHANNEL, KEEP, null, 1000, false))
                .messages();
    }

    private static List<Integer> payloads(List<Message> messages) {
        return messages.stream()
                .map(message -> message.payload().as(Integer.class))
                .toList();
    }

    @Test
    @DisplayName(
            "Rule 38: what a node publishes that was buried meanwhile is numbered behind the rest, once, and a repeat is known; its sessions end as lost")
    void buried() {
        realtime.onDisconnect((session, reason) -> ended.add(session.id() + ' ' + reason.wire()));
        realtime.mount(Router.router(vertx));
        Await.get("ready", realtime.ready().map(true));
        other.join();
        Await.get("subscribe", other.cluster.broker().subscribe(CHANNEL, KEEP).map(true));
        Wire wire = open();
        String session = wire.first("welcome").getString("session");
        String before = sleeper.peers().self();
        assertTrue(session.startsWith(before));
        up(
                wire,
                new JsonObject().put("type", "subscribe").put("id", "s").put("channels", new JsonArray().add(CHANNEL)));
        wire.first("subscribed");
        publish(wire, 1);
        Await.until("1 has come", () -> wire.payloads().equals(List.of(1)));
        Await.until("the other may bury", LONG, other::steady);
        cast.sleep(sleeper);
        Future<Receipt> late;
        try {
            // The engine works, and does not know that nobody hears it; so does whoever publishes by it.
            publish(wire, 2);
            late = sleeper.broker().publish(publication(50));
            Await.until(
                    "it is buried",
                    LONG,
                    () -> RedisNodesFaultsTest.refusal(other.cluster.peers().ask(before, Buffer.buffer("?"), 200))
                            == ErrorCode.LOST);
            IntStream.rangeClosed(10, 14).forEach(this::publish);
            // Its publisher has given up, and says it again at a node that lives.
            publish(50);
            assertTrue(!late.isComplete());
        } finally {
            cast.wake(sleeper);
        }
        Await.until("the late publish has an end", LONG, late::isComplete);
        if (late.succeeded()) {
            assertTrue(late.result().duplicate());
            assertNotNull(late.result().position());
            assertEquals(7, late.result().position().offset());
        }
        Await.until("the session has ended", LONG, () -> !ended.isEmpty());
        assertEquals(List.of(session + " lost"), ended);
        Await.until("its client is told", () -> !wire.heard("bye").isEmpty());
        assertEquals("lost", wire.first("bye").getString("reason"));
        assertNotEquals(before, sleeper.peers().self());
        publish(60);
        List<Message> stored = stored();
        List<Integer> payloads = payloads(stored);
        // Its connection may have been overdue when it woke up: then 2 was given up. It comes behind the rest, or not
        // at all.
        List<Integer> expected = payloads.contains(2)
                ? List.of(1, 10, 11, 12, 13, 14, 50, 2, 60)
                : List.of(1, 10, 11, 12, 13, 14, 50, 60);
        assertEquals(expected, payloads);
        List<Long> offsets = stored.stream().map(Message::offset).toList();
        assertEquals(
                LongStream.rangeClosed(1, expected.size()).boxed().toList(),
                offsets,
                "No offset is left out or comes twice.");
        Await.until("all has come", () -> other.messages.size() >= expected.size());
        assertEquals(expected, payloads(other.messages));
        assertEquals(offsets, other.messages.stream().map(Message::offset).toList());
        // What came to it before the end is in the same order, and nothing else.
        List<Integer> had = wire.payloads();
        assertEquals(expected.subList(0, had.size()), had);
        Wire again = open();
        assertTrue(again.first("welcome")
                .getString("session")
                .startsWith(sleeper.peers().self()));
    }
}
