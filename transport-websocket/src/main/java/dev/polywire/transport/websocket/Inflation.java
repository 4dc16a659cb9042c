package dev.polywire.transport.websocket;

import dev.polywire.RealtimeOptions;
import dev.polywire.spi.http.NettyChannels;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.compression.DecompressionException;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionDecoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.DeflateFrameServerExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.WebSocketServerCompressionHandler;
import io.vertx.core.http.HttpConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what a compressed message may become. Vert.x inflates a fragment whole before anyone can ask for its length, and knows no
 * bound for that: 64 KB become 64 MB. Its inflater gives way to one of the same kind that stops at the largest frame.
 */
final class Inflation {
    private static final int LEVEL = 6;
    private static final int WINDOW = PerMessageDeflateServerExtensionHandshaker.MAX_WINDOW_SIZE;

    /** Netty's own, which agree on nothing but what is compressed by Netty's own. */
    private static final Set<Class<?>> OWN =
            Set.of(WebSocketServerExtensionHandler.class, WebSocketServerCompressionHandler.class);

    private Inflation() {}

    /**
     * Takes the offer of compression back, before the upgrade, when it is not wanted, or when what would inflate may be something that
     * {@link #bound} does not know. A host's server makes that offer unless told otherwise.
     *
     * @param http where the upgrade was asked for
     * @param wanted whether messages may be compressed
     */
    static void offer(ChannelHandlerContext http, boolean wanted) {
        ChannelHandler offers = http.pipeline().get(WebSocketServerExtensionHandler.class);
        if (offers != null && !(wanted && OWN.contains(offers.getClass()))) {
            http.pipeline().remove(offers);
        }
    }

    /**
     * Puts bounds where there are none, in the turn of the upgrade, before anything was read.
     *
     * @param upgraded what has just become a WebSocket
     * @param options say how large a message may be, and whether it may be compressed
     * @return false when it inflates, or may inflate, by something that is out of reach or not known, and so must not go on
     */
    static boolean bound(HttpConnection upgraded, RealtimeOptions options) {
        ChannelHandlerContext http = NettyChannels.of(upgraded);
        if (http == null) {
            // Without compression, RealtimeOptions.applyTo keeps a server from agreeing on it.
            return !options.compression();
        }
        int limit = options.session().frame();
        ChannelPipeline pipeline = http.channel().pipeline();
        List<ChannelHandler> inflaters = new ArrayList<>(1);
        pipeline.forEach(entry -> {
            if (entry.getValue() instanceof WebSocketExtensionDecoder) {
                inflaters.add(entry.getValue());
            }
        });
        for (ChannelHandler inflater : inflaters) {
            ChannelHandler bounded = like(inflater, limit);
            if (bounded == null) {
                return false;
            }
            pipeline.replace(inflater, null, bounded);
        }
        return true;
    }

    /**
     * Tells whether a message was larger than may be.
     *
     * @param cause what went wrong while reading
     * @return false also for what was no compression at all
     */
    static boolean exceeded(Throwable cause) {
        return cause instanceof DecompressionException && !(cause.getCause() instanceof DataFormatException);
    }

    // The classes are Netty's own; the handshakers are the way to them, with a bound.
    private static @Nullable ChannelHandler like(ChannelHandler inflater, int limit) {
        // One more, so that what is a little too large is told from what is just large enough.
        int bound = limit + 1;
        // Without a context of its own the peer's messages make sense to one that keeps it, too.
        ChannelHandler whole = made(
                new PerMessageDeflateServerExtensionHandshaker(LEVEL, false, WINDOW, false, false, bound),
                "permessage-deflate",
                inflater);
        return whole != null
                ? whole
                : made(new DeflateFrameServerExtensionHandshaker(LEVEL, bound), "deflate-frame", inflater);
    }

    private static @Nullable ChannelHandler made(
            WebSocketServerExtensionHandshaker by, String name, ChannelHandler like) {
        WebSocketServerExtension extension = by.handshakeExtension(new WebSocketExtensionData(name, Map.of()));
        ChannelHandler made = extension == null ? null : extension.newExtensionDecoder();
        return made == null || made.getClass() != like.getClass() ? null : made;
    }
}
