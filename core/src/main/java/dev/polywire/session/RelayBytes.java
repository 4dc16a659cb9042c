package dev.polywire.session;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fields one behind the other, each of variable length with its length before it. What does not fit is an {@link IllegalArgumentException}. */
final class RelayBytes {
    private static final int ABSENT = -1;

    private RelayBytes() {}

    /** Writes fields. */
    static final class Out {
        private final Buffer bytes = Buffer.buffer(512);

        Out(int version, int kind) {
            bytes.appendByte((byte) version).appendByte((byte) kind);
        }

        Out number(long value) {
            bytes.appendLong(value);
            return this;
        }

        Out flag(boolean value) {
            bytes.appendByte((byte) (value ? 1 : 0));
            return this;
        }

        Out text(@Nullable String value) {
            return value == null ? absent() : bytes(Buffer.buffer(value));
        }

        Out bytes(Buffer value) {
            bytes.appendInt(value.length()).appendBuffer(value);
            return this;
        }

        Out all(List<Buffer> values) {
            bytes.appendInt(values.size());
            values.forEach(this::bytes);
            return this;
        }

        private Out absent() {
            bytes.appendInt(ABSENT);
            return this;
        }

        Buffer whole() {
            return bytes;
        }
    }

    /** Reads fields. */
    static final class In {
        private final Buffer bytes;
        private int at;

        In(Buffer bytes) {
            this.bytes = bytes;
        }

        private int next(int length) {
            if (length < 0 || length > bytes.length() - at) {
                throw new IllegalArgumentException("cut off");
            }
            int from = at;
            at += length;
            return from;
        }

        int octet() {
            return bytes.getByte(next(1));
        }

        long number() {
            return bytes.getLong(next(8));
        }

        boolean flag() {
            return octet() != 0;
        }

        @Nullable
        String perhaps() {
            int length = bytes.getInt(next(4));
            if (length == ABSENT) {
                return null;
            }
            int from = next(length);
            return bytes.getString(from, from + length, StandardCharsets.UTF_8.name());
        }

        String text() {
            String value = perhaps();
            if (value == null) {
                throw new IllegalArgumentException("a field is missing");
            }
            return value;
        }

        Buffer bytes() {
            int length = bytes.getInt(next(4));
            int from = next(length);
            return bytes.getBuffer(from, from + length);
        }

        List<Buffer> all() {
            int count = bytes.getInt(next(4));
            // Each has at least its length.
            if (count < 0 || count > (bytes.length() - at) / 4) {
                throw new IllegalArgumentException("cut off");
            }
            List<Buffer> values = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                values.add(bytes());
            }
            return values;
        }

        /** Nothing may be left over. */
        void end() {
            if (at != bytes.length()) {
                throw new IllegalArgumentException("too long");
            }
        }
    }
}
