package dev.polywire.session;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads what {@link FrozenWriter} wrote. What is no such thing fails with an {@link IllegalArgumentException}, and takes no more memory than it has bytes. */
final class FrozenReader {
    private final Buffer in;
    private int at;

    FrozenReader(Buffer in) {
        this.in = in;
    }

    private int take(int length) {
        if (length < 0 || length > in.length() - at) {
            throw new IllegalArgumentException("A frozen session is cut short at byte " + at + ".");
        }
        int from = at;
        at += length;
        return from;
    }

    long number() {
        return in.getLong(take(8));
    }

    int smallNumber() {
        return Math.toIntExact(number());
    }

    boolean flag() {
        return in.getByte(take(1)) != 0;
    }

    private int length() {
        return in.getInt(take(4));
    }

    byte @Nullable [] bytesOrNull() {
        int length = length();
        if (length == -1) {
            return null;
        }
        int from = take(length);
        return in.getBytes(from, from + length);
    }

    byte[] bytes() {
        return need(bytesOrNull());
    }

    @Nullable
    String textOrNull() {
        byte[] bytes = bytesOrNull();
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    String text() {
        return need(textOrNull());
    }

    @Nullable
    Payload payloadOrNull() {
        byte[] bytes = bytesOrNull();
        return bytes == null ? null : Payload.ofTrusted(bytes);
    }

    Payload payload() {
        return need(payloadOrNull());
    }

    @Nullable
    Position positionOrNull() {
        String epoch = textOrNull();
        return epoch == null ? null : new Position(epoch, number());
    }

    <T> @Nullable List<T> listOrNull(Supplier<T> each) {
        int size = length();
        if (size == -1) {
            return null;
        }
        // Every item has a byte at the least.
        if (size < 0 || size > in.length() - at) {
            throw new IllegalArgumentException("A frozen session has an impossible list at byte " + at + ".");
        }
        List<T> items = new ArrayList<>(Math.min(size, 1024));
        for (int i = 0; i < size; i++) {
            items.add(each.get());
        }
        return items;
    }

    <T> List<T> list(Supplier<T> each) {
        return need(listOrNull(each));
    }

    private <T> T need(@Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("A frozen session lacks something before byte " + at + ".");
        }
        return value;
    }

    /** Fails when something follows. */
    void end() {
        if (at != in.length()) {
            throw new IllegalArgumentException("A frozen session goes on after its end.");
        }
    }
}
