package dev.polywire.transport.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Closes a connection whose peer did not wait for the answer to its handshake, as RFC 6455 (section 4.1) tells it to. What had been read
 * too much by the decoder of HTTP is passed on as bare bytes, behind the one of WebSocket; Vert.x would keep them for good.
 */
final class EarlyBytes extends ChannelInboundHandlerAdapter {
    private EarlyBytes() {}

    /** Begins to look, before the upgrade and until what was read with it has been dealt with. */
    static void refuse(ChannelHandlerContext http) {
        http.pipeline().addBefore(http.name(), null, new EarlyBytes());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf bytes) {
            bytes.release();
            context.close();
        } else {
            context.fireChannelRead(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        context.pipeline().remove(this);
    }
}
