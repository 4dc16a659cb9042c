package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A broker that hangs, and publishers that outrun an event loop. */
class ChannelHubLimitsTest extends HubKit {

    private static long refused(Throwable cause) {
        ProtocolException refusal = (ProtocolException) cause;
        assertEquals(ErrorCode.UNAVAILABLE, refusal.code());
        return refusal.retryAfter();
    }

    private Broker.Publication publication(Object payload) {
        ServerFrame.Message message =
                new ServerFrame.Message(CHANNEL, null, Payload.of(payload), 0, 0, null, null, null, null, null, 1);
        return new Broker.Publication(message, options.keep(), null, null);
    }

    @Test
    @DisplayName("a publish that the broker does not answer is unavailable; its late answer changes nothing")
    void hangingPublish() {
        Promise<Broker.Receipt> never = Promise.promise();
        ChannelHub hub = hub(new FakeBroker(loops, new Random(1)) {
            @Override
            public Future<Receipt> publish(Publication publication) {
                return never.future();
            }
        });
        Future<Broker.Receipt> receipt = hub.publish(publication(1));
        assertFalse(receipt.isComplete());
        timeIsUp();
        assertTrue(refused(receipt.cause()) > 0);
        assertTrue(never.tryComplete(new Broker.Receipt(null, false)));
        assertTrue(receipt.failed());
        assertEquals(List.of(), waits);
    }

    @Test
    @DisplayName("a subscribe that the broker does not answer is undone, also when it succeeds late")
    void hangingSubscribe() {
        ChannelHub hub = hub(far);
        HubClient client = client("one", 0);
        client.subscribe(hub, null, Future::succeededFuture);
        loops.loop(0).drain();
        timeIsUp();
        loops.loop(0).drain();
        assertNotNull(client.failure);
        refused(client.failure);
        assertEquals(0, far.unsubscribes);
        loops.runAll();
        assertFalse(far.subscribed(CHANNEL));
        assertEquals(1, far.unsubscribes);
        assertEquals(0, hub.channels());
        subscribed(hub, "two", 1, null);
        assertTrue(far.subscribed(CHANNEL));
    }

    @Test
    @DisplayName("who comes while a subscribe hangs that others have given up profits from its late success")
    void lateSuccess() {
        ChannelHub hub = hub(far);
        HubClient early = client("early", 0);
        early.subscribe(hub, null, Future::succeededFuture);
        loops.loop(0).drain();
        timeIsUp();
        loops.loop(0).drain();
        HubClient late = client("late", 1);
        late.subscribe(hub, null, Future::succeededFuture);
        loops.loop(1).drain();
        loops.runAll();
        assertNotNull(early.failure);
        assertNull(late.failure);
        assertNotNull(late.joined);
        assertEquals(1, far.subscribes);
        assertTrue(far.subscribed(CHANNEL));
        late.unsubscribe(hub);
        loops.runAll();
        assertFalse(far.subscribed(CHANNEL));
        assertEquals(0, hub.channels());
    }

    @Test
    @DisplayName("a subscribe that fails late leaves nothing behind")
    void lateFailure() {
        far.failures = 100;
        ChannelHub hub = hub(far);
        HubClient client = client("one", 0);
        client.subscribe(hub, null, Future::succeededFuture);
        loops.loop(0).drain();
        timeIsUp();
        loops.runAll();
        assertNotNull(client.failure);
        assertEquals(0, hub.channels());
    }

    @Test
    @DisplayName(
            "while a loop does not keep up, publishing is unavailable before anything is stored, and nothing stored is lost")
    void clogged() {
        ChannelHub hub = near();
        HubClient slow = subscribed(hub, "slow", 0, null);
        HubClient quick = subscribed(hub, "quick", 1, null);
        int sent = 0;
        Future<Broker.Receipt> receipt = hub.publish(publication(0));
        while (receipt.succeeded() && sent < 2 * FanOut.MOST) {
            loops.loop(1).drain();
            receipt = hub.publish(publication(++sent));
        }
        assertEquals(FanOut.MOST, sent);
        assertEquals(100, refused(receipt.cause()));
        Future<Broker.Receipt> elsewhere = hub.publish(new Broker.Publication(
                new ServerFrame.Message("other", null, Payload.NULL, 0, 0, null, null, null, null, null, 1),
                Broker.Keep.NOTHING,
                null,
                null));
        assertTrue(elsewhere.succeeded(), "Channels without subscribers on that loop go on.");
        loops.runAll();
        assertEquals(FanOut.MOST, slow.messages.size());
        assertEquals(FanOut.MOST, quick.messages.size());
        assertTrue(hub.publish(publication(1)).succeeded());
        loops.runAll();
        assertEquals(FanOut.MOST + 1, slow.messages.size());
    }

    @Test
    @DisplayName("what waits for a loop is bounded in bytes, too")
    void cloggedByBytes() {
        outbox = 1 << 28;
        ChannelHub hub = near();
        HubClient client = subscribed(hub, "slow", 0, null);
        String large = "x".repeat(1 << 20);
        int sent = 0;
        while (hub.publish(publication(large)).succeeded()) {
            sent++;
            assertTrue(sent < 100, "There is no end to it.");
        }
        assertEquals(FanOut.MOST_BYTES / (1 << 20), sent);
        loops.runAll();
        assertEquals(sent, client.messages.size());
    }
}
