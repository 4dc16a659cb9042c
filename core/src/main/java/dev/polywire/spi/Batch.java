package dev.polywire.spi;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames that are due on one connection, in order and in its format.
 *
 * @param frames the bytes of each frame; shared with other connections, so not to be changed
 * @param holdable true when nothing in it is worth an answer by itself: a waiting poll keeps it until more comes or its time is up
 * @param last true when the connection ends with it ({@code bye})
 * @param cursors for bare reads the cursor after each frame; null on a session's connection
 */
public record Batch(
        List<Buffer> frames,
        boolean holdable,
        boolean last,
        @Nullable List<String> cursors) {

    /** Copies nothing: both lists belong to the batch from here on. */
    public Batch {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("A batch has at least one frame.");
        }
        if (cursors != null && cursors.size() != frames.size()) {
            throw new IllegalArgumentException("A bare batch has one cursor per frame.");
        }
    }

    /**
     * Adds up the frames' bytes.
     *
     * @return without what the transport writes between them
     */
    public int bytes() {
        int sum = 0;
        for (Buffer frame : frames) {
            sum += frame.length();
        }
        return sum;
    }
}
