package dev.polywire.testing;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Makes input that is nearly right: samples with a few bytes changed, lost, repeated, or of another sample. */
public final class Mutator {
    private static final byte[] SPICE = "{}[]\",:\\u0dn1e-.\0\t\n\r \u007f".getBytes(StandardCharsets.UTF_8);

    private final Random random;
    private final List<byte[]> samples;

    /** Creates one whose choices come from a random source. */
    public Mutator(Random random, List<byte[]> samples) {
        this.random = random;
        this.samples = List.copyOf(samples);
    }

    /** Tells how many inputs a test should try: {@code -Dpolywire.fuzz=10} asks for ten times as many as usual. */
    public static int times(int usual) {
        return Math.multiplyExact(usual, Integer.getInteger("polywire.fuzz", 1));
    }

    /** Takes the seed of {@code -Dpolywire.seed}, or one that was never tried; tests print it when they fail. */
    public static long seed() {
        return Long.getLong("polywire.seed", new Random().nextLong());
    }

    /** Reads the golden frames of clients, and those that are none. */
    public static List<byte[]> golden() {
        Path folder = Path.of("..", "core", "src", "test", "resources", "golden");
        List<byte[]> frames = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Mutator::isOfClients).sorted().toList()) {
                frames.add(Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (frames.size() < 50) {
            throw new AssertionError("Only " + frames.size() + " golden frames in " + folder.toAbsolutePath());
        }
        return frames;
    }

    private static boolean isOfClients(Path file) {
        return file.toString().endsWith(".json")
                && (file.getFileName().toString().startsWith("client-")
                        || file.getParent().endsWith("bad"));
    }

    /** One of the samples, as it is. */
    public byte[] sample() {
        return samples.get(random.nextInt(samples.size()));
    }

    /** A sample with some changes. */
    public byte[] next() {
        return mutate(sample());
    }

    /** Changes bytes in up to three places. */
    public byte[] mutate(byte[] original) {
        byte[] bytes = original.clone();
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = SPICE[random.nextInt(SPICE.length)];
                case 2 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 3 -> bytes = join(bytes, at, bytes, Math.min(bytes.length, at + 1 + random.nextInt(4)));
                case 4 -> bytes = join(bytes, at, bytes, Math.max(0, at - random.nextInt(20)));
                default -> {
                    byte[] other = sample();
                    bytes = join(bytes, at, other, other.length == 0 ? 0 : random.nextInt(other.length));
                }
            }
        }
        return bytes;
    }

    /** The head of one array, and the tail of another from an index. */
    private static byte[] join(byte[] head, int to, byte[] tail, int start) {
        return Buffer.buffer()
                .appendBytes(head, 0, to)
                .appendBytes(tail, start, tail.length - start)
                .getBytes();
    }
}
