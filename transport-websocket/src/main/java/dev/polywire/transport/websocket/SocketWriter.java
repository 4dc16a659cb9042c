package dev.polywire.transport.websocket;

import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;

/** Writes through the public interface of Vert.x: a String, a copy and a flush for each message, but on any Vert.x. */
final class SocketWriter implements MessageWriter {
    private final ServerWebSocket socket;

    SocketWriter(ServerWebSocket socket) {
        this.socket = socket;
    }

    @Override
    public WireFormat format() {
        return WireFormat.JSON;
    }

    @Override
    public Future<Void> write(Batch batch) {
        Future<Void> last = Future.succeededFuture();
        for (Buffer message : batch.frames()) {
            last = socket.writeTextMessage(message.toString(StandardCharsets.UTF_8));
        }
        return last;
    }

    @Override
    public boolean isWritable() {
        return socket.isClosed() || !socket.writeQueueFull();
    }

    @Override
    public void flush() {
        // Vert.x does it when it sees fit.
    }

    @Override
    public void ignore() {
        // What comes is dropped, if later.
    }

    @Override
    public void cut() {
        // There is nothing harder than close, which was called before.
    }
}
