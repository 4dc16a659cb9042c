package dev.polywire.transport.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Closes a connection whose peer did not wait for the answer to its handshake, as RFC 6455 (section 4.1) tells it to. What was read too
 * much comes while the upgrade is under way, as bytes or as frames, to a handler of Vert.x that is of no use for either and would
 * keep them for good.
 */
final class EarlyBytes extends ChannelInboundHandlerAdapter {
    private boolean upgraded;
    private boolean refused;

    private EarlyBytes() {}

    /** Begins to look, before the upgrade. */
    static EarlyBytes watch(ChannelHandlerContext http) {
        EarlyBytes early = new EarlyBytes();
        http.pipeline().addBefore(http.name(), null, early);
        return early;
    }

    /** Lets frames pass from now on: somebody is there for them. */
    void upgraded() {
        upgraded = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof ByteBuf || !upgraded && message instanceof WebSocketFrame) {
            ReferenceCountUtil.release(message);
            refused = true;
        } else {
            context.fireChannelRead(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        if (upgraded) {
            if (refused) {
                context.close();
            }
            context.pipeline().remove(this);
        }
    }
}
