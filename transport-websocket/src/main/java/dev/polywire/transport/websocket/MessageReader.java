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
final class MessageReader implements Handler<WebSocketFrame> {
    private final int limit;
    private final Handler<Buffer> message;
    private final Handler<CloseReason> fault;
    private @Nullable Buffer partial;

    /**
     * Creates a reader.
     *
     * @param limit the most bytes of a message
     * @param message takes each whole message
     * @param fault called when the peer sends what it must not
     */
    MessageReader(int limit, Handler<Buffer> message, Handler<CloseReason> fault) {
        this.limit = limit;
        this.message = message;
        this.fault = fault;
    }

    @Override
    public void handle(WebSocketFrame frame) {
        switch (frame.type()) {
            case TEXT, CONTINUATION -> take(frame.binaryData(), frame.isFinal());
            case BINARY -> fault.handle(CloseReason.UNSUPPORTED_DATA);
            default -> {
                // Vert.x answers a ping and a close by itself.
            }
        }
    }

    private void take(Buffer bytes, boolean last) {
        Buffer begun = partial;
        int length = bytes.length() + (begun == null ? 0 : begun.length());
        if (length > limit) {
            partial = null;
            fault.handle(CloseReason.TOO_LARGE);
            return;
        }
        if (begun == null && last) {
            message.handle(bytes);
            return;
        }
        Buffer grown = begun == null ? Buffer.buffer(length) : begun;
        grown.appendBuffer(bytes);
        partial = last ? null : grown;
        if (last) {
            message.handle(grown);
        }
    }
}
