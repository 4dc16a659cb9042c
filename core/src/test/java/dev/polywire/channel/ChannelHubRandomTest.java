package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ChannelHubRandomTest {
    private static final String CHANNEL = "chat:1";
    private static final int SEEDS = Integer.getInteger("polywire.seeds", 1_000);

    @Test
    @DisplayName("R33 whatever runs when, each subscriber gets exactly what follows its position")
    void anyInterleaving() {
        long start = Long.getLong("polywire.seed", System.nanoTime());
        for (long seed = start; seed < start + SEEDS; seed++) {
            try {
                new World(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    /** Some loops, a far broker, clients that come and go, and publishers. */
    private static final class World implements ChannelHandler {
        final Random random;
        final VirtualLoops loops;
        final FakeBroker broker;
        final ChannelHub hub;
        final Broker.Keep keep;
        final boolean small;
        final List<HubClient> clients = new ArrayList<>();
        final Map<String, Payload> published = new HashMap<>();
        boolean impatient;
        boolean flushed;
        boolean occupied;
        boolean wrong;
        int sent;

        World(long seed) {
            random = new Random(seed);
            loops = new VirtualLoops(random, 1 + random.nextInt(3));
            broker = new FakeBroker(loops, random);
            small = random.nextInt(3) == 0;
            ChannelOptions channel = new ChannelOptions()
                    .historySize(random.nextInt(4) == 0 ? 3 : 1000)
                    .presence(random.nextBoolean());
            keep = channel.keep();
            int outbox = small ? 1024 : 1 << 20;
            hub = new ChannelHub(
                    new RealtimeOptions()
                            .channel(channel)
                            .session(
                                    new SessionOptions().frame(256).window(1024).outbox(outbox)),
                    broker,
                    new MemoryPresence(),
                    new JsonCodec(1 << 16, 32),
                    new TimeLimit(1, this::after));
            hub.handler("chat", this);
            for (int i = 0; i < 4; i++) {
                clients.add(new HubClient("s" + i, loops.any(), CHANNEL));
            }
        }

        /** The time of a call may be up before it has begun, or when its answer is on its way. */
        Runnable after(long millis, Runnable task) {
            boolean[] answered = new boolean[1];
            loops.sometime(() -> {
                if (impatient && !answered[0]) {
                    task.run();
                }
            });
            return () -> answered[0] = true;
        }

        @Override
        public void onOccupied(String channel) {
            wrong |= occupied;
            occupied = true;
        }

        @Override
        public void onVacated(String channel) {
            wrong |= !occupied;
            occupied = false;
        }

        void run() {
            broker.failures = random.nextBoolean() ? random.nextInt(50) : 0;
            impatient = random.nextInt(3) == 0;
            int steps = 50 + random.nextInt(200);
            for (int i = 0; i < steps; i++) {
                act();
                for (int run = random.nextInt(8); run > 0; run--) {
                    loops.step();
                }
            }
            broker.failures = 0;
            impatient = false;
            loops.runAll();
            publish(true);
            loops.runAll();
            check();
            for (HubClient client : clients) {
                client.unsubscribe(hub);
            }
            loops.runAll();
            assertTrue(broker.stuck || !broker.subscribed(CHANNEL), "The last one switches off the light.");
            assertFalse(occupied);
            assertFalse(wrong, "Occupied and vacated take turns.");
            assertEquals(0, hub.channels());
        }

        void act() {
            int dice = random.nextInt(100);
            if (dice < 55) {
                publish(random.nextInt(5) > 0);
            } else if (dice < 57 && random.nextInt(4) == 0) {
                flushed = true;
                broker.flush(CHANNEL);
            } else {
                HubClient client = clients.get(random.nextInt(clients.size()));
                if (client.busy) {
                    return;
                }
                if (client.subscription == null) {
                    client.subscribe(hub, since(client), this::admit);
                } else if (dice < 80) {
                    client.unsubscribe(hub);
                }
            }
        }

        @Nullable
        Position since(HubClient client) {
            int dice = random.nextInt(10);
            if (dice < 6) {
                return client.position;
            }
            if (dice == 6) {
                Position top = broker.channel(CHANNEL).top();
                return new Position(top.epoch(), top.offset() + 1 + random.nextInt(3));
            }
            return dice == 7 ? new Position("elsewhere", random.nextInt(5)) : null;
        }

        Future<@Nullable Object> admit() {
            Promise<@Nullable Object> promise = Promise.promise();
            boolean refused = random.nextInt(10) == 0;
            loops.sometime(() -> {
                if (refused) {
                    promise.fail("no");
                } else {
                    promise.complete(null);
                }
            });
            return promise.future();
        }

        void publish(boolean stored) {
            Payload payload = Payload.of(++sent);
            ServerFrame.Message message =
                    new ServerFrame.Message(CHANNEL, "e", payload, 0, 0, null, null, null, null, null, 1);
            loops.sometime(() -> hub.publish(
                            new Broker.Publication(message, stored ? keep : Broker.Keep.NOTHING, null, null))
                    .onSuccess(receipt -> {
                        if (receipt.position() != null) {
                            published.put(receipt.position().toString(), payload);
                        }
                    }));
        }

        void check() {
            Position top = broker.channel(CHANNEL).top();
            int subscribed = 0;
            for (HubClient client : clients) {
                assertFalse(client.busy, client.id + " is stuck");
                if (client.subscription != null) {
                    subscribed++;
                    assertEquals(
                            top,
                            client.position,
                            client.id + " is at the top in the end: " + client.joined
                                    + client.frames.subList(
                                            Math.max(0, client.frames.size() - 9), client.frames.size()));
                    assertEquals(
                            published.get(top.toString()),
                            client.messages.get(client.messages.size() - 1).payload());
                }
                if (!small && !flushed) {
                    assertEquals(0, client.gaps, "A gap is told only when there is one.");
                }
            }
            assertEquals(subscribed, hub.subscribers(CHANNEL).size());
            assertEquals(subscribed > 0, occupied);
            if (!broker.stuck) {
                assertEquals(subscribed > 0, broker.subscribed(CHANNEL));
            }
        }
    }

    @Test
    @DisplayName("a failing test can be repeated by its seed")
    void oneSeed() {
        assertNotNull(new World(42).clients);
        new World(42).run();
    }
}
