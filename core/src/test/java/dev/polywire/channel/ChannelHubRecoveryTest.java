package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.ChannelOptions;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Where a subscription begins, and how it gets there. */
class ChannelHubRecoveryTest extends HubKit {
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
    @DisplayName(
            "R32 a gap never leads back, though history was ahead of what this node had heard when it could be read no more")
    void gapAfterHistory() {
        outbox = 1024;
        Queue<Promise<Broker.Slice>> reads = new ArrayDeque<>();
        Broker.Listener[] listener = new Broker.Listener[1];
        ChannelHub hub = hub(new FakeBroker(loops, new Random(1)) {
            @Override
            public void listen(Listener heard) {
                listener[0] = heard;
            }

            @Override
            public Future<Slice> read(String channel, Keep keep, @Nullable Position since, int limit, boolean reverse) {
                Promise<Slice> promise = Promise.promise();
                reads.add(promise);
                return promise.future();
            }
        });
        Promise<@Nullable Object> snapshot = Promise.promise();
        HubClient client = client("s", 0);
        client.subscribe(hub, null, snapshot::future);
        loops.runAll();
        arrive(listener[0], 1, 20);
        snapshot.complete(null);
        loops.runAll();
        arrive(listener[0], 21, 40);
        assertNotNull(client.position);
        List<ServerFrame.Message> history =
                LongStream.rangeClosed(1, 60).mapToObj(this::message).toList();
        reads.remove().complete(new Broker.Slice(history, new Position(client.position.epoch(), 60), true, false));
        loops.runAll();
        reads.remove().fail("away");
        loops.runAll();
        arrive(listener[0], 41, 61);
        assertEquals(61, client.messages.size());
        assertEquals(1, client.gaps);
        assertEquals(61, client.position.offset());
    }

    private ServerFrame.Message message(long offset) {
        return new ServerFrame.Message(CHANNEL, null, Payload.of(offset), 0, offset, null, null, null, null, null, 1);
    }

    private void arrive(Broker.Listener listener, long from, long to) {
        LongStream.rangeClosed(from, to).forEach(offset -> listener.message(CHANNEL, message(offset), null));
        loops.runAll();
    }
}
