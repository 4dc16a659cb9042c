package dev.polywire.transport.websocket;

import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.ChannelOutput;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import java.util.zip.Deflater;

/** A JSON frame as the bytes of one whole text message of a server (RFC 6455, section 5.2: final, not masked). */
final class TextFormat implements WireFormat {
    /** As it is. */
    static final TextFormat PLAIN = new TextFormat(false);

    /**
     * Compressed by itself (RFC 7692), where that pays. Each message begins with an empty window, which a peer can read whatever was
     * agreed on keeping the window: so the bytes are the same for all of them, and are compressed once.
     */
    static final TextFormat DEFLATED = new TextFormat(true);

    /** Lays the messages of a batch out in one buffer. */
    static final Batch.Layout LAYOUT = TextFormat::join;

    private static final int FINAL_TEXT = 0x81;
    private static final int COMPRESSED = 0x40;

    /** Smaller messages hardly shrink. */
    private static final int WORTH = 200;

    /** What a flushed block of deflate ends with, and RFC 7692 leaves out. */
    private static final int TAIL = 4;

    private final boolean deflates;

    private TextFormat(boolean deflates) {
        this.deflates = deflates;
    }

    @Override
    public Buffer frame(Buffer json) {
        if (deflates && json.length() >= WORTH) {
            byte[] small = new byte[json.length()];
            int length = deflate(json.getBytes(), small);
            if (length > 0) {
                return header(FINAL_TEXT | COMPRESSED, length).appendBytes(small, 0, length);
            }
        }
        return header(FINAL_TEXT, json.length()).appendBuffer(json);
    }

    private static Buffer header(int first, int length) {
        Buffer header = Buffer.buffer(length + 10).appendUnsignedByte((short) first);
        if (length <= 125) {
            header.appendUnsignedByte((short) length);
        } else if (length <= 0xffff) {
            header.appendUnsignedByte((short) 126).appendUnsignedShort(length);
        } else {
            header.appendUnsignedByte((short) 127).appendLong(length);
        }
        return header;
    }

    /** Returns the length of what was compressed, or 0 when it did not become smaller. */
    private static int deflate(byte[] json, byte[] small) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try {
            deflater.setInput(json);
            int length = deflater.deflate(small, 0, small.length, Deflater.SYNC_FLUSH);
            return length < small.length ? length - TAIL : 0;
        } finally {
            deflater.end();
        }
    }

    private static ByteBuf join(Batch batch) {
        ByteBuf joined = ChannelOutput.allocate(batch.bytes());
        for (Buffer frame : batch.frames()) {
            ChannelOutput.copy(frame, joined);
        }
        return joined;
    }
}
