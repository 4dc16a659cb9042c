package dev.polywire.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.BrokerOptions;
import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The same with real threads: what the virtual loops cannot show is a lock that is missing. */
class ChannelHubThreadsTest {
    private static final String CHANNEL = "chat:1";

    private static final class ThreadLoop implements Loop {
        private final ExecutorService executor = Executors.newSingleThreadExecutor();
        private volatile @Nullable Thread thread;

        @Override
        public void executeAfter(long millis, Runnable task) {
            throw new UnsupportedOperationException("No channel here waits.");
        }

        @Override
        public void execute(Runnable task) {
            executor.execute(() -> {
                thread = Thread.currentThread();
                task.run();
            });
        }

        @Override
        public boolean inLoop() {
            return Thread.currentThread() == thread;
        }
    }

    /** Subscribes, takes some messages, leaves, and comes back from where it was, until everything is there. */
    private static final class Churner implements Subscriber {
        final String id;
        final ThreadLoop loop;
        final ChannelHub hub;
        final Queue<Integer> payloads = new ConcurrentLinkedQueue<>();
        final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        volatile long offset;

        @Nullable
        String epoch;

        int stay;
        boolean left;

        Churner(String id, ThreadLoop loop, ChannelHub hub, int stay) {
            this.id = id;
            this.loop = loop;
            this.hub = hub;
            this.stay = stay;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Loop loop() {
            return loop;
        }

        void subscribe() {
            Position since = epoch == null ? null : new Position(epoch, offset);
            hub.subscribe(this, CHANNEL, since, null, Future::succeededFuture).onComplete(result -> {
                if (result.failed()) {
                    wrong.add("refused: " + result.cause());
                    return;
                }
                ChannelHub.Joined joined = result.result();
                left = false;
                if (since == null && joined.position() != null) {
                    epoch = joined.position().epoch();
                    offset = joined.position().offset();
                } else if (!Boolean.TRUE.equals(joined.recovered())) {
                    wrong.add("not recovered");
                }
                for (Encoded missed : joined.missed()) {
                    take(missed.frame());
                }
                hub.open(joined.subscription());
            });
        }

        @Override
        public void deliver(Subscription subscription, Encoded frame) {
            if (left) {
                wrong.add("after the end");
            }
            take(frame.frame());
            if (stay > 0 && payloads.size() % stay == 0) {
                left = true;
                hub.unsubscribe(subscription);
                loop.execute(this::subscribe);
            }
        }

        private void take(ServerFrame frame) {
            if (frame instanceof ServerFrame.Message message) {
                if (message.offset() != offset + 1) {
                    wrong.add(message.offset() + " after " + offset);
                }
                offset = message.offset();
                payloads.add(message.payload().as(Integer.class));
            } else {
                wrong.add(frame.toString());
            }
        }
    }

    @Test
    @DisplayName("R33 every subscriber, coming and going on any loop, sees the messages of all publishers in one order")
    void oneOrder() throws InterruptedException {
        int messages = 3_000;
        Broker.Keep keep = new Broker.Keep(messages, Duration.ofMinutes(5));
        ChannelHub hub = new ChannelHub(
                new RealtimeOptions().channel(new ChannelOptions().historySize(messages)),
                new MemoryBroker(new BrokerOptions(), () -> 0),
                new MemoryPresence(),
                new JsonCodec(1 << 16, 32),
                new TimeLimit(1, (millis, task) -> () -> {}));
        List<ThreadLoop> loops = List.of(new ThreadLoop(), new ThreadLoop(), new ThreadLoop());
        List<Churner> subscribers = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Churner churner = new Churner("s" + i, loops.get(i % 3), hub, i < 3 ? 0 : 5 * i);
            subscribers.add(churner);
            churner.loop.execute(churner::subscribe);
        }
        Await.until("all are there", () -> hub.subscribers(CHANNEL).size() == 9);
        AtomicInteger next = new AtomicInteger();
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Thread publisher = new Thread(() -> {
                for (int n = next.getAndIncrement(); n < messages; n = next.getAndIncrement()) {
                    hub.publish(new Broker.Publication(
                            new ServerFrame.Message(
                                    CHANNEL, null, Payload.of(n), 0, 0, null, null, null, null, null, 1),
                            keep,
                            null,
                            null));
                }
            });
            publisher.start();
            publishers.add(publisher);
        }
        for (Thread publisher : publishers) {
            publisher.join(TimeUnit.SECONDS.toMillis(20));
        }
        for (Churner subscriber : subscribers) {
            Await.until(
                    subscriber.id + " has all",
                    Duration.ofSeconds(20),
                    () -> subscriber.offset == messages || !subscriber.wrong.isEmpty());
            assertTrue(subscriber.wrong.isEmpty(), () -> subscriber.id + ": " + subscriber.wrong.peek());
            assertEquals(List.copyOf(subscribers.get(0).payloads), List.copyOf(subscriber.payloads));
        }
        loops.forEach(loop -> loop.executor.shutdown());
    }
}
