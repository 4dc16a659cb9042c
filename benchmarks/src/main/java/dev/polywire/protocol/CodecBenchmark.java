package dev.polywire.protocol;

import io.vertx.core.buffer.Buffer;
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

/** Reading what clients send and writing what they get, for frames with 128 bytes of payload. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
    private final Codec codec = new JsonCodec(64 * 1024, 32);
    private final Payload payload = Payload.of("x".repeat(126));
    private final ServerFrame message =
            new ServerFrame.Message("live:0", "m", payload, 1_764_000_000_000L, 17, null, null, null, null, null, 1);
    private final Buffer publish = Buffer.buffer(
            "{\"type\":\"publish\",\"id\":\"1\",\"channel\":\"live:0\",\"payload\":\"" + "x".repeat(126) + "\"}");
    private final Buffer received = Buffer.buffer("{\"type\":\"received\",\"count\":123456}");

    /** A message, once for all its subscribers. */
    @Benchmark
    public Buffer encodeMessage() {
        return codec.encode(message);
    }

    /** A publish. */
    @Benchmark
    public ClientFrame decodePublish() {
        return codec.decode(publish);
    }

    /** An acknowledgement, which every subscriber sends about once a second. */
    @Benchmark
    public ClientFrame decodeReceived() {
        return codec.decode(received);
    }

    /** The look at a frame before it is accepted. */
    @Benchmark
    public Codec.Head scanPublish() {
        return codec.scan(publish);
    }
}
