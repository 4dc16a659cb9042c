package dev.polywire.transport.websocket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes text messages, several with one flush.
 *
 * <p>Vert.x would flush each message by itself and copy it twice, for it takes text as a String. So the bytes go to the channel
 * directly, shared with every other connection; where there is no way to it, Vert.x writes them.
 */
final class TextWriter {
    private final ServerWebSocket socket;
    private final @Nullable ChannelHandlerContext channel;

    /**
     * Creates a writer.
     *
     * @param socket the socket
     * @param channel the context of its handler, or null
     */
    TextWriter(ServerWebSocket socket, @Nullable ChannelHandlerContext channel) {
        this.socket = socket;
        this.channel = channel;
    }

    /**
     * Writes messages in order.
     *
     * @param messages at least one
     * @return completes when the last one was handed to the operating system
     */
    Future<Void> write(List<Buffer> messages) {
        return channel == null ? byVertx(messages) : byChannel(channel, messages);
    }

    /**
     * Tells whether the channel takes more.
     *
     * @return false when the peer does not read as fast as it is written to
     */
    boolean isWritable() {
        return channel == null
                ? socket.isClosed() || !socket.writeQueueFull()
                : channel.channel().isWritable();
    }

    /** Flushes what Vert.x keeps until it has read on. */
    void flush() {
        if (channel != null) {
            channel.flush();
        }
    }

    /** Closes at once, whatever is unwritten: a close frame would wait behind it. */
    void cut() {
        if (channel != null) {
            channel.close();
        }
    }

    private static Future<Void> byChannel(ChannelHandlerContext channel, List<Buffer> messages) {
        Promise<Void> written = Promise.promise();
        int last = messages.size() - 1;
        for (int i = 0; i < last; i++) {
            channel.write(frame(messages.get(i)));
        }
        channel.writeAndFlush(frame(messages.get(last))).addListener(done -> {
            if (done.isSuccess()) {
                written.complete();
            } else {
                written.fail(done.cause());
            }
        });
        return written.future();
    }

    // A slice that a release does not touch, with a reader index of its own.
    private static TextWebSocketFrame frame(Buffer message) {
        return new TextWebSocketFrame(((BufferInternal) message).getByteBuf());
    }

    private Future<Void> byVertx(List<Buffer> messages) {
        Future<Void> last = Future.succeededFuture();
        for (Buffer message : messages) {
            last = socket.writeTextMessage(message.toString(StandardCharsets.UTF_8));
        }
        return last;
    }
}
