package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.BrokerOptions;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A hub on virtual loops, and what its tests are written with. */
abstract class HubKit {
    static final String CHANNEL = "chat:1";

    final VirtualLoops loops = new VirtualLoops(new Random(1), 2);
    final FakeBroker far = new FakeBroker(loops, new Random(1));
    final MemoryPresence presence = new MemoryPresence();
    final List<String> hooks = new ArrayList<>();

    /** What happens when the time of calls that are under way is up. */
    final List<Runnable> waits = new ArrayList<>();

    final TimeLimit limit = new TimeLimit(10_000, (millis, task) -> {
        waits.add(task);
        return () -> waits.remove(task);
    });

    ChannelOptions options = new ChannelOptions().historySize(100);
    int outbox = 1 << 20;

    ChannelHub hub(Broker broker) {
        RealtimeOptions all = new RealtimeOptions()
                .channel(options)
                .session(new SessionOptions().frame(256).window(1024).outbox(outbox));
        ChannelHub hub = new ChannelHub(all, broker, presence, new JsonCodec(1 << 16, 32), limit);
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

    ChannelHub near() {
        return hub(new MemoryBroker(new BrokerOptions(), () -> 0));
    }

    void timeIsUp() {
        List.copyOf(waits).forEach(Runnable::run);
    }

    HubClient client(String id, int loop) {
        return new HubClient(id, loops.loop(loop), CHANNEL);
    }

    HubClient subscribed(ChannelHub hub, String id, int loop, @Nullable Position since) {
        HubClient client = client(id, loop);
        client.subscribe(hub, since, Future::succeededFuture);
        loops.runAll();
        assertNotNull(client.joined, () -> "refused: " + client.failure);
        return client;
    }

    void publish(ChannelHub hub, int payload, Broker.Keep keep, @Nullable String except) {
        ServerFrame.Message message =
                new ServerFrame.Message(CHANNEL, null, Payload.of(payload), 0, 0, null, null, null, null, null, 1);
        assertTrue(
                hub.publish(new Broker.Publication(message, keep, null, except)).succeeded());
    }

    void publish(ChannelHub hub, int payload) {
        publish(hub, payload, options.keep(), null);
    }

    static List<Integer> payloads(HubClient client) {
        return client.messages.stream()
                .map(message -> message.payload().as(Integer.class))
                .toList();
    }
}
