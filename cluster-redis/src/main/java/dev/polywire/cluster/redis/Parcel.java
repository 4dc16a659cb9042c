package dev.polywire.cluster.redis;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame.Message;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A message as it lies in Redis: all of it but its channel and offset, which Redis knows.
 *
 * @param message the frame
 * @param except the session that is not to get it, or null
 */
record Parcel(Message message, @Nullable String except) {
    private static final byte VERSION = 1;

    Buffer encode() {
        byte[] payload = message.payload().bytes();
        Buffer to = Buffer.buffer(payload.length + 96);
        to.appendByte(VERSION).appendLong(message.timestamp()).appendInt(message.attempt());
        Long sentAt = message.sentAt();
        to.appendByte((byte) (sentAt == null ? 0 : 1)).appendLong(sentAt == null ? 0 : sentAt);
        text(to, message.event());
        text(to, message.user());
        text(to, message.key());
        text(to, message.traceId());
        text(to, message.confirm());
        text(to, except);
        return to.appendBytes(payload);
    }

    private static void text(Buffer to, @Nullable String text) {
        if (text == null) {
            to.appendInt(-1);
        } else {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            to.appendInt(bytes.length).appendBytes(bytes);
        }
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws IllegalArgumentException when it is something else: others may write to the same Redis
     */
    static Parcel decode(String channel, Buffer from, int start, long offset) {
        try {
            return new Reader(from, start).read(channel, offset);
        } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw new IllegalArgumentException("That is no message.", e);
        }
    }

    private static final class Reader {
        private final Buffer from;
        private int at;

        Reader(Buffer from, int at) {
            this.from = from;
            this.at = at;
        }

        Parcel read(String channel, long offset) {
            if (from.getByte(at) != VERSION) {
                throw new IllegalArgumentException("That is no message of this version.");
            }
            long timestamp = from.getLong(at + 1);
            int attempt = from.getInt(at + 9);
            Long sentAt = from.getByte(at + 13) == 0 ? null : from.getLong(at + 14);
            at += 22;
            String event = text();
            String user = text();
            String key = text();
            String traceId = text();
            String confirm = text();
            String except = text();
            Payload payload = Payload.ofTrusted(from.getBytes(at, from.length()));
            return new Parcel(
                    new Message(
                            channel, event, payload, timestamp, offset, user, key, sentAt, traceId, confirm, attempt),
                    except);
        }

        private @Nullable String text() {
            int length = from.getInt(at);
            at += 4;
            if (length < 0) {
                return null;
            }
            byte[] bytes = from.getBytes(at, at + length);
            at += length;
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
