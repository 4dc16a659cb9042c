package dev.polywire.transport.sse;

import dev.polywire.spi.Batch;
import dev.polywire.spi.WireFormat;
import dev.polywire.spi.http.ChannelOutput;
import dev.polywire.spi.http.NettyChannels;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The bytes of an event, and of a chunk of events (RFC 9112, section 7.1). */
final class EventFormat {
    /** One frame is one event. */
    static final WireFormat DATA = json -> Buffer.buffer(json.length() + 8)
            .appendString("data: ")
            .appendBuffer(json)
            .appendString("\n\n");

    /** The events of a batch are one chunk. */
    static final Batch.Layout CHUNK = EventFormat::chunk;

    private EventFormat() {}

    private static ByteBuf chunk(Batch batch) {
        int length = batch.bytes();
        ByteBuf chunk = ChannelOutput.allocate(length + 12);
        chunk.writeCharSequence(Integer.toHexString(length), StandardCharsets.US_ASCII);
        ByteBufUtil.writeShortBE(chunk, '\r' << 8 | '\n');
        for (Buffer frame : batch.frames()) {
            ChannelOutput.copy(frame, chunk);
        }
        return ByteBufUtil.writeShortBE(chunk, '\r' << 8 | '\n');
    }

    /** Finds the way past the encoder of HTTP/1.1, whose chunks we make ourselves; null where there is none. */
    static @Nullable ChannelOutput output(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_1_1) {
            return null;
        }
        ChannelHandlerContext http = NettyChannels.of(request.connection());
        ChannelHandlerContext encoder = http == null ? null : http.pipeline().context("httpEncoder");
        return encoder == null ? null : new ChannelOutput(encoder);
    }
}
