package dev.polywire.cluster.redis;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What goes from node to node.
 *
 * @param kind whether it asks, answers or tells
 * @param from the sender's name
 * @param id joins an answer to its question
 * @param body what the engine says
 */
record Mail(Kind kind, String from, long id, Buffer body) {
    enum Kind {
        QUESTION,
        ANSWER,
        WORD
    }

    private static final byte VERSION = 1;

    Buffer encode() {
        byte[] name = from.getBytes(StandardCharsets.US_ASCII);
        return Buffer.buffer(body.length() + name.length + 11)
                .appendByte(VERSION)
                .appendByte((byte) kind.ordinal())
                .appendByte((byte) name.length)
                .appendBytes(name)
                .appendLong(id)
                .appendBuffer(body);
    }

    /** Reads what {@link #encode} wrote; null when it is something else. */
    static @Nullable Mail decode(Buffer bytes) {
        try {
            int kind = bytes.getByte(1);
            int length = bytes.getByte(2);
            if (bytes.getByte(0) != VERSION || kind < 0 || kind >= Kind.values().length || length < 0) {
                return null;
            }
            return new Mail(
                    Kind.values()[kind],
                    new String(bytes.getBytes(3, 3 + length), StandardCharsets.US_ASCII),
                    bytes.getLong(3 + length),
                    bytes.getBuffer(11 + length, bytes.length()));
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }
}
