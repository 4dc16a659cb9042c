package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.polywire.ChannelOptions;
import dev.polywire.SlowConsumerPolicy;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Channels whose newer messages replace older ones of their key: every subscriber begins with the newest of each. */
class ChannelHubNewestTest extends HubKit {

    /** Takes down what it gets, and what it began with. */
    private final class Client implements Subscriber {
        final List<String> heard = new ArrayList<>();
        ChannelHub.@Nullable Joined joined;

        @Override
        public String id() {
            return "s" + hashCode();
        }

        @Override
        public Loop loop() {
            return loops.loop(0);
        }

        @Override
        public void deliver(Subscription by, Encoded frame) {
            heard.add(
                    frame.frame() instanceof ServerFrame.Message message
                            ? message.key() + "=" + message.payload()
                            : frame.frame().getClass().getSimpleName());
        }

        Subscription subscription() {
            assertNotNull(joined);
            return joined.subscription();
        }

        @Nullable
        Boolean recovered() {
            assertNotNull(joined);
            return joined.recovered();
        }

        Position position() {
            assertNotNull(joined);
            assertNotNull(joined.position());
            return joined.position();
        }
    }

    @BeforeEach
    void latest() {
        options = new ChannelOptions().historySize(3).slowConsumer(SlowConsumerPolicy.LATEST);
    }

    private Client subscribe(ChannelHub hub, @Nullable Position since) {
        Client client = new Client();
        client.loop()
                .execute(() -> hub.subscribe(client, CHANNEL, since, null, Future::succeededFuture)
                        .onSuccess(with -> {
                            client.joined = with;
                            with.missed().forEach(frame -> client.deliver(with.subscription(), frame));
                            hub.open(with.subscription());
                        }));
        loops.runAll();
        return client;
    }

    private void put(ChannelHub hub, String key, int value) {
        ServerFrame.Message message =
                new ServerFrame.Message(CHANNEL, null, Payload.of(value), 0, 0, null, key, null, null, null, 1);
        hub.publish(new Broker.Publication(message, options.keep(), null, null));
        loops.runAll();
    }

    @Test
    @DisplayName(
            "R33 a subscriber begins with the newest message of each key, in the order of their offsets, then hears on")
    void beginsWithNewest() {
        ChannelHub hub = near();
        put(hub, "a", 1);
        put(hub, "b", 2);
        put(hub, "a", 3);
        Client client = subscribe(hub, null);
        assertEquals(List.of("b=2", "a=3"), client.heard);
        assertEquals(3, client.position().offset());
        put(hub, "b", 4);
        assertEquals(List.of("b=2", "a=3", "b=4"), client.heard);
    }

    @Test
    @DisplayName(
            "R33 hole 14: a client that saw a newer message before an older one of another key gets that other one")
    void neverByOffset() {
        ChannelHub hub = near();
        put(hub, "a", 1);
        Position begin = subscribe(hub, null).position();
        put(hub, "b", 2);
        put(hub, "a", 3);
        // In the outbox, a=3 has taken the place of a=1: the client may have had it, and not b=2.
        Client back = subscribe(hub, new Position(begin.epoch(), 3));
        assertEquals(true, back.recovered());
        assertEquals(List.of("b=2", "a=3"), back.heard);
    }

    @Test
    @DisplayName(
            "R33 it is not recovered when a key was dropped, or the position is of elsewhere or ahead; the newest come all the same")
    void notRecovered() {
        ChannelHub hub = near();
        put(hub, "a", 1);
        String epoch = subscribe(hub, null).position().epoch();
        for (Position since : List.of(new Position(epoch, 2), new Position("elsewhere", 1))) {
            Client lost = subscribe(hub, since);
            assertEquals(false, lost.recovered());
            assertEquals(List.of("a=1"), lost.heard);
        }
        for (String key : List.of("b", "c", "d")) {
            put(hub, key, 2);
        }
        Client client = subscribe(hub, new Position(epoch, 4));
        assertEquals(false, client.recovered(), "The key a is gone, and nobody knows whether the client had it.");
        assertEquals(List.of("b=2", "c=2", "d=2"), client.heard);
    }

    @Test
    @DisplayName("R33 more than half an outbox does not come, and a gap says so")
    void tooMuch() {
        outbox = 2048;
        ChannelHub hub = near();
        for (int i = 0; i < 3; i++) {
            put(hub, "k".repeat(100) + i, i);
        }
        assertEquals(3, subscribe(hub, null).heard.size());
        options.historySize(50);
        ChannelHub larger = near();
        for (int i = 0; i < 20; i++) {
            put(larger, "k".repeat(100) + i, i);
        }
        Client client = subscribe(larger, null);
        assertEquals(List.of("Gap"), client.heard);
        assertNotNull(client.joined);
        ServerFrame.Gap gap = assertInstanceOf(
                ServerFrame.Gap.class, client.joined.missed().get(0).frame());
        assertEquals(client.position(), gap.position());
        client.loop().execute(() -> larger.again(client.subscription()));
        loops.runAll();
        assertEquals(List.of("Gap"), client.heard, "Told once.");
        put(larger, "a", 1);
        assertEquals(List.of("Gap", "a=1"), client.heard);
    }

    @Test
    @DisplayName("R24 after a gap the newest come again, and what is published meanwhile comes after them")
    void again() {
        ChannelHub hub = hub(far);
        put(hub, "a", 1);
        put(hub, "b", 2);
        Client client = subscribe(hub, null);
        client.heard.clear();
        client.loop().execute(() -> {
            hub.again(client.subscription());
            ServerFrame.Message newer =
                    new ServerFrame.Message(CHANNEL, null, Payload.of(3), 0, 0, null, "a", null, null, null, 1);
            hub.publish(new Broker.Publication(newer, options.keep(), null, null));
        });
        loops.runAll();
        assertEquals("b=2", client.heard.get(client.heard.size() > 2 ? 1 : 0));
        assertEquals("a=3", client.heard.get(client.heard.size() - 1));
        assertEquals(List.copyOf(new java.util.LinkedHashSet<>(client.heard)), client.heard, "Nothing comes twice.");
    }
}
