package dev.polywire.channel;

import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.WireFormat;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A frame and its bytes, made once per wire format and shared by every session that it goes to. Safe for all threads.
 *
 * <p>It is encoded when first asked for: a session on its way from one wire to another holds frames, not bytes of the wire it left.
 */
public final class Encoded {
    private final ServerFrame frame;
    private final Codec codec;
    private @Nullable Buffer json;
    private @Nullable WireFormat format0;
    private @Nullable Buffer bytes0;
    private @Nullable WireFormat format1;
    private @Nullable Buffer bytes1;

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
    public synchronized Buffer json() {
        Buffer made = json;
        if (made == null) {
            made = codec.encode(frame);
            json = made;
        }
        return made;
    }

    /**
     * Returns its bytes on a kind of wire. Three kinds share what is cached; a fourth at the same time is made anew.
     *
     * @param format the kind of wire
     * @return shared, not to be changed
     */
    public synchronized Buffer bytes(WireFormat format) {
        Buffer raw = json();
        if (format == WireFormat.JSON) {
            return raw;
        }
        if (format == format0 && bytes0 != null) {
            return bytes0;
        }
        if (format == format1 && bytes1 != null) {
            return bytes1;
        }
        Buffer made = format.frame(raw);
        if (format0 == null) {
            format0 = format;
            bytes0 = made;
        } else if (format1 == null) {
            format1 = format;
            bytes1 = made;
        }
        return made;
    }

    /**
     * Returns what one copy in an outbox is charged: the full size, though the bytes are shared (rule 19).
     *
     * @return bytes, with a little for bookkeeping
     */
    public int size() {
        return json().length() + 64;
    }
}
