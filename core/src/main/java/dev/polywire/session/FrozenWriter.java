package dev.polywire.session;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.Position;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes what {@link FrozenReader} reads: lengths before contents, so that any bytes can be in them. */
final class FrozenWriter {
    private final Buffer out = Buffer.buffer(512);

    FrozenWriter number(long value) {
        out.appendLong(value);
        return this;
    }

    FrozenWriter flag(boolean value) {
        out.appendByte((byte) (value ? 1 : 0));
        return this;
    }

    FrozenWriter bytes(byte[] value) {
        out.appendInt(value.length).appendBytes(value);
        return this;
    }

    FrozenWriter text(@Nullable String value) {
        if (value == null) {
            out.appendInt(-1);
            return this;
        }
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    FrozenWriter payload(@Nullable Payload value) {
        if (value == null) {
            out.appendInt(-1);
            return this;
        }
        return bytes(value.bytes());
    }

    FrozenWriter position(@Nullable Position value) {
        text(value == null ? null : value.epoch());
        return value == null ? this : number(value.offset());
    }

    <T> FrozenWriter list(@Nullable Collection<T> items, Consumer<T> each) {
        out.appendInt(items == null ? -1 : items.size());
        if (items != null) {
            items.forEach(each);
        }
        return this;
    }

    Buffer buffer() {
        return out;
    }
}
