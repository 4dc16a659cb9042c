package dev.polywire.spi.http;

import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Netty channel beneath a request, for what Vert.x has no word for: cutting off a peer that stopped reading.
 *
 * <p>Every close of Vert.x waits behind the bytes that are already queued. A peer that never reads would keep its
 * connection, and those bytes, for as long as it likes.
 */
public final class NettyChannels {
    private static final Logger LOG = LoggerFactory.getLogger(NettyChannels.class);

    // The method is public but its package is not exported: on the module path it needs
    // --add-exports io.vertx.core/io.vertx.core.http.impl.http1=dev.polywire.
    private static final ClassValue<List<Method>> CONTEXT_OF = new ClassValue<>() {
        @Override
        protected List<Method> computeValue(Class<?> type) {
            try {
                return List.of(type.getMethod("channelHandlerContext"));
            } catch (ReflectiveOperationException | SecurityException missing) {
                LOG.info("No way to the channel of " + type.getName(), missing);
                return List.of();
            }
        }
    };

    /** What made a connection's handler, and with it holds the HTTP connection and the request that were before an upgrade. */
    private static final ClassValue<List<Field>> MAKER_OF = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            try {
                Field maker = type.getDeclaredField("connectionFactory");
                maker.setAccessible(true);
                return List.of(maker);
            } catch (ReflectiveOperationException | RuntimeException hidden) {
                LOG.info("What " + type.getName() + " keeps of an upgrade cannot be let go of", hidden);
                return List.of();
            }
        }
    };

    private NettyChannels() {}

    /**
     * Finds the context of a connection's handler.
     *
     * @param connection an HTTP connection of Vert.x
     * @return null when there is no way to it
     */
    public static @Nullable ChannelHandlerContext of(HttpConnection connection) {
        for (Method method : CONTEXT_OF.get(connection.getClass())) {
            try {
                return (ChannelHandlerContext) method.invoke(connection);
            } catch (ReflectiveOperationException hidden) {
                LOG.debug("The channel is hidden", hidden);
            }
        }
        return null;
    }

    /**
     * Lets go of the HTTP connection that a WebSocket was before its upgrade: half of the memory of an idle one. The handler keeps,
     * for good, the function by which it was made and which it never calls again.
     *
     * @param upgraded the context of the WebSocket's handler
     */
    public static void forgetUpgrade(ChannelHandlerContext upgraded) {
        for (Field maker : MAKER_OF.get(upgraded.handler().getClass())) {
            try {
                maker.set(upgraded.handler(), null);
            } catch (ReflectiveOperationException | RuntimeException refused) {
                LOG.debug("The handler keeps its maker", refused);
            }
        }
    }

    /**
     * Ends a request's stream at once, whatever is still unwritten.
     *
     * @param request the request; the other streams of an HTTP/2 connection go on
     */
    public static void cut(HttpServerRequest request) {
        cut(request.version(), request.connection(), request.response());
    }

    static void cut(HttpVersion version, HttpConnection connection, HttpServerResponse response) {
        if (version != HttpVersion.HTTP_1_0 && version != HttpVersion.HTTP_1_1) {
            response.reset();
            return;
        }
        ChannelHandlerContext channel = of(connection);
        if (channel == null) {
            connection.close();
        } else {
            channel.close();
        }
    }
}
