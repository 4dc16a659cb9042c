package dev.polywire.session;

import dev.polywire.channel.Encoded;
import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one turn of an event loop. Most sessions are owed the same frames as the one before them, so the batch made last
 * is used again where it fits: its bytes are laid out once for all of them. On the loop only.
 */
final class Batches {
    /** A batch ends after this many bytes; what is left goes with the next one, when the wire has room again. */
    static final int LIMIT = 128 * 1024;

    private @Nullable Encoded[] frames = new @Nullable Encoded[64];
    private int count;
    private @Nullable WireFormat format;
    private @Nullable Batch batch;
    private @Nullable Encoded[] scratch = new @Nullable Encoded[64];

    /** Takes what an outbox has for its wire; null when that is nothing. The batch is to be sent at once, and belongs here. */
    @Nullable
    Batch next(Outbox outbox, WireFormat wanted) {
        int taken = 0;
        int bytes = 0;
        for (Encoded frame; bytes < LIMIT && (frame = outbox.take()) != null; ) {
            if (taken == scratch.length) {
                scratch = Arrays.copyOf(scratch, taken * 2);
            }
            scratch[taken++] = frame;
            bytes += frame.size();
        }
        if (taken == 0) {
            return null;
        }
        if (batch == null || format != wanted || !same(taken)) {
            make(taken, wanted);
        }
        return batch;
    }

    private boolean same(int taken) {
        if (taken != count) {
            return false;
        }
        // From the end: batches that differ mostly do so in what came last.
        for (int i = taken - 1; i >= 0; i--) {
            if (frames[i] != scratch[i]) {
                return false;
            }
        }
        return true;
    }

    private void make(int taken, WireFormat wanted) {
        release();
        List<Buffer> buffers = new ArrayList<>(taken);
        for (int i = 0; i < taken; i++) {
            Encoded frame = scratch[i];
            if (frame != null) {
                buffers.add(frame.bytes(wanted));
            }
        }
        batch = new Batch(buffers, false, false, null);
        format = wanted;
        @Nullable Encoded[] before = frames;
        frames = scratch;
        scratch = before;
        if (count > taken) {
            Arrays.fill(scratch, 0, count, null);
        }
        count = taken;
    }

    private void release() {
        if (batch != null) {
            batch.release();
            batch = null;
        }
    }

    /** Ends the turn: nothing is kept for the next one. */
    void end() {
        release();
        if (count > 0) {
            Arrays.fill(frames, null);
            Arrays.fill(scratch, null);
            count = 0;
        }
        format = null;
    }
}
