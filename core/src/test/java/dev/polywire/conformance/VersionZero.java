package dev.polywire.conformance;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * A made-up older protocol version, in which {@code event} was called {@code name}: what a translation looks like.
 *
 * @param current the codec of the present version
 */
public record VersionZero(Codec current) implements Codec {

    @Override
    public ClientFrame decode(Buffer bytes) {
        return current.decode(renamed(bytes, "name", "event"));
    }

    @Override
    public Head scan(Buffer bytes) {
        return current.scan(bytes);
    }

    @Override
    public List<Buffer> split(Buffer body) {
        return current.split(body);
    }

    @Override
    public Buffer encode(ServerFrame frame) {
        return renamed(current.encode(frame), "event", "name");
    }

    private static Buffer renamed(Buffer bytes, String from, String to) {
        JsonObject json = new JsonObject(bytes);
        Object value = json.remove(from);
        return (value == null ? json : json.put(to, value)).toBuffer();
    }
}
