package dev.polywire.channel;

import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.WireFormat;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A frame and its bytes, made once per wire format and shared by every session that it goes to. Safe for all threads, and free of
 * locks once the bytes are made: each delivery reads them.
 *
 * <p>It is encoded when first asked for: a session on its way from one wire to another holds frames, not bytes of the wire it left.
 */
public final class Encoded {
    /** What a copy is charged beyond its bytes. */
    private static final int BOOKKEEPING = 64;

    /** As many kinds of wire share what is cached; another one at the same time is made anew. */
    private static final int CACHED = 4;

    private final ServerFrame frame;
    private final Codec codec;
    private volatile @Nullable Buffer json;
    private volatile @Nullable Form forms;
    private int size;
    /** The last count that met it. */
    private int round;

    /** The bytes for one kind of wire, and those for others. */
    private record Form(
            WireFormat format, Buffer bytes, @Nullable Form next) {}

    /**
     * Wraps a frame.
     *
     * @param frame the frame
     * @param codec encodes it
     */
    public Encoded(ServerFrame frame, Codec codec) {
        this.frame = frame;
        this.codec = codec;
    }

    /**
     * Returns the frame.
     *
     * @return never null
     */
    public ServerFrame frame() {
        return frame;
    }

    /**
     * Returns what encodes it.
     *
     * @return the codec of one protocol version
     */
    public Codec codec() {
        return codec;
    }

    /**
     * Returns its JSON.
     *
     * @return shared, not to be changed
     */
    public Buffer json() {
        Buffer made = json;
        return made == null ? encode() : made;
    }

    private synchronized Buffer encode() {
        Buffer made = json;
        if (made == null) {
            made = codec.encode(frame);
            json = made;
        }
        return made;
    }

    /**
     * Returns its bytes on a kind of wire.
     *
     * @param format the kind of wire
     * @return shared, not to be changed
     */
    public Buffer bytes(WireFormat format) {
        if (format == WireFormat.JSON) {
            return json();
        }
        Buffer made = find(format);
        return made == null ? make(format) : made;
    }

    private @Nullable Buffer find(WireFormat format) {
        for (Form form = forms; form != null; form = form.next) {
            if (form.format == format) {
                return form.bytes;
            }
        }
        return null;
    }

    private synchronized Buffer make(WireFormat format) {
        Buffer made = find(format);
        if (made != null) {
            return made;
        }
        made = format.frame(json());
        int cached = 0;
        for (Form form = forms; form != null; form = form.next) {
            cached++;
        }
        if (cached < CACHED) {
            forms = new Form(format, made, forms);
        }
        return made;
    }

    /**
     * Returns what one copy in an outbox is charged: the full size, though the bytes are shared (rule 19).
     *
     * @return bytes, with a little for bookkeeping; always the same
     */
    public int size() {
        int known = size;
        if (known == 0) {
            // Two threads may both find it out; they find the same.
            known = json().length() + BOOKKEEPING;
            size = known;
        }
        return known;
    }

    /**
     * Tells whether a count of what outboxes keep meets it for the first time. Who counts goes from one thread to the next, never
     * on two at a time.
     *
     * @param count the number of the count, which no other one has
     * @return true once for each count
     */
    public boolean first(int count) {
        boolean first = round != count;
        round = count;
        return first;
    }
}
