package dev.polywire.session;

import dev.polywire.SlowConsumerPolicy;
import dev.polywire.channel.Encoded;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What each delivered message passes through in each session: queued, handed over, and let go of when acknowledged. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OutboxBenchmark {
    /** Messages that one acknowledgement covers. */
    private static final int ACKNOWLEDGED_EVERY = 100;

    /** What a channel does with a slow consumer. */
    @Param({"DISCONNECT", "DROP_OLDEST"})
    public SlowConsumerPolicy policy = SlowConsumerPolicy.DISCONNECT;

    private final Codec codec = new JsonCodec(64 * 1024, 32);
    private final Outbox outbox = new Outbox(256 * 1024, 1024 * 1024, codec, channel -> null, new Charge());
    private final Encoded message = new Encoded(
            new ServerFrame.Message("live:0", "m", Payload.of("x".repeat(126)), 1, 0, null, null, null, null, null, 1),
            codec);
    private long handed;

    /** One message. */
    @Benchmark
    public Encoded message() {
        outbox.offer(message, "live:0", policy);
        Encoded taken = outbox.take();
        if (++handed % ACKNOWLEDGED_EVERY == 0) {
            outbox.acknowledge(handed);
        }
        if (taken == null) {
            throw new IllegalStateException("nothing to take");
        }
        return taken;
    }
}
