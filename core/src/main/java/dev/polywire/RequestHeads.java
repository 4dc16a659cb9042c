package dev.polywire;

import dev.polywire.spi.http.NettyChannels;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections of HTTP/1.1 that take too long to send the head of a request: Vert.x waits for it without end, byte by byte.
 * A new connection has little time for it, and one that was answered has longer, since its client keeps it for the next request.
 * What has a request under way, and what has become a WebSocket, is left alone.
 *
 * <p>A request that comes before the one in front of it was answered is not taken either, and the connection is closed behind that
 * answer, after which a client may ask again (RFC 9112, section 9.3.2). Vert.x would hold it back, and keep its buffers for good when the peer is
 * gone meanwhile.
 *
 * <p>For one event loop, whose thread makes all calls.
 */
final class RequestHeads {
    private static final String NAME = "polywireRequestHeads";

    private final LongSupplier clock;
    private final long first;
    private final long next;
    // In the order in which they began to wait, so that a look at the oldest is enough.
    private final Set<Watch> fresh = new LinkedHashSet<>();
    private final Set<Watch> kept = new LinkedHashSet<>();

    /**
     * Creates one that watches nothing yet.
     *
     * @param clock monotonic milliseconds
     * @param first how long a new connection may take, milliseconds
     * @param next how long it may take after an answer, milliseconds
     */
    RequestHeads(LongSupplier clock, long first, long next) {
        this.clock = clock;
        this.first = first;
        this.next = next;
    }

    /** Begins to watch a connection; not one of HTTP/2, nor one whose channel is out of reach. */
    void watch(HttpConnection connection) {
        ChannelHandlerContext http = NettyChannels.of(connection);
        if (http == null || http.pipeline().context("httpDecoder") == null) {
            return;
        }
        Watch watch = new Watch();
        http.pipeline().addBefore(http.name(), NAME, watch);
        watch.waits(fresh);
    }

    /** Closes what has waited for too long; to be called now and then. */
    void sweep() {
        sweep(fresh, clock.getAsLong() - first);
        sweep(kept, clock.getAsLong() - next);
    }

    private static void sweep(Set<Watch> waiting, long latest) {
        while (!waiting.isEmpty()) {
            Watch oldest = waiting.iterator().next();
            if (oldest.since > latest) {
                return;
            }
            waiting.remove(oldest);
            oldest.close();
        }
    }

    /** One connection's requests under way. */
    private final class Watch extends ChannelDuplexHandler {
        private @Nullable ChannelHandlerContext context;
        private @Nullable Set<Watch> place;
        private long since;
        private int requests;
        private boolean deaf;

        private void waits(Set<Watch> where) {
            since = clock.getAsLong();
            place = where;
            where.add(this);
        }

        private void waitsNot() {
            Set<Watch> where = place;
            if (where != null) {
                where.remove(this);
                place = null;
            }
        }

        private void close() {
            ChannelHandlerContext mine = context;
            if (mine != null) {
                mine.close();
            }
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            context = ctx;
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            waitsNot();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (deaf || message instanceof HttpRequest && requests > 0) {
                deaf = true;
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof HttpRequest) {
                requests++;
                waitsNot();
            }
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (deaf && message instanceof LastHttpContent && !isInformational(message)) {
                ctx.write(message, promise.unvoid().addListener(ChannelFutureListener.CLOSE));
                return;
            }
            ctx.write(message, promise);
            if (message instanceof HttpResponse response && isInformational(message)) {
                if (response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                    ctx.pipeline().remove(this);
                }
            } else if (message instanceof LastHttpContent && requests > 0 && --requests == 0) {
                waits(kept);
            }
        }

        private static boolean isInformational(Object message) {
            return message instanceof HttpResponse response
                    && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            waitsNot();
            ctx.fireChannelInactive();
        }
    }
}
