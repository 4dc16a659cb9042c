package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Batch;
import dev.polywire.spi.Connection;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.internal.ContextInternal;

/** A connection as its session's loop sees it: calls hop to the connection's own context when that is another one, and answers hop back. */
final class Wire {
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

    /** Sends a batch; the future completes on the session's loop. */
    Future<Void> send(Batch batch) {
        sending = true;
        Promise<Void> promise = Promise.promise();
        on(() -> connection
                .send(batch)
                .onComplete(sent -> loop.run(() -> {
                    sending = false;
                    promise.handle(sent);
                })));
        return promise.future();
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
            if (connection.writable()) {
                connection.send(bye);
            }
            connection.close(reason);
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
