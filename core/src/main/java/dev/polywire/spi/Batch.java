package dev.polywire.spi;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames that are due on one connection, in order and in its format. Connections of one event loop to which the same frames are
 * due get the same batch, one after the other.
 */
public final class Batch {
    private final List<Buffer> frames;
    private final boolean holdable;
    private final boolean last;
    private final @Nullable List<String> cursors;
    private @Nullable ByteBuf joined;

    /** How the frames of a batch become the bytes of one write. */
    public interface Layout {
        /**
         * Lays out all frames.
         *
         * @param batch the frames
         * @return a buffer with one reference, which belongs to the batch
         */
        ByteBuf join(Batch batch);
    }

    /**
     * Copies nothing: both lists belong to the batch from here on.
     *
     * @param frames the bytes of each frame, at least one; shared with other connections, so not to be changed
     * @param holdable true when nothing in it is worth an answer by itself: a waiting poll keeps it until more comes or its time is up
     * @param last true when the connection ends with it ({@code bye})
     * @param cursors for bare reads the cursor after each frame; null on a session's connection
     */
    public Batch(List<Buffer> frames, boolean holdable, boolean last, @Nullable List<String> cursors) {
        if (frames.isEmpty()) {
            throw new IllegalArgumentException("A batch has at least one frame.");
        }
        if (cursors != null && cursors.size() != frames.size()) {
            throw new IllegalArgumentException("A bare batch has one cursor per frame.");
        }
        this.frames = frames;
        this.holdable = holdable;
        this.last = last;
        this.cursors = cursors;
    }

    /**
     * Returns the bytes of each frame.
     *
     * @return at least one; not to be changed
     */
    public List<Buffer> frames() {
        return frames;
    }

    /**
     * Tells whether a waiting poll may keep it until more comes or its time is up.
     *
     * @return true when nothing in it is worth an answer by itself
     */
    public boolean holdable() {
        return holdable;
    }

    /**
     * Tells whether the connection ends with it.
     *
     * @return true with a {@code bye}
     */
    public boolean last() {
        return last;
    }

    /**
     * Returns the cursor after each frame.
     *
     * @return null on a session's connection
     */
    public @Nullable List<String> cursors() {
        return cursors;
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

    /**
     * Returns the bytes of one write, laid out by the first connection that asks. Only during {@link Connection#send}: whoever
     * keeps them must retain them, and whoever writes them must write a duplicate.
     *
     * @param layout the same for all connections of one format
     * @return never changed
     */
    public ByteBuf joined(Layout layout) {
        ByteBuf made = joined;
        if (made == null) {
            made = layout.join(this);
            joined = made;
        }
        return made;
    }

    /** Lets go of what {@link #joined} made; called by core after the last {@link Connection#send}. */
    public void release() {
        ByteBuf made = joined;
        if (made != null) {
            joined = null;
            made.release();
        }
    }
}
