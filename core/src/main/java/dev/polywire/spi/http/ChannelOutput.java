package dev.polywire.spi.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.VoidChannelPromise;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/**
 * Writes finished bytes into a connection's pipeline, past what would make bytes of objects there: one write and one flush for a
 * whole batch, from a buffer that all connections with the same frames share. Encoders let bytes pass as they are, and TLS
 * encrypts them. Vert.x does not count them.
 */
public final class ChannelOutput {
    private static final Future<Void> ROOM = Future.succeededFuture();

    private final ChannelHandlerContext context;
    /** Fails in silence: the close that follows a failed write says all there is to say. */
    private final VoidChannelPromise unheard;

    /**
     * Creates an output.
     *
     * @param context where the bytes enter the pipeline, on their way to its head
     */
    public ChannelOutput(ChannelHandlerContext context) {
        this.context = context;
        this.unheard = new VoidChannelPromise(context.channel(), false);
    }

    /**
     * Writes and flushes; on the channel's event loop.
     *
     * @param shared the bytes; the caller keeps its reference
     * @return complete at once while there is room for more; otherwise completes when these bytes have gone out
     */
    public Future<Void> write(ByteBuf shared) {
        if (shared.readableBytes() < context.channel().bytesBeforeUnwritable()) {
            context.write(shared.retainedDuplicate(), unheard);
            context.flush();
            return ROOM;
        }
        ChannelPromise gone = context.newPromise();
        context.writeAndFlush(shared.retainedDuplicate(), gone);
        if (gone.isSuccess()) {
            return ROOM;
        }
        Promise<Void> room = Promise.promise();
        gone.addListener(done -> {
            if (done.isSuccess()) {
                room.complete();
            } else {
                room.fail(done.cause());
            }
        });
        return room.future();
    }

    /**
     * Tells whether the channel takes more.
     *
     * @return false when the peer does not read as fast as it is written to
     */
    public boolean isWritable() {
        return context.channel().isWritable();
    }

    /**
     * Makes a buffer for {@link #write}: direct, because a channel would copy any other for each connection.
     *
     * @param capacity how many bytes it is to take
     * @return a buffer with one reference
     */
    public static ByteBuf allocate(int capacity) {
        return PooledByteBufAllocator.DEFAULT.directBuffer(capacity);
    }

    /**
     * Copies bytes.
     *
     * @param from a buffer that is not changed
     * @param to where they go
     */
    public static void copy(Buffer from, ByteBuf to) {
        ByteBuf bytes = ((BufferInternal) from).unwrap();
        to.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
    }
}
