package dev.polywire.session;

import dev.polywire.EventBusOptions;
import dev.polywire.protocol.Payload;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageCodec;

/**
 * Carries a payload of any kind over the event bus, as its JSON. Senders state it by name: the bus has one selector of codecs,
 * which cannot be read, so to set it would take the host's away.
 */
final class PayloadCodec implements MessageCodec<Object, Object> {
    private PayloadCodec() {}

    /** Registers the codec, unless another engine has. It stays: who has stated it must not depend on which engine closes. */
    static void register(EventBus bus) {
        try {
            bus.registerCodec(new PayloadCodec());
        } catch (IllegalStateException there) {
            // One for each Vert.x is enough.
        }
    }

    @Override
    public String name() {
        return EventBusOptions.PAYLOAD_CODEC;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }

    @Override
    public Object transform(Object body) {
        return Payload.of(body);
    }

    @Override
    public void encodeToWire(Buffer wire, Object body) {
        byte[] json = Payload.of(body).bytes();
        wire.appendInt(json.length).appendBytes(json);
    }

    @Override
    public Object decodeFromWire(int at, Buffer wire) {
        int begin = at + Integer.BYTES;
        return Payload.of(wire.getBuffer(begin, begin + wire.getInt(at)));
    }
}
