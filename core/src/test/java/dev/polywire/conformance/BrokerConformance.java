package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.Gap;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every broker has to pass. Extend it, say how a node's broker is made, and how time passes for it.
 *
 * <p>Nothing here supposes that the broker lives in this process, or that it is empty: every test uses channels of its own.
 */
public abstract class BrokerConformance extends BrokerHistoryRules {
    /** For the subclasses. */
    protected BrokerConformance() {}

    @Test
    @DisplayName("R31 stored messages get offsets that rise by one within an epoch; the receipt tells the position")
    void offsetsRise() {
        String channel = channel();
        Position first = position(publish(channel, 1, KEEP));
        Position second = position(publish(channel, 2, KEEP));
        assertEquals(new Position(first.epoch(), first.offset() + 1), second);
        assertTrue(first.offset() >= 1, "Offset 0 is the place before the first message.");
        assertTrue(first.epoch().length() >= 11, "64 random bits take 11 characters.");
    }

    @Test
    @DisplayName("R31 an unstored message has no position, uses no offset, and is not kept")
    void unstored() {
        String channel = channel();
        subscribe(channel, KEEP);
        Position before = position(publish(channel, 1, KEEP));
        Receipt receipt = publish(channel, 2, Keep.NOTHING);
        assertNull(receipt.position());
        assertFalse(receipt.duplicate());
        Position after = position(publish(channel, 3, KEEP));
        assertEquals(before.offset() + 1, after.offset());
        List<Message> arrived = heard.await(channel, Message.class, 3);
        assertEquals(List.of(1, 2, 3), payloads(arrived));
        assertEquals(List.of(before.offset(), 0L, after.offset()), offsets(arrived));
        assertEquals(List.of(1, 3), payloads(read(channel, null).messages()));
    }

    @Test
    @DisplayName("R31 a message arrives, and is kept, with every member as it was published")
    void everyMember() {
        String channel = channel();
        subscribe(channel, KEEP);
        Payload payload = Payload.of("{\"ä\": \"\u2028\", 'x': [1, null]}");
        Message whole = new Message(channel, "ADDED", payload, 12, 0, "u1", "k", 34L, "t", "c-1", 1);
        Position at = position(Await.get("publish", broker().publish(new Publication(whole, KEEP, "d", "session-7"))));
        Message expected = new Message(channel, "ADDED", payload, 12, at.offset(), "u1", "k", 34L, "t", "c-1", 1);
        heard.await(channel, Message.class, 1);
        assertEquals(List.of(new Heard.Arrival(expected, "session-7")), heard.all(channel));
        assertEquals(List.of(expected), read(channel, null).messages());
    }

    @Test
    @DisplayName(
            "R32 a confirmed subscription tells the top, and everything published from then on arrives, in order, once")
    void confirmed() {
        String channel = channel();
        publish(channel, 1, 3, KEEP);
        Position top = subscribe(channel, KEEP);
        assertNotNull(top, "A channel with history has a top.");
        assertEquals(read(channel, null).top(), top);
        publish(channel, 4, 50, KEEP);
        List<Message> arrived = new ArrayList<>(heard.await(channel, Message.class, 47));
        // Messages from before the confirmation may arrive, but what follows the top is complete.
        arrived.removeIf(message -> message.offset() <= top.offset());
        assertEquals(47, arrived.size());
        for (int i = 0; i < arrived.size(); i++) {
            assertEquals(top.offset() + 1 + i, arrived.get(i).offset());
            assertEquals(4 + i, arrived.get(i).payload().as(Integer.class));
        }
        assertEquals(List.of(), heard.of(channel, Gap.class));
    }

    @Test
    @DisplayName("R32 a channel without history has no top")
    void noTop() {
        String channel = channel();
        assertNull(subscribe(channel, Keep.NOTHING));
        publish(channel, 1, Keep.NOTHING);
        assertEquals(List.of(0L), offsets(heard.await(channel, Message.class, 1)));
    }

    @Test
    @DisplayName("R34 after an unsubscribe nothing arrives, until the next subscribe")
    void unsubscribed() {
        String channel = channel();
        subscribe(channel, KEEP);
        publish(channel, 1, KEEP);
        heard.await(channel, Message.class, 1);
        Await.get("unsubscribe", broker().unsubscribe(channel).map(true));
        publish(channel, 2, KEEP);
        subscribe(channel, KEEP);
        publish(channel, 3, KEEP);
        // Within one channel the order is kept, so once 3 is here, 2 would be.
        assertEquals(List.of(1, 3), payloads(heard.await(channel, Message.class, 2)));
        assertEquals(List.of(1, 2, 3), payloads(read(channel, null).messages()));
    }

    @Test
    @DisplayName("R31 publishers that run at the same time are seen in the order of the offsets, each message once")
    void concurrentPublishers() throws InterruptedException {
        String channel = channel();
        Position top = subscribe(channel, KEEP);
        assertNotNull(top);
        int threads = 4;
        int each = 50;
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> publishers = new ArrayList<>();
        List<Future<Receipt>> receipts = Collections.synchronizedList(new ArrayList<>());
        for (int t = 0; t < threads; t++) {
            int base = t * each;
            Thread publisher = new Thread(() -> {
                try {
                    start.await();
                } catch (InterruptedException e) {
                    return;
                }
                for (int i = 0; i < each; i++) {
                    receipts.add(broker().publish(publication(channel, base + i, KEEP, null)));
                }
            });
            publisher.start();
            publishers.add(publisher);
        }
        start.countDown();
        for (Thread publisher : publishers) {
            publisher.join(Await.deadline().toMillis());
        }
        Set<Position> positions = new HashSet<>();
        for (Future<Receipt> receipt : receipts) {
            positions.add(position(Await.get("publish", receipt)));
        }
        assertEquals(threads * each, positions.size(), "No offset is used twice.");
        List<Message> arrived = heard.await(channel, Message.class, threads * each);
        assertEquals(threads * each, new HashSet<>(payloads(arrived)).size());
        for (int i = 0; i < arrived.size(); i++) {
            assertEquals(top.offset() + 1 + i, arrived.get(i).offset());
        }
        assertEquals(
                arrived.subList(arrived.size() - KEEP.size(), arrived.size()),
                read(channel, null).messages());
    }

    @Test
    @DisplayName("R30 a repeat within the window is dropped, and told the position of the first")
    void repeats() {
        String channel = channel();
        subscribe(channel, KEEP);
        Receipt first = publishOnce(channel, 1, "u1/n1/1");
        assertFalse(first.duplicate());
        publish(channel, 2, KEEP);
        assertEquals(new Receipt(position(first), true), publishOnce(channel, 1, "u1/n1/1"));
        assertFalse(publishOnce(channel, 3, "u1/n1/2").duplicate());
        assertEquals(List.of(1, 2, 3), payloads(heard.await(channel, Message.class, 3)));
        assertEquals(List.of(1, 2, 3), payloads(read(channel, null).messages()));
    }

    @Test
    @DisplayName("R30 the same key in another channel is no repeat")
    void repeatsByChannel() {
        String other = channel();
        assertFalse(publishOnce(channel(), 1, "key").duplicate());
        assertFalse(publishOnce(other, 1, "key").duplicate());
        assertEquals(1, read(other, null).messages().size());
    }

    @Test
    @DisplayName("R30 a repeat of an unstored message is dropped, too")
    void unstoredRepeats() {
        String channel = channel();
        subscribe(channel, KEEP);
        Publication once = publication(channel, 1, Keep.NOTHING, "key");
        assertEquals(new Receipt(null, false), Await.get("publish", broker().publish(once)));
        assertEquals(new Receipt(null, true), Await.get("publish", broker().publish(once)));
        publish(channel, 2, KEEP);
        assertEquals(List.of(1, 2), payloads(heard.await(channel, Message.class, 2)));
    }

    @Test
    @DisplayName("R30 of many that publish the same at the same time, one is the first")
    void concurrentRepeats() {
        String channel = channel();
        List<Future<Receipt>> receipts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            receipts.add(broker().publish(publication(channel, 1, KEEP, "key")));
        }
        int firsts = 0;
        Set<Position> positions = new HashSet<>();
        for (Future<Receipt> future : receipts) {
            Receipt receipt = Await.get("publish", future);
            firsts += receipt.duplicate() ? 0 : 1;
            positions.add(position(receipt));
        }
        assertEquals(1, firsts);
        assertEquals(1, positions.size());
        assertEquals(1, read(channel, null).messages().size());
    }
}
