package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.BrokerOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.BrokerConformance;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MemoryBrokerTest extends BrokerConformance {
    private static final Broker.Keep KEEP = new Broker.Keep(10, Duration.ofSeconds(10));

    private final AtomicLong now = new AtomicLong();

    @Override
    protected Broker create() {
        return broker(1000, 1000);
    }

    @Override
    protected void pass(Duration time) {
        now.addAndGet(time.toMillis());
    }

    private MemoryBroker broker(int entries, int channels) {
        return new MemoryBroker(new BrokerOptions().dedupeEntries(entries).channels(channels), now::get);
    }

    private static Broker.Receipt publish(Broker broker, String channel, @Nullable String dedupe, Broker.Keep keep) {
        ServerFrame.Message message =
                new ServerFrame.Message(channel, null, Payload.of(1), 0, 0, null, null, null, null, null, 1);
        return Await.get("publish", broker.publish(new Broker.Publication(message, keep, dedupe, null)));
    }

    private static Position top(Broker broker, String channel) {
        return Await.get("read", broker.read(channel, KEEP, null, 0, false)).top();
    }

    @Test
    @DisplayName("R30 an id is forgotten after the window")
    void window() {
        MemoryBroker broker = broker(1000, 1000);
        assertFalse(publish(broker, "a", "1", KEEP).duplicate());
        pass(Duration.ofMinutes(5).minusMillis(1));
        assertTrue(publish(broker, "a", "1", KEEP).duplicate());
        pass(Duration.ofMillis(1));
        assertFalse(publish(broker, "a", "1", KEEP).duplicate());
    }

    @Test
    @DisplayName("R30 when too many ids are remembered, the oldest go")
    void entries() {
        MemoryBroker broker = broker(2, 1000);
        publish(broker, "a", "1", KEEP);
        publish(broker, "b", "2", KEEP);
        publish(broker, "c", "3", KEEP);
        assertEquals(2, broker.remembered());
        assertTrue(publish(broker, "b", "2", KEEP).duplicate());
        assertTrue(publish(broker, "c", "3", KEEP).duplicate());
        assertFalse(publish(broker, "a", "1", KEEP).duplicate());
    }

    @Test
    @DisplayName(
            "R32 a channel is forgotten when its history has aged and nobody is there, and comes back with a new epoch")
    void forgotten() {
        MemoryBroker broker = broker(1000, 1000);
        publish(broker, "a", null, KEEP);
        String epoch = top(broker, "a").epoch();
        pass(Duration.ofMillis(9_999));
        publish(broker, "b", null, KEEP);
        assertEquals(2, broker.channels());
        pass(Duration.ofMillis(1));
        // Some of what is done next looks after some channels, too.
        for (int i = 0; i < 8; i++) {
            publish(broker, "b", null, KEEP);
        }
        assertEquals(1, broker.channels());
        assertNotEquals(epoch, top(broker, "a").epoch());
    }

    @Test
    @DisplayName("R32 a channel with a subscriber keeps its epoch, however long nothing happens")
    void subscribed() {
        MemoryBroker broker = broker(1000, 1000);
        Await.get("subscribe", broker.subscribe("a", KEEP).map(true));
        String epoch = top(broker, "a").epoch();
        pass(Duration.ofDays(1));
        publish(broker, "b", null, Broker.Keep.NOTHING);
        assertEquals(epoch, top(broker, "a").epoch());
        Await.get("unsubscribe", broker.unsubscribe("a").map(true));
        pass(Duration.ofDays(1));
        publish(broker, "b", null, Broker.Keep.NOTHING);
        assertEquals(0, broker.channels());
    }

    @Test
    @DisplayName("channels that keep nothing take no room")
    void nothingKept() {
        MemoryBroker broker = broker(1000, 1000);
        for (int i = 0; i < 100; i++) {
            publish(broker, "c" + i, null, Broker.Keep.NOTHING);
        }
        assertEquals(0, broker.channels());
    }

    @Test
    @DisplayName("the number of channels is bounded; those with subscribers stay")
    void bounded() {
        MemoryBroker broker = broker(1000, 50);
        Await.get("subscribe", broker.subscribe("a", KEEP).map(true));
        String epoch = top(broker, "a").epoch();
        for (int i = 0; i < 1000; i++) {
            pass(Duration.ofMillis(1));
            publish(broker, "c" + i, null, KEEP);
        }
        assertTrue(broker.channels() <= 51, "there are " + broker.channels());
        assertEquals(epoch, top(broker, "a").epoch());
    }

    @Test
    @DisplayName(
            "R30 however many ids there are, no more are remembered than there is room for, and the newest of them")
    void manyEntries() {
        int most = 10_000;
        MemoryBroker broker = broker(most, 1000);
        for (int i = 0; i < 3 * most; i++) {
            publish(broker, "c" + i % 10, "id" + i, Broker.Keep.NOTHING);
        }
        assertTrue(broker.remembered() <= most, "there are " + broker.remembered());
        assertTrue(broker.remembered() > most * 9 / 10, "there are " + broker.remembered());
        for (int i = 3 * most - most / 2; i < 3 * most; i++) {
            assertTrue(
                    publish(broker, "c" + i % 10, "id" + i, Broker.Keep.NOTHING).duplicate(), "id" + i);
        }
    }

    private static Position large(Broker broker, String channel) {
        ServerFrame.Message message = new ServerFrame.Message(
                channel, null, Payload.of("x".repeat(1000)), 0, 0, null, null, null, null, null, 1);
        return Await.get("publish", broker.publish(new Broker.Publication(message, KEEP, null, null)))
                .position();
    }

    private static Broker.Slice read(Broker broker, String channel, Position since) {
        return Await.get("read", broker.read(channel, KEEP, since, 100, false));
    }

    @Test
    @DisplayName(
            "R33 beyond the memory for all histories, that of the channel used longest ago gives way, and its readers are told")
    void memory() {
        MemoryBroker broker = new MemoryBroker(new BrokerOptions().historyMemory(20_000), now::get);
        Map<String, Position> firsts = new HashMap<>();
        for (int round = 0; round < 3; round++) {
            for (String channel : List.of("a", "b", "c")) {
                firsts.putIfAbsent(channel, large(broker, channel));
                pass(Duration.ofMillis(1));
            }
        }
        assertEquals(9 * (1002 + Broker.Keep.OVERHEAD), broker.bytes());
        // b is written to, c is read; a was used longest ago.
        for (int i = 0; i < 7; i++) {
            large(broker, "b");
            pass(Duration.ofMillis(1));
            assertTrue(read(broker, "c", firsts.get("c")).complete());
            assertTrue(broker.bytes() <= 20_000, "there are " + broker.bytes());
        }
        Broker.Slice lost = read(broker, "a", firsts.get("a"));
        assertEquals(List.of(), lost.messages());
        assertFalse(lost.complete());
        assertEquals(new Position(firsts.get("a").epoch(), 3), lost.top());
        assertTrue(read(broker, "a", lost.top()).complete(), "who has had all has missed nothing");
        assertEquals(2, read(broker, "c", firsts.get("c")).messages().size());
        assertEquals(9, read(broker, "b", firsts.get("b")).messages().size());
        pass(Duration.ofDays(1));
        for (int i = 0; i < 10; i++) {
            publish(broker, "d", null, Broker.Keep.NOTHING);
        }
        assertEquals(0, broker.bytes());
    }

    @Test
    @DisplayName("once closed, it refuses")
    void closed() {
        MemoryBroker broker = broker(1000, 1000);
        Await.get("close", broker.close());
        assertTrue(broker.read("a", KEEP, null, 1, false).cause() instanceof ProtocolException);
    }
}
