package dev.polywire.channel;

import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One publish through the broker and the hub to all subscribers of a channel, on one event loop, without a wire. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class HubBenchmark {

    /** How many subscribers. */
    @Param({"10", "1000"})
    public int subscribers = 10;

    /** Messages that the channel keeps. */
    @Param({"0", "1000"})
    public int history;

    private final HandLoop loop = new HandLoop();
    private final Payload payload = Payload.of("x".repeat(126));
    private final ChannelOptions options = new ChannelOptions();
    private final Codec codec = new JsonCodec(64 * 1024, 32);
    private ChannelHub hub = hub(new RealtimeOptions());
    private long delivered;

    /** Subscribes all. */
    @Setup
    public void subscribe() {
        options.historySize(history);
        hub = hub(new RealtimeOptions().namespace("live", options));
        for (int i = 0; i < subscribers; i++) {
            String id = "s" + i;
            Subscriber subscriber = new Subscriber() {
                @Override
                public String id() {
                    return id;
                }

                @Override
                public Loop loop() {
                    return loop;
                }

                @Override
                public void deliver(Subscription subscription, Encoded frame) {
                    delivered += frame.size();
                }
            };
            hub.subscribe(subscriber, "live:0", null, null, Future::succeededFuture)
                    .onSuccess(joined -> hub.open(joined.subscription()));
            loop.turn();
        }
    }

    private ChannelHub hub(RealtimeOptions with) {
        return new ChannelHub(
                with,
                new MemoryBroker(with.broker(), () -> 0),
                new MemoryPresence(),
                codec,
                // Everything is answered at once here.
                new TimeLimit(1000, (millis, task) -> () -> {}));
    }

    /** One message to all. */
    @Benchmark
    public long publish() {
        long before = delivered;
        ServerFrame.Message message =
                new ServerFrame.Message("live:0", "m", payload, 1, 0, null, null, null, null, null, 1);
        hub.publish(new Broker.Publication(message, options.keep(), null, null));
        loop.turn();
        if (delivered == before) {
            throw new IllegalStateException("nothing was delivered");
        }
        return delivered;
    }

    /** An event loop that turns when it is told to. */
    private static final class HandLoop implements Loop {
        private final Queue<Runnable> tasks = new ArrayDeque<>();

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public boolean inLoop() {
            return true;
        }

        @Override
        public void executeAfter(long millis, Runnable task) {
            tasks.add(task);
        }

        void turn() {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
        }
    }
}
