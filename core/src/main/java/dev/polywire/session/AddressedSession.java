package dev.polywire.session;

import dev.polywire.channel.Encoded;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A session as the application speaks to it, from any thread. */
abstract class AddressedSession extends KnownSession {
    private final Engine engine;
    private boolean leaving;

    AddressedSession(Engine engine, EventLoop loop, Opening opening) {
        super(engine, loop, opening);
        this.engine = engine;
    }

    abstract void enqueue(Encoded frame);

    abstract boolean over();

    abstract Asks asks();

    /** Tells once that it may be given away. On the loop. */
    boolean leaving() {
        boolean first = !leaving && !over();
        leaving = true;
        return first;
    }

    @Override
    public Future<Void> send(String event, Object payload) {
        try {
            return send(new Encoded(engine.directMessage(event, payload), codec()));
        } catch (ProtocolException e) {
            return Future.failedFuture(e);
        }
    }

    /** Queues an encoded message from any thread. */
    Future<Void> send(Encoded message) {
        Promise<Void> promise = Promise.promise();
        loop().run(() -> {
            enqueue(message.codec() == codec() ? message : new Encoded(message.frame(), codec()));
            if (over()) {
                promise.fail(gone());
            } else {
                promise.complete();
            }
        });
        return promise.future();
    }

    @Override
    public Future<Payload> request(String event, Object payload, Duration timeout) {
        Payload body;
        try {
            body = engine.sized(payload);
        } catch (ProtocolException e) {
            return Future.failedFuture(e);
        }
        Promise<Payload> promise = Promise.promise();
        loop().run(() -> asks().ask(event, body, timeout.toMillis()).onComplete(promise));
        return promise.future();
    }

    static ProtocolException gone() {
        return new ProtocolException(ErrorCode.UNAVAILABLE, "The session has ended.");
    }

    /** Queues an error. */
    void refuse(
            ErrorCode code,
            String message,
            @Nullable String id,
            @Nullable String channel,
            long frame,
            long retryAfter) {
        enqueue(new ServerFrame.Error(code, message, id, channel, frame, retryAfter, null));
    }

    @Override
    public String toString() {
        return "session " + id();
    }
}
