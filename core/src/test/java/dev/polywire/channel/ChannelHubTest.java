package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ChannelHubTest {
    private static final String CHANNEL = "chat:1";

    private final VirtualLoops loops = new VirtualLoops(new Random(1), 2);
    private final FakeBroker far = new FakeBroker(loops, new Random(1));
    private final MemoryPresence presence = new MemoryPresence();
    private final List<String> hooks = new ArrayList<>();
    private ChannelOptions options = new ChannelOptions().historySize(100);
    private int outbox = 1 << 20;

    private ChannelHub hub(Broker broker) {
        RealtimeOptions all = new RealtimeOptions()
                .channel(options)
                .session(new SessionOptions().frame(256).window(1024).outbox(outbox));
        ChannelHub hub = new ChannelHub(all, broker, presence, new JsonCodec(1 << 16, 32));
        hub.handler("chat", new ChannelHandler() {
            @Override
            public void onOccupied(String channel) {
                hooks.add("occupied");
                throw new ProtocolException(ErrorCode.INTERNAL, "the application's mistake");
            }

            @Override
            public void onVacated(String channel) {
                hooks.add("vacated");
            }
        });
        return hub;
    }

    private ChannelHub near() {
        return hub(new MemoryBroker(Duration.ofMinutes(5), 100, () -> 0));
    }

    private HubClient client(String id, int loop) {
        return new HubClient(id, loops.loop(loop), CHANNEL);
    }

    private HubClient subscribed(ChannelHub hub, String id, int loop, @Nullable Position since) {
        HubClient client = client(id, loop);
        client.subscribe(hub, since, Future::succeededFuture);
        loops.runAll();
        assertNotNull(client.joined, () -> "refused: " + client.failure);
        return client;
    }

    private void publish(ChannelHub hub, int payload, Broker.Keep keep, @Nullable String except) {
        ServerFrame.Message message =
                new ServerFrame.Message(CHANNEL, null, Payload.of(payload), 0, 0, null, null, null, null, null, 1);
        assertTrue(
                hub.publish(new Broker.Publication(message, keep, null, except)).succeeded());
    }

    private void publish(ChannelHub hub, int payload) {
        publish(hub, payload, options.keep(), null);
    }

    private static List<Integer> payloads(HubClient client) {
        return client.messages.stream()
                .map(message -> message.payload().as(Integer.class))
                .toList();
    }

    @Test
    @DisplayName("a publish is one task for each event loop, however many subscribers there are")
    void oneTaskPerLoop() {
        ChannelHub hub = near();
        List<HubClient> clients = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            clients.add(subscribed(hub, "s" + i, i % 2, null));
        }
        int before = loops.loop(0).taken + loops.loop(1).taken;
        publish(hub, 1);
        assertEquals(before + 2, loops.loop(0).taken + loops.loop(1).taken);
        loops.runAll();
        for (HubClient client : clients) {
            assertEquals(List.of(1), payloads(client));
            assertSame(clients.get(0).messages.get(0), client.messages.get(0), "One frame is shared by all.");
        }
    }

    @Test
    @DisplayName("a publisher that does not want its message back does not get it")
    void noEcho() {
        ChannelHub hub = near();
        HubClient one = subscribed(hub, "one", 0, null);
        HubClient two = subscribed(hub, "two", 0, null);
        publish(hub, 1, Broker.Keep.NOTHING, "one");
        loops.runAll();
        assertEquals(List.of(), payloads(one));
        assertEquals(List.of(1), payloads(two));
    }

    @Test
    @DisplayName("R33 a position is recovered exactly; one ahead, of another epoch, or too old is not")
    void recovery() {
        options = new ChannelOptions().historySize(3);
        ChannelHub hub = near();
        for (int i = 1; i <= 5; i++) {
            publish(hub, i);
        }
        Position top = subscribed(hub, "top", 0, null).position;
        assertNotNull(top);
        HubClient back = subscribed(hub, "back", 0, new Position(top.epoch(), 2));
        assertEquals(List.of(3, 4, 5), payloads(back));
        assertEquals(true, back.joined == null ? null : back.joined.recovered());
        assertEquals(List.of(), payloads(subscribed(hub, "same", 0, top)));
        for (Position since :
                List.of(new Position(top.epoch(), 6), new Position("elsewhere", 5), new Position(top.epoch(), 1))) {
            HubClient lost = subscribed(hub, "lost" + since, 0, since);
            assertEquals(false, lost.joined == null ? null : lost.joined.recovered());
            assertEquals(top, lost.position);
        }
    }

    @Test
    @DisplayName("R33 a channel without history answers recovered: false, and has no position")
    void noHistory() {
        options = new ChannelOptions();
        ChannelHub hub = near();
        HubClient client = subscribed(hub, "s", 0, new Position("epoch", 3));
        assertNotNull(client.joined);
        assertEquals(false, client.joined.recovered());
        assertNull(client.joined.position());
        assertEquals(ErrorCode.NO_HISTORY, code(hub.history(CHANNEL, null, 10, false)));
        assertEquals(ErrorCode.NO_PRESENCE, code(hub.members(CHANNEL, true)));
        assertEquals(ErrorCode.NO_PRESENCE, code(hub.setState(CHANNEL, "s", Payload.NULL)));
    }

    private static ErrorCode code(Future<?> refused) {
        return ((ProtocolException) refused.cause()).code();
    }

    @Test
    @DisplayName(
            "R33 what would fill the outbox is not recovered: the session would end, and the next one begin there again")
    void tooMuchToRecover() {
        outbox = 1024;
        ChannelHub hub = near();
        for (int i = 1; i <= 20; i++) {
            publish(hub, i);
        }
        Position top = subscribed(hub, "top", 0, null).position;
        assertNotNull(top);
        HubClient client = subscribed(hub, "far", 0, new Position(top.epoch(), 1));
        assertEquals(false, client.joined == null ? null : client.joined.recovered());
        assertEquals(top, client.position);
    }

    @Test
    @DisplayName("R32 a message that is published while the application makes its snapshot follows it")
    void snapshot() {
        ChannelHub hub = near();
        publish(hub, 1);
        Promise<@Nullable Object> snapshot = Promise.promise();
        HubClient client = client("s", 0);
        client.subscribe(hub, null, snapshot::future);
        loops.runAll();
        publish(hub, 2);
        loops.runAll();
        assertNull(client.joined);
        snapshot.complete("as of message 1");
        loops.runAll();
        assertNotNull(client.joined);
        assertEquals(Payload.of("as of message 1"), client.joined.snapshot());
        assertEquals(List.of(2), payloads(client));
    }

    @Test
    @DisplayName("when too much had to be held back, it comes from history")
    void overflowRefilled() {
        outbox = 1024;
        options = new ChannelOptions().historySize(5000);
        ChannelHub hub = near();
        Promise<@Nullable Object> snapshot = Promise.promise();
        HubClient client = client("s", 0);
        client.subscribe(hub, null, snapshot::future);
        loops.runAll();
        for (int i = 1; i <= 2500; i++) {
            publish(hub, i);
        }
        loops.runAll();
        snapshot.complete(null);
        loops.runAll();
        publish(hub, 2501);
        loops.runAll();
        assertEquals(2501, client.messages.size());
        assertEquals(0, client.gaps);
    }

    @Test
    @DisplayName("R24 when too much had to be held back and history does not have it, a gap tells, and members follow")
    void overflowTold() {
        outbox = 1024;
        options = new ChannelOptions().historySize(3).presence(true);
        ChannelHub hub = near();
        Promise<@Nullable Object> snapshot = Promise.promise();
        HubClient client = client("s", 0);
        client.subscribe(hub, null, snapshot::future);
        loops.runAll();
        for (int i = 1; i <= 100; i++) {
            publish(hub, i);
        }
        loops.runAll();
        snapshot.complete(null);
        loops.runAll();
        publish(hub, 101);
        loops.runAll();
        assertEquals(List.of(101), payloads(client));
        assertTrue(client.frames.get(0) instanceof ServerFrame.Gap gap
                && gap.reason() == ServerFrame.GapReason.TRIMMED
                && gap.position() != null
                && gap.position().offset() == 100);
        assertTrue(client.frames.get(1) instanceof ServerFrame.PresenceList list && list.count() == 1);
    }

    @Test
    @DisplayName("R31 without history, what had to be dropped is a gap of unknown extent")
    void overflowWithoutHistory() {
        outbox = 1024;
        options = new ChannelOptions();
        ChannelHub hub = near();
        Promise<@Nullable Object> snapshot = Promise.promise();
        HubClient client = client("s", 0);
        client.subscribe(hub, null, snapshot::future);
        loops.runAll();
        for (int i = 1; i <= 100; i++) {
            publish(hub, i);
        }
        loops.runAll();
        snapshot.complete(null);
        loops.runAll();
        publish(hub, 101);
        loops.runAll();
        assertEquals(List.of(101), payloads(client));
        assertEquals(new ServerFrame.Gap(CHANNEL, ServerFrame.GapReason.UNKNOWN, null, 0), client.frames.get(0));
    }

    @Test
    @DisplayName("many that subscribe at once share one broker subscription, and the last to leave ends it")
    void shared() {
        ChannelHub hub = hub(far);
        List<HubClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            HubClient client = client("s" + i, i % 2);
            client.subscribe(hub, null, Future::succeededFuture);
            clients.add(client);
        }
        loops.runAll();
        assertEquals(1, far.subscribes);
        assertEquals(20, hub.subscribers(CHANNEL).size());
        for (HubClient client : clients) {
            assertEquals(0, far.unsubscribes);
            client.unsubscribe(hub);
            loops.runAll();
        }
        assertEquals(1, far.unsubscribes);
        assertEquals(0, hub.channels());
        assertEquals(List.of("occupied", "vacated"), hooks, "and the exception did no harm");
    }

    @Test
    @DisplayName("when the broker refuses, everybody who waits is told, and nothing remains")
    void brokerRefuses() {
        far.failures = 100;
        ChannelHub hub = hub(far);
        HubClient one = client("one", 0);
        HubClient two = client("two", 1);
        one.subscribe(hub, null, Future::succeededFuture);
        two.subscribe(hub, null, Future::succeededFuture);
        loops.runAll();
        assertTrue(one.failure instanceof ProtocolException);
        assertTrue(two.failure instanceof ProtocolException);
        assertEquals(0, hub.channels());
        far.failures = 0;
        subscribed(hub, "three", 0, null);
        assertEquals(List.of("occupied"), hooks);
    }

    @Test
    @DisplayName("when the application refuses, or throws, everything is undone")
    void refused() {
        options.presence(true);
        ChannelHub hub = near();
        HubClient client = client("s", 0);
        client.subscribe(hub, null, () -> Future.failedFuture("no"));
        loops.runAll();
        assertNotNull(client.failure);
        client.subscribe(hub, null, () -> {
            throw new IllegalStateException("the application's mistake");
        });
        loops.runAll();
        assertTrue(client.failure instanceof IllegalStateException);
        client.subscribe(hub, null, () -> Future.succeededFuture(new Object()));
        loops.runAll();
        assertTrue(client.failure instanceof IllegalArgumentException, "That is no JSON.");
        assertEquals(0, hub.channels());
        assertEquals(0, presence.read(CHANNEL, true).result().count());
        assertEquals(List.of(), hooks);
    }

    @Test
    @DisplayName("R36 a failed subscribe leaves presence again")
    void presenceUndone() {
        options.presence(true);
        ChannelHub hub = hub(far);
        HubClient stays = subscribed(hub, "stays", 0, null);
        HubClient client = client("s", 1);
        client.subscribe(hub, new Position("epoch", 1), () -> {
            far.failures = 100;
            return Future.succeededFuture();
        });
        loops.runAll();
        assertNotNull(client.failure);
        assertEquals(1, presence.read(CHANNEL, true).result().count());
        assertEquals(
                List.of("Join", "Leave"),
                stays.frames.stream()
                        .map(frame -> frame.getClass().getSimpleName())
                        .toList());
    }

    @Test
    @DisplayName("R35 the members in the answer and the changes that follow make one unbroken row")
    void members() {
        options.presence(true);
        ChannelHub hub = near();
        HubClient one = subscribed(hub, "one", 0, null);
        HubClient two = subscribed(hub, "two", 1, null);
        assertTrue(hub.setState(CHANNEL, "one", Payload.of("away")).result());
        loops.runAll();
        two.unsubscribe(hub);
        loops.runAll();
        assertEquals(4, one.version);
        assertEquals(
                List.of("Join", "PresenceChange", "Leave"),
                one.frames.stream()
                        .map(frame -> frame.getClass().getSimpleName())
                        .toList());
        assertEquals(1, two.frames.size(), "its own coming is in the answer, and it is gone when it leaves");
        assertEquals(1, hub.members(CHANNEL, false).result().members().size());
    }

    @Test
    @DisplayName("without join and leave, members can only be asked for")
    void quietPresence() {
        options.presence(true).joinLeave(false);
        ChannelHub hub = near();
        HubClient one = subscribed(hub, "one", 0, null);
        subscribed(hub, "two", 1, null);
        assertEquals(List.of(), one.frames);
        assertEquals(2, hub.members(CHANNEL, true).result().count());
    }

    @Test
    @DisplayName("R24 a gap that the broker tells reaches everybody, moves positions, and the members follow")
    void gap() {
        options.presence(true);
        ChannelHub hub = hub(far);
        HubClient client = subscribed(hub, "s", 0, null);
        publish(hub, 1);
        loops.runAll();
        far.flush(CHANNEL);
        publish(hub, 2);
        loops.runAll();
        assertEquals(far.channel(CHANNEL).top(), client.position);
        assertEquals(
                List.of("Message", "Gap", "PresenceList", "Message"),
                client.frames.stream()
                        .map(frame -> frame.getClass().getSimpleName())
                        .toList());
    }

    @Test
    @DisplayName("who leaves during a delivery harms nobody, and unsubscribing twice is once")
    void leavesWhileDelivering() {
        ChannelHub hub = near();
        List<String> got = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String id = "s" + i;
            Subscriber subscriber = new Subscriber() {
                @Override
                public String id() {
                    return id;
                }

                @Override
                public Loop loop() {
                    return loops.loop(0);
                }

                @Override
                public void deliver(Subscription subscription, Encoded frame) {
                    got.add(id);
                    if (id.equals("s1") || id.equals("s4")) {
                        hub.unsubscribe(subscription);
                        hub.unsubscribe(subscription);
                    }
                    if (id.equals("s2")) {
                        throw new ProtocolException(ErrorCode.INTERNAL, "its own mistake");
                    }
                }
            };
            loops.loop(0)
                    .execute(() -> hub.subscribe(subscriber, CHANNEL, null, null, Future::succeededFuture)
                            .onSuccess(joined -> hub.open(joined.subscription())));
            loops.runAll();
        }
        publish(hub, 1);
        loops.runAll();
        assertEquals(List.of("s0", "s1", "s2", "s3", "s4", "s5"), got);
        assertEquals(4, hub.subscribers(CHANNEL).size());
        got.clear();
        publish(hub, 2);
        loops.runAll();
        assertEquals(4, got.size());
        assertFalse(got.contains("s1") || got.contains("s4"));
    }

    @Test
    @DisplayName("names without a handler have one that does nothing")
    void noHandler() {
        ChannelHub hub = near();
        assertNotNull(hub.handlerOf("other:1"));
        hub.handlerOf("other:1").onOccupied("other:1");
        assertTrue(hub.close().succeeded());
    }
}
