package dev.polywire.limit;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What every frame from a client is charged with. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TokenBucketBenchmark {
    private final TokenBucket bucket = new TokenBucket(1000, 1000, 0);
    private long now;

    /** One token, of a bucket that has some. */
    @Benchmark
    public boolean take() {
        return bucket.tryTake(now++, 1);
    }

    /** One token, of a bucket that is empty. */
    @Benchmark
    public boolean refuse() {
        return bucket.tryTake(0, 1000);
    }
}
