package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.spi.http.ChannelOutput;
import dev.polywire.testing.CapturedLog;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.List;

/** Listens, while a server is attacked, for what must not be in its log: warnings, exceptions, and buffers that nobody released. */
final class Judge implements AutoCloseable {
    private static final String DETECTOR = "io.netty.util.ResourceLeakDetector";

    private final ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
    private final CapturedLog log;

    Judge() {
        // What others have lost before is theirs.
        collect();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        log = CapturedLog.of(DETECTOR);
    }

    /** Fails when something was logged that should not. */
    void satisfied(String as) {
        collect();
        assertThat(bad()).as(() -> as + "\n" + excerpt()).isEmpty();
    }

    /** Tells whether nothing was logged yet that should not have been. */
    boolean content() {
        return bad().isEmpty();
    }

    private List<String> bad() {
        return log.lines("").stream()
                .filter(line -> line.contains("ERROR")
                        || line.contains("WARN")
                        || line.contains("Exception")
                        || line.contains("LEAK"))
                .toList();
    }

    /** What stands around the first complaint, which for a lost buffer says where it was last seen. */
    private String excerpt() {
        List<String> all = log.lines("");
        int first = 0;
        while (first < all.size() && !all.get(first).matches(".*(ERROR|WARN|Exception|LEAK).*")) {
            first++;
        }
        return String.join("\n", all.subList(first, Math.min(all.size(), first + 80)));
    }

    /** Loses a buffer on purpose, and waits for the complaint: without it, silence would prove nothing. */
    void notDeaf() {
        lose();
        Await.until("the loss to be noticed", Duration.ofSeconds(20), () -> {
            collect();
            return !log.lines("LEAK").isEmpty();
        });
    }

    private static void lose() {
        ChannelOutput.allocate(16).writeByte(1);
    }

    /** The detector learns of a loss when the garbage is collected, and tells it when the next buffer is made. */
    private static void collect() {
        System.gc();
        for (int i = 0; i < 100; i++) {
            ChannelOutput.allocate(16).release();
        }
    }

    @Override
    public void close() {
        log.close();
        ResourceLeakDetector.setLevel(before);
    }
}
