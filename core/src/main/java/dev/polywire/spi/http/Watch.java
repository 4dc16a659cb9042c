package dev.polywire.spi.http;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.ContextInternal;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the end of an HTTP/1 connection whose reply is under way. An end handler of the routing context would do as well, but keep all
 * of that context for as long as the reply waits, and there is one to be set up for each poll.
 */
final class Watch implements ChannelFutureListener, Runnable {
    private final ContextInternal context;
    private final ChannelFuture end;
    private volatile @Nullable Runnable gone;

    private Watch(ContextInternal context, ChannelFuture end, Runnable gone) {
        this.context = context;
        this.end = end;
        this.gone = gone;
    }

    /** Begins to wait; null where the channel is shared with other streams, or hidden. */
    static @Nullable Watch of(Vertx vertx, HttpVersion version, HttpConnection connection, Runnable gone) {
        if (version != HttpVersion.HTTP_1_1 && version != HttpVersion.HTTP_1_0) {
            return null;
        }
        ChannelHandlerContext channel = NettyChannels.of(connection);
        if (channel == null) {
            return null;
        }
        ContextInternal context = (ContextInternal) vertx.getOrCreateContext();
        Watch watch = new Watch(context, channel.channel().closeFuture(), gone);
        watch.end.addListener(watch);
        return watch;
    }

    @Override
    public void operationComplete(ChannelFuture ended) {
        // Never at once: it may have ended before whoever waits is ready to hear it.
        context.runOnContext(turn -> {
            Runnable told = gone;
            gone = null;
            if (told != null) {
                told.run();
            }
        });
    }

    /** Ends the waiting. */
    @Override
    public void run() {
        if (gone != null) {
            gone = null;
            end.removeListener(this);
        }
    }
}
