package dev.polywire.transport.websocket;

import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.ChannelOutput;
import dev.polywire.spi.http.NettyChannels;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the messages of a batch past Vert.x, finished and together. Vert.x goes on to write what is no message (pongs, the close
 * frame), so that order holds.
 */
final class ChannelWriter implements MessageWriter {
    private final ChannelOutput output;
    private final TextFormat format;

    private ChannelWriter(ChannelOutput output, TextFormat format) {
        this.output = output;
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
        boolean encodes = false;
        boolean deflates = false;
        for (Map.Entry<String, ChannelHandler> entry : context.pipeline()) {
            ChannelHandler handler = entry.getValue();
            encodes |= handler instanceof WebSocketFrameEncoder;
            // The class is Netty's own; an offer alone would not tell, for it may have been declined.
            deflates |= handler.getClass().getSimpleName().equals("PerMessageDeflateEncoder");
        }
        if (encodes) {
            NettyChannels.forgetUpgrade(context);
        }
        return encodes
                ? new ChannelWriter(new ChannelOutput(context), deflates ? TextFormat.DEFLATED : TextFormat.PLAIN)
                : null;
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
        output.flush();
    }

    @Override
    public void cut() {
        output.cut();
    }
}
