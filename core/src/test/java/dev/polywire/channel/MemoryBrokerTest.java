package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.conformance.BrokerConformance;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import java.time.Duration;
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
        return new MemoryBroker(Duration.ofMinutes(5), entries, channels, now::get);
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
        // Whatever is done next looks after some channels, too.
        publish(broker, "b", null, KEEP);
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
    @DisplayName("once closed, it refuses")
    void closed() {
        MemoryBroker broker = broker(1000, 1000);
        Await.get("close", broker.close());
        assertTrue(broker.read("a", KEEP, null, 1, false).cause() instanceof ProtocolException);
    }
}
