package dev.polywire.spi.http;

import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Connection;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway.Reader;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection that is the reply to one HTTP request: attaching, losing the peer, and closing even if it does not read. */
public abstract class HttpCarrier implements Connection {
    // How long a close may wait for bytes that are already on their way.
    private static final long GRACE_MS = 1000;

    private final Exchange exchange;
    private final Hold hold = new Hold();
    private final Runnable unwatch;
    /** Made for who closes it: most connections are over by themselves. */
    private @Nullable Promise<Void> closed;

    private @Nullable CloseReason closing;

    /**
     * Creates a connection that is not attached.
     *
     * @param exchange the request
     */
    protected HttpCarrier(Exchange exchange) {
        this.exchange = exchange;
        this.unwatch = exchange.onLost(() -> lost(CloseReason.NORMAL));
    }

    /**
     * Attaches to a session; a refusal is answered.
     *
     * @param who the request
     * @param hello the body, empty when the headers say it all
     */
    public final void attach(Handshake who, Buffer hello) {
        Future<Attachment> made = exchange.gateway().attach(who, hello, this);
        if (made.succeeded()) {
            attached(made.result(), null);
        } else {
            made.onComplete(later -> attached(later, null), this::refused);
        }
    }

    /**
     * Begins a bare read; a refusal is answered.
     *
     * @param who the request
     * @param channels what to read
     * @param cursor where to go on, or null
     */
    public final void read(Handshake who, List<String> channels, @Nullable String cursor) {
        String since = exchange.query("since");
        try {
            BareQuery.check(exchange.request().query(), since);
        } catch (Refusal bad) {
            refused(bad);
            return;
        }
        exchange.gateway()
                .read(who, channels, cursor, BareQuery.fromStart(since), this)
                .onComplete((Reader reader) -> attached(reader.attachment(), reader.cursor()), this::refused);
    }

    /**
     * Returns the request.
     *
     * @return never null
     */
    protected final Exchange exchange() {
        return exchange;
    }

    /**
     * Tells whether the peer is there and nobody has closed the connection.
     *
     * @return whether frames still make sense
     */
    protected final boolean isOpen() {
        return closing == null && hold.isOpen();
    }

    /**
     * Notes that the connection is over. Only the first call counts.
     *
     * @param reason why, unless it was being closed for another one
     */
    protected final void lost(CloseReason reason) {
        if (hold.lost(closing == null ? reason : closing)) {
            unwatch.run();
            released();
            if (closed != null) {
                closed.tryComplete();
            }
        }
    }

    @Override
    public final Future<Void> close(CloseReason reason) {
        if (!hold.isOpen()) {
            return Future.succeededFuture();
        }
        Promise<Void> promise = closed;
        if (promise == null) {
            promise = Promise.promise();
            closed = promise;
        }
        if (closing == null) {
            closing = reason;
            Runnable noLonger = exchange.gateway().after(GRACE_MS, exchange::cut);
            finish(reason).onComplete(done -> {
                noLonger.run();
                lost(reason);
            });
        }
        return promise.future();
    }

    /**
     * Called when attached, or when a bare read has begun.
     *
     * @param cursor where a bare read begins, or null
     */
    protected abstract void begun(@Nullable String cursor);

    /**
     * Writes the end of the reply.
     *
     * @param reason why the connection is closed
     * @return completes when it is written
     */
    protected abstract Future<Void> finish(CloseReason reason);

    /** Called once when the connection is over: timers end here. */
    protected abstract void released();

    private void attached(Attachment made, @Nullable String cursor) {
        hold.attached(made);
        if (isOpen()) {
            begun(cursor);
        }
    }

    private void refused(Throwable cause) {
        if (isOpen()) {
            exchange.refuse(cause);
            lost(CloseReason.NORMAL);
        }
    }
}
