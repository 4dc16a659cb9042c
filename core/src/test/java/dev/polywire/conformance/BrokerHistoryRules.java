package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame.Message;
import dev.polywire.spi.Broker.Keep;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import dev.polywire.spi.Broker.Slice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every broker has to pass: the part on history, and on reading it. */
abstract class BrokerHistoryRules extends BrokerKit {
    @Test
    @DisplayName("R33 a read since a position gives exactly what comes after it, and says that it is complete")
    void readSince() {
        String channel = channel();
        publish(channel, 1, 2, KEEP);
        Position second = read(channel, null).top();
        assertEquals(new Slice(List.of(), second, true, false), read(channel, second));
        publish(channel, 3, 5, KEEP);
        Slice slice = read(channel, second);
        assertEquals(List.of(3, 4, 5), payloads(slice.messages()));
        assertTrue(slice.complete());
        assertFalse(slice.more());
        assertEquals(new Position(second.epoch(), second.offset() + 3), slice.top());
    }

    @Test
    @DisplayName("R33 a read that its limit cuts says that there is more, and the next one goes on")
    void limit() {
        String channel = channel();
        publish(channel, 1, 5, KEEP);
        Slice first = read(channel, null, 2, false);
        assertEquals(List.of(1, 2), payloads(first.messages()));
        assertTrue(first.more());
        Position since =
                new Position(first.top().epoch(), first.messages().get(1).offset());
        Slice second = read(channel, since, 3, false);
        assertEquals(List.of(3, 4, 5), payloads(second.messages()));
        assertFalse(second.more(), "The limit was reached, but cut nothing.");
        assertEquals(new Slice(List.of(), first.top(), true, true), read(channel, since, 0, false));
    }

    @Test
    @DisplayName("R33 reversed, a read gives the newest first, and what comes before a position")
    void reverse() {
        String channel = channel();
        publish(channel, 1, 5, KEEP);
        Slice all = read(channel, null, 1000, true);
        assertEquals(List.of(5, 4, 3, 2, 1), payloads(all.messages()));
        Slice newest = read(channel, null, 2, true);
        assertEquals(List.of(5, 4), payloads(newest.messages()));
        assertTrue(newest.more());
        Position fourth =
                new Position(all.top().epoch(), newest.messages().get(1).offset());
        Slice before = read(channel, fourth, 2, true);
        assertEquals(List.of(3, 2), payloads(before.messages()));
        assertTrue(before.complete());
        assertTrue(before.more());
    }

    @Test
    @DisplayName("R33 history is bounded in size; a position it no longer reaches back to is not complete")
    void trimmedBySize() {
        String channel = channel();
        Keep three = new Keep(3, Duration.ofMinutes(1));
        publish(channel, 1, 5, three);
        Slice all = Await.get("read", broker().read(channel, three, null, 100, false));
        assertEquals(List.of(3, 4, 5), payloads(all.messages()));
        long third = all.messages().get(0).offset();
        String epoch = all.top().epoch();
        Slice reached = Await.get("read", broker().read(channel, three, new Position(epoch, third - 1), 100, false));
        assertTrue(reached.complete(), "It begins right there.");
        assertEquals(List.of(3, 4, 5), payloads(reached.messages()));
        Slice lost = Await.get("read", broker().read(channel, three, new Position(epoch, third - 2), 100, false));
        assertFalse(lost.complete(), "Message 2 is lost.");
        assertEquals(List.of(3, 4, 5), payloads(lost.messages()));
    }

    @Test
    @DisplayName("R33 history is bounded in bytes; what is larger by itself is published and not kept")
    void trimmedByBytes() {
        String channel = channel();
        Keep keep = new Keep(100, Duration.ofMinutes(1), false, 10_000);
        String epoch = position(publishSized(channel, 1000, keep)).epoch();
        for (int i = 2; i <= 30; i++) {
            publishSized(channel, 1000, keep);
        }
        Slice all = Await.get("read", broker().read(channel, keep, null, 100, false));
        int kept = all.messages().size();
        assertTrue(kept > 0 && kept < 10, kept + " are kept");
        long first = all.messages().get(0).offset();
        assertEquals(30, first + kept - 1, "The newest ones are kept.");
        assertTrue(Await.get("read", broker().read(channel, keep, new Position(epoch, first - 1), 100, false))
                .complete());
        assertFalse(Await.get("read", broker().read(channel, keep, new Position(epoch, first - 2), 100, false))
                .complete());
        assertEquals(31, position(publishSized(channel, 20_000, keep)).offset());
        Slice none = Await.get("read", broker().read(channel, keep, new Position(epoch, 30), 100, false));
        assertFalse(none.complete());
        assertEquals(List.of(), none.messages());
        assertEquals(32, position(publishSized(channel, 10, keep)).offset());
        assertTrue(Await.get("read", broker().read(channel, keep, new Position(epoch, 31), 100, false))
                .complete());
    }

    private Receipt publishSized(String channel, int bytes, Keep keep) {
        Message message =
                new Message(channel, "e", Payload.of("x".repeat(bytes)), 1, 0, null, null, null, null, null, 1);
        return Await.get("publish", broker().publish(new Publication(message, keep, null, null)));
    }

    @Test
    @DisplayName("R33 history is bounded in age; offsets go on after it has aged")
    void trimmedByAge() {
        String channel = channel();
        subscribe(channel, new Keep(100, Duration.ofSeconds(1)));
        Keep second = new Keep(100, Duration.ofSeconds(1));
        Position first = position(publish(channel, 1, second));
        pass(Duration.ofMillis(1200));
        Position next = position(publish(channel, 2, second));
        assertEquals(new Position(first.epoch(), first.offset() + 1), next);
        Slice slice = Await.get("read", broker().read(channel, second, null, 100, false));
        assertEquals(List.of(2), payloads(slice.messages()));
        Position before = new Position(first.epoch(), first.offset() - 1);
        assertFalse(Await.get("read", broker().read(channel, second, before, 100, false))
                .complete());
        assertTrue(Await.get("read", broker().read(channel, second, first, 100, false))
                .complete());
    }

    @Test
    @DisplayName("R33 a position of another epoch, or ahead of the top, is not complete")
    void otherEpoch() {
        String channel = channel();
        publish(channel, 1, 2, KEEP);
        Position top = read(channel, null).top();
        assertFalse(
                read(channel, new Position("some-other-epoch", top.offset())).complete());
        assertFalse(read(channel, new Position("some-other-epoch", 0)).complete());
        assertFalse(read(channel, new Position(top.epoch(), top.offset() + 1)).complete());
    }

    @Test
    @DisplayName("R33 the history of a channel that nobody has used is empty, and its top is a position to go on from")
    void unusedChannel() {
        String channel = channel();
        Slice slice = read(channel, null);
        assertEquals(List.of(), slice.messages());
        assertTrue(slice.complete());
        publish(channel, 1, KEEP);
        assertEquals(List.of(1), payloads(read(channel, slice.top()).messages()));
        assertTrue(read(channel, slice.top()).complete());
    }

    @Test
    @DisplayName("R33 the epochs of two channels differ")
    void epochs() {
        assertNotEquals(
                position(publish(channel(), 1, KEEP)).epoch(),
                position(publish(channel(), 1, KEEP)).epoch());
    }

    @Test
    @DisplayName("R33 any mix of publishes and reads agrees with a list")
    void model() {
        long seed = Long.getLong("polywire.seed", System.nanoTime());
        Random random = new Random(seed);
        String channel = channel();
        Keep keep = new Keep(7, Duration.ofMinutes(1));
        Position start = Await.get("read", broker().read(channel, keep, null, 100, false))
                .top();
        int top = 0;
        for (int i = 0; i < 120; i++) {
            if (random.nextBoolean()) {
                publish(channel, ++top, keep);
                continue;
            }
            int since = random.nextInt(top + 1);
            int limit = random.nextInt(10);
            Position from = new Position(start.epoch(), start.offset() + since);
            Slice slice = Await.get("read", broker().read(channel, keep, from, limit, false));
            List<Integer> expected = new ArrayList<>();
            int kept = Math.max(1, top - 6);
            for (int n = Math.max(kept, since + 1); n <= top && expected.size() < limit; n++) {
                expected.add(n);
            }
            String what = "seed " + seed + ": since " + since + ", top " + top + ", limit " + limit;
            assertEquals(expected, payloads(slice.messages()), what);
            assertEquals(since >= kept - 1, slice.complete(), what);
            assertEquals(top - Math.max(kept - 1, since) > limit, slice.more(), what);
            assertEquals(start.offset() + top, slice.top().offset(), what);
        }
    }

    @Test
    @DisplayName(
            "R33 where only the newest of each key is kept, it takes the older one's place, and nothing counts as lost")
    void newestPerKey() {
        String channel = channel();
        Keep keep = new Keep(2, Duration.ofMinutes(1), true);
        String epoch = position(put(channel, "a", 1, keep)).epoch();
        put(channel, "b", 2, keep);
        put(channel, null, 3, keep);
        put(channel, "b", 4, keep);
        put(channel, null, 5, keep);
        Slice all = Await.get("read", broker().read(channel, keep, new Position(epoch, 1), 10, false));
        assertEquals(List.of(4, 5), payloads(all.messages()));
        assertEquals(List.of(4L, 5L), offsets(all.messages()));
        assertEquals(new Position(epoch, 5), all.top());
        assertTrue(all.complete(), "b was replaced, not lost.");
        Slice before = Await.get("read", broker().read(channel, keep, new Position(epoch, 0), 10, false));
        assertFalse(before.complete(), "There was no room for a third key, so a was lost.");
        assertEquals(List.of(4, 5), payloads(before.messages()));
        assertEquals(
                List.of(5),
                payloads(Await.get("read", broker().read(channel, keep, null, 1, true))
                        .messages()));
    }

    private Receipt put(String channel, @Nullable String key, int value, Keep keep) {
        Message message = new Message(channel, "e", Payload.of(value), 1, 0, null, key, null, null, null, 1);
        return Await.get("publish", broker().publish(new Publication(message, keep, null, null)));
    }
}
