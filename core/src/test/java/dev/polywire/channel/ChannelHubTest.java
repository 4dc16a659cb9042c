package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.ChannelOptions;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ChannelHubTest extends HubKit {
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
        assertEquals(0, presence.read(CHANNEL, 0).result().count());
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
        assertEquals(1, presence.read(CHANNEL, 0).result().count());
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

    @Test
    @DisplayName("messages that may wait for others come together when the time is up, in order")
    void batchDelay() {
        options = new ChannelOptions().historySize(100).maxBatchDelay(Duration.ofMillis(20));
        ChannelHub hub = near();
        HubClient client = subscribed(hub, "s", 0, null);
        publish(hub, 1);
        publish(hub, 2);
        loops.runAll();
        assertEquals(List.of(), payloads(client));
        HubClient late = subscribed(hub, "late", 0, null);
        int before = loops.loop(0).taken;
        loops.loop(0).elapse();
        loops.runAll();
        assertEquals(before + 1, loops.loop(0).taken, "One task for both.");
        assertEquals(List.of(1, 2), payloads(client));
        assertEquals(List.of(), payloads(late), "It began after them.");
        publish(hub, 3);
        loops.loop(0).elapse();
        loops.runAll();
        assertEquals(List.of(1, 2, 3), payloads(client));
        assertEquals(List.of(3), payloads(late));
    }
}
