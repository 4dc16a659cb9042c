package dev.polywire.spi;

import io.vertx.core.buffer.Buffer;

/** How one frame's JSON becomes bytes on a kind of wire. Bytes are made once per (message, format) and shared by all connections. */
public interface WireFormat {

    /** The bare JSON: a WebSocket message, or an element of a poll's array. */
    WireFormat JSON = json -> json;

    /**
     * Frames one message.
     *
     * @param json the encoded frame, on one line; not to be changed
     * @return the bytes as they go onto the wire; never changed afterwards
     */
    Buffer frame(Buffer json);
}
