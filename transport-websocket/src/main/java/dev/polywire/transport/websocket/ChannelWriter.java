package dev.polywire.transport.websocket;

import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.ChannelOutput;
import dev.polywire.spi.http.NettyChannels;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages of a batch past Vert.x, finished and together. Vert.x goes on to write what is no message (pongs, the close
 * frame), so that order holds.
 */
final class ChannelWriter implements MessageWriter {
    /** What Netty calls it, after a class of its own. */
    private static final String DEFLATER =
            "io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateEncoder";

    private final ChannelOutput output;
    private final ChannelHandlerContext handler;
    private final TextFormat format;

    private ChannelWriter(ChannelOutput output, ChannelHandlerContext handler, TextFormat format) {
        this.output = output;
        this.handler = handler;
        this.format = format;
    }

    /** Finds the way to the channel of an upgraded connection; null when this Vert.x has none, or a pipeline that is not known. */
    static @Nullable ChannelWriter of(HttpConnection upgraded) {
        ChannelHandlerContext http = NettyChannels.of(upgraded);
        // The upgrade has put a new handler in the place of the one that served HTTP.
        ChannelHandlerContext context =
                http == null ? null : http.channel().pipeline().context("handler");
        if (context == null) {
            return null;
        }
        ChannelHandlerContext encoder = context.pipeline().context(WebSocketFrameEncoder.class);
        if (encoder == null) {
            return null;
        }
        // An offer alone would not tell, for it may have been declined.
        boolean deflates = context.pipeline().context(DEFLATER) != null;
        NettyChannels.forgetUpgrade(context);
        // A handler that closes idle connections must see what is written; otherwise the encoder's place is near enough
        // to the
        // head, and saves each write the way through handlers that would let it pass.
        ChannelHandlerContext entrance = context.pipeline().get(IdleStateHandler.class) == null ? encoder : context;
        return new ChannelWriter(
                new ChannelOutput(entrance), context, deflates ? TextFormat.DEFLATED : TextFormat.PLAIN);
    }

    @Override
    public WireFormat format() {
        return format;
    }

    @Override
    public Future<Void> write(Batch batch) {
        return output.write(batch.joined(TextFormat.LAYOUT));
    }

    @Override
    public boolean isWritable() {
        return output.isWritable();
    }

    @Override
    public void flush() {
        handler.flush();
    }

    @Override
    public void ignore() {
        Deafness.begin(handler.pipeline());
    }

    @Override
    public void cut() {
        handler.close();
    }
}
