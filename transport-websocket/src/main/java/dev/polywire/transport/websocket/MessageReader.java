package dev.polywire.transport.websocket;

import dev.polywire.protocol.CloseReason;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import org.jspecify.annotations.Nullable;

/**
 * Puts the frames of text messages together, up to a bound.
 *
 * <p>As bytes: Vert.x hands out text as a String in which bytes that are no UTF-8 have silently become U+FFFD, and the codec
 * could not refuse them any more.
 */
abstract class MessageReader implements Handler<WebSocketFrame> {
    /** A fragment that is smaller is no way to send a message. */
    private static final int TRIFLE = 128;

    private final int limit;
    private @Nullable Buffer partial;

    /**
     * Creates a reader.
     *
     * @param limit the most bytes of a message
     */
    MessageReader(int limit) {
        this.limit = limit;
    }

    /** Takes a whole message. */
    abstract void received(Buffer message);

    /** Called when the peer sends what it must not. */
    abstract void violated(CloseReason reason);

    /** Called for each ping of RFC 6455, which Vert.x has answered. */
    abstract void pinged();

    /** Called for each frame that brings no message on: nobody charges for those. */
    abstract void trifled();

    @Override
    public void handle(WebSocketFrame frame) {
        switch (frame.type()) {
            case TEXT, CONTINUATION -> take(frame.binaryData(), frame.isFinal());
            case BINARY -> violated(CloseReason.UNSUPPORTED_DATA);
            case PING -> {
                trifled();
                pinged();
            }
            case PONG -> trifled();
            default -> {
                // Vert.x answers a close by itself.
            }
        }
    }

    private void take(Buffer bytes, boolean last) {
        Buffer begun = partial;
        int length = bytes.length() + (begun == null ? 0 : begun.length());
        if (length > limit) {
            partial = null;
            violated(CloseReason.TOO_LARGE);
            return;
        }
        if (begun == null && last) {
            received(bytes);
            return;
        }
        if (!last && bytes.length() < TRIFLE) {
            trifled();
        }
        Buffer grown = begun == null ? Buffer.buffer(length) : begun;
        grown.appendBuffer(bytes);
        partial = last ? null : grown;
        if (last) {
            received(grown);
        }
    }
}
