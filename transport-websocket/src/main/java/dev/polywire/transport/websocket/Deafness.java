package dev.polywire.transport.websocket;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameDecoder;

/**
 * Drops what a peer goes on to send after it was told that this is over, before it is inflated or answered; only its close frame is
 * heard, so that the closing handshake takes its course.
 */
final class Deafness extends ChannelInboundHandlerAdapter {
    private Deafness() {}

    /** Stops listening to a WebSocket. */
    static void begin(ChannelPipeline pipeline) {
        ChannelHandlerContext decoder = pipeline.context(WebSocketFrameDecoder.class);
        if (decoder != null && pipeline.get(Deafness.class) == null) {
            pipeline.addAfter(decoder.name(), null, new Deafness());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof WebSocketFrame frame && !(frame instanceof CloseWebSocketFrame)) {
            frame.release();
        } else {
            context.fireChannelRead(message);
        }
    }
}
