package dev.polywire.transport.websocket;

import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the messages of one WebSocket. One implementation serves it from its beginning to its end: bytes that are written past
 * Vert.x would overtake those that Vert.x has parked.
 */
interface MessageWriter {

    /**
     * Finds the way to a socket.
     *
     * @param socket the socket
     * @param connection what was upgraded to it
     * @param direct whether to look for a way past Vert.x
     * @return a {@link ChannelWriter} where there is such a way, otherwise a {@link SocketWriter}
     */
    static MessageWriter of(ServerWebSocket socket, HttpConnection connection, boolean direct) {
        MessageWriter writer = direct ? ChannelWriter.of(connection) : null;
        return writer == null ? new SocketWriter(socket) : writer;
    }

    /** Returns what {@link #write} expects its frames to be in. */
    WireFormat format();

    /**
     * Writes messages in order, with one flush if it can.
     *
     * @param batch the messages
     * @return completes when there is room for more
     */
    Future<Void> write(Batch batch);

    /** Writes messages that are no session's: before there is one, or when there is none any more. */
    default void say(Buffer... json) {
        List<Buffer> frames = new ArrayList<>(json.length);
        for (Buffer message : json) {
            frames.add(format().frame(message));
        }
        Batch batch = new Batch(frames, false, false, null);
        write(batch);
        batch.release();
    }

    /**
     * Tells whether the channel takes more.
     *
     * @return false when the peer does not read as fast as it is written to
     */
    boolean isWritable();

    /** Flushes what Vert.x keeps until it has read on. */
    void flush();

    /** Stops listening to a peer that was told that this is over. */
    void ignore();

    /** Closes at once, whatever is unwritten: a close frame would wait behind it. */
    void cut();
}
