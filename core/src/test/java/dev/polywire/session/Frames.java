package dev.polywire.session;

import dev.polywire.channel.Encoded;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Frames of a wanted size, without JSON: what the outbox and the simulation need is who a frame is and how large. */
final class Frames {
    private static final Buffer[] BYTES = new Buffer[2048];

    static {
        for (int i = 0; i < BYTES.length; i++) {
            BYTES[i] = Buffer.buffer(new byte[i]);
        }
    }

    /** Encodes a message in as many bytes as its {@code attempt} says, and everything else in 40. */
    static final Codec CODEC = new Codec() {
        @Override
        public Buffer encode(ServerFrame frame) {
            return BYTES[frame instanceof ServerFrame.Message message ? message.attempt() : 40];
        }

        @Override
        public ClientFrame decode(Buffer bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Head scan(Buffer bytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Buffer> split(Buffer body) {
            throw new UnsupportedOperationException();
        }
    };

    private Frames() {}

    /**
     * Makes a channel's message.
     *
     * @param channel null when it is to the session alone
     * @param key for {@code latest}
     * @param serial what tells it from all others; goes as its timestamp
     * @param offset 0 when not stored
     * @param size what the outbox charges for it, at least 64
     */
    static Encoded message(@Nullable String channel, @Nullable String key, long serial, long offset, int size) {
        return encoded(new ServerFrame.Message(
                channel, null, Payload.NULL, serial, offset, null, key, null, null, null, size - 64));
    }

    /** Makes an answer to nobody. */
    static Encoded direct(long serial, int size) {
        return message(null, null, serial, 0, size);
    }

    /** Wraps a frame. */
    static Encoded encoded(ServerFrame frame) {
        return new Encoded(frame, CODEC);
    }

    /** Returns a message's serial number. */
    static long serial(Encoded frame) {
        return ((ServerFrame.Message) frame.frame()).timestamp();
    }
}
