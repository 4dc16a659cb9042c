package dev.polywire.session;

import dev.polywire.channel.Faults;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connection as its session's loop sees it: calls hop to the connection's own context when that is another one, and answers hop back. */
final class Wire {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);

    /** Hears what became of a batch. */
    interface Owner {
        /**
         * A batch was sent.
         *
         * @param wire the wire
         * @param well false when the connection is broken; otherwise there is room for more
         */
        void sent(Wire wire, boolean well);
    }

    private final Connection connection;
    private final ContextInternal context;
    private final EventLoop loop;
    private final String transport;
    private boolean sending;
    private boolean closed;

    Wire(Connection connection, ContextInternal context, EventLoop loop, String transport) {
        this.connection = connection;
        this.context = context;
        this.loop = loop;
        this.transport = transport;
    }

    String transport() {
        return transport;
    }

    WireFormat format() {
        return connection.format();
    }

    boolean streams() {
        return connection.streams();
    }

    /** Tells whether a batch may be sent: there is never more than one on its way. */
    boolean free() {
        return !sending && !closed;
    }

    boolean closed() {
        return closed;
    }

    /** Tells whether the connection runs on the session's own loop, so that nothing hops. */
    boolean near() {
        return context.nettyEventLoop() == loop.context().nettyEventLoop();
    }

    /** Sends a batch of this wire's own, and tells its owner when there is room for more; perhaps at once. */
    void send(Batch batch, Owner owner) {
        sending = true;
        if (context.inThread()) {
            hand(batch, owner);
        } else {
            context.runOnContext(nothing -> hand(batch, owner));
        }
    }

    private void hand(Batch batch, Owner owner) {
        Future<Void> sent;
        try {
            sent = give(batch);
        } finally {
            batch.release();
        }
        if (sent.isComplete() && loop.inLoop()) {
            sending = false;
            owner.sent(this, sent.succeeded());
        } else {
            await(sent, owner);
        }
    }

    /** Sends a batch that goes to others, too, and belongs to the caller; only when the wire is {@link #near}. */
    void share(Batch batch, Owner owner) {
        Future<Void> sent = give(batch);
        if (sent.isComplete()) {
            owner.sent(this, sent.succeeded());
        } else {
            sending = true;
            await(sent, owner);
        }
    }

    private void await(Future<Void> sent, Owner owner) {
        sent.onComplete(result -> loop.run(() -> {
            sending = false;
            owner.sent(this, result.succeeded());
        }));
    }

    private Future<Void> give(Batch batch) {
        ContextInternal before = context.beginDispatch();
        try {
            return connection.send(batch);
        } catch (Throwable e) {
            Faults.contain(e);
            LOG.warn("A connection failed to send transport={}", transport, e);
            // What it has sent of the batch nobody knows, so nothing may follow.
            connection.close(CloseReason.OUT_OF_STEP);
            return Future.failedFuture(e);
        } finally {
            context.endDispatch(before);
        }
    }

    /** Closes at once. */
    void close(CloseReason reason) {
        if (!closed) {
            closed = true;
            on(() -> connection.close(reason));
        }
    }

    /** Says {@code bye} when there is room for it, and closes. */
    void close(CloseReason reason, Batch bye) {
        if (closed) {
            return;
        }
        if (sending) {
            close(reason);
            return;
        }
        closed = true;
        on(() -> {
            try {
                if (connection.writable()) {
                    connection.send(bye);
                }
            } finally {
                bye.release();
                connection.close(reason);
            }
        });
    }

    private void on(Runnable task) {
        if (context.inThread()) {
            context.dispatch(task);
        } else {
            context.runOnContext(nothing -> task.run());
        }
    }
}
