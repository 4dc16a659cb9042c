package dev.polywire;

import dev.polywire.spi.http.NettyChannels;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections of HTTP/2 that carry no request: new ones whose first request does not come, and those that are done with theirs for
 * longer than a client keeps them. What has a request open is left alone.
 *
 * <p>Vert.x tells of such a connection with its first settings only. Until then it is held to the idle timeout of the server, which is
 * taken away from connections of either kind as soon as they are known.
 *
 * <p>For one event loop, whose thread makes all calls.
 */
final class RequestStreams {
    private final LongSupplier clock;
    private final long first;
    private final long next;
    private final boolean patient;
    private final Map<HttpConnection, Streams> known = new HashMap<>();
    // In the order in which they began to wait, so that a look at the oldest is enough.
    private final Set<Streams> fresh = new LinkedHashSet<>();
    private final Set<Streams> kept = new LinkedHashSet<>();

    /**
     * Creates one that watches nothing yet.
     *
     * @param clock monotonic milliseconds
     * @param first how long the first request may take, milliseconds
     * @param next how long a connection may be without one afterwards, milliseconds
     * @param http the server's options; gets an idle timeout when it speaks TLS and has none of its own
     */
    RequestStreams(LongSupplier clock, long first, long next, HttpServerOptions http) {
        this.clock = clock;
        this.first = first;
        this.next = next;
        this.patient = http.isSsl()
                && http.getIdleTimeout() == 0
                && http.getReadIdleTimeout() == 0
                && http.getWriteIdleTimeout() == 0;
        if (patient) {
            // Longer than any wire is silent, in case that it cannot be taken away again.
            http.setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                    .setIdleTimeout((int) Math.min(Integer.MAX_VALUE, Math.max(first, next) + 1000));
        }
    }

    /** Begins to watch a connection; not one of HTTP/1.1, nor one whose channel is out of reach. */
    void watch(HttpConnection connection) {
        ChannelHandlerContext http = NettyChannels.of(connection);
        if (http == null) {
            return;
        }
        if (patient && http.pipeline().get(IdleStateHandler.class) != null) {
            http.pipeline().remove(IdleStateHandler.class);
        }
        if (connection.protocolVersion() == HttpVersion.HTTP_2) {
            Streams streams = new Streams(http);
            known.put(connection, streams);
            streams.waits(fresh);
            http.channel().closeFuture().addListener(closed -> {
                known.remove(connection);
                streams.waitsNot();
            });
        }
    }

    /** Counts a request for as long as it is open, and passes it on. */
    void count(RoutingContext context) {
        Streams streams = context.request().version() == HttpVersion.HTTP_2
                ? known.get(context.request().connection())
                : null;
        if (streams != null) {
            streams.open++;
            streams.waitsNot();
            context.addEndHandler(end -> streams.ended());
        }
        context.next();
    }

    /** Closes what has waited for too long; to be called now and then. */
    void sweep() {
        sweep(fresh, clock.getAsLong() - first);
        sweep(kept, clock.getAsLong() - next);
    }

    private static void sweep(Set<Streams> waiting, long latest) {
        while (!waiting.isEmpty()) {
            Streams oldest = waiting.iterator().next();
            if (oldest.since > latest) {
                return;
            }
            waiting.remove(oldest);
            oldest.http.close();
        }
    }

    /** One connection's requests under way. */
    private final class Streams {
        private final ChannelHandlerContext http;
        private @Nullable Set<Streams> place;
        private long since;
        private int open;

        Streams(ChannelHandlerContext http) {
            this.http = http;
        }

        private void waits(Set<Streams> where) {
            since = clock.getAsLong();
            place = where;
            where.add(this);
        }

        private void waitsNot() {
            Set<Streams> where = place;
            if (where != null) {
                where.remove(this);
                place = null;
            }
        }

        private void ended() {
            if (--open == 0 && http.channel().isActive()) {
                waits(kept);
            }
        }
    }
}
