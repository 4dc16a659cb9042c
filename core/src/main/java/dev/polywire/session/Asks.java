package dev.polywire.session;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the server has asked this client, and is still waiting for. */
final class Asks {
    private final LiveSession session;
    private @Nullable Map<String, Ask> open;
    private long last;

    private record Ask(Promise<Payload> promise, TimerWheel.Timer timer) {}

    Asks(LiveSession session) {
        this.session = session;
    }

    Future<Payload> ask(String event, Payload payload, long timeout) {
        if (session.over()) {
            return Future.failedFuture(LiveSession.gone());
        }
        if (open == null) {
            open = new HashMap<>();
        }
        if (open.size() >= session.engine().options().session().requests()) {
            return Future.failedFuture(
                    new ProtocolException(ErrorCode.UNAVAILABLE, "Too many requests await this client's reply."));
        }
        long bounded = Math.max(
                1,
                Math.min(
                        timeout,
                        session.engine().options().session().requestTimeout().toMillis()));
        String id = "s" + ++last;
        Promise<Payload> promise = Promise.promise();
        TimerWheel.Timer timer = session.loop().after(bounded, () -> {
            if (take(id) != null) {
                promise.fail(new ProtocolException(ErrorCode.TIMEOUT, "The client did not reply in time."));
            }
        });
        open.put(id, new Ask(promise, timer));
        session.enqueue(new ServerFrame.Request(id, event, payload, bounded));
        return promise.future();
    }

    private @Nullable Ask take(String id) {
        return open == null ? null : open.remove(id);
    }

    /** The client has replied; a late reply is ignored. */
    void replied(String id, Payload payload) {
        Ask ask = take(id);
        if (ask != null) {
            ask.timer().cancel();
            ask.promise().complete(payload);
        }
    }

    /** The client has refused. Its code is its own, so it is told in words. */
    void refused(String id, String code, String message) {
        Ask ask = take(id);
        if (ask != null) {
            ask.timer().cancel();
            ask.promise().fail(new ProtocolException(ErrorCode.UNAVAILABLE, code + ": " + message));
        }
    }

    void end() {
        if (open != null) {
            for (Ask ask : new ArrayList<>(open.values())) {
                ask.timer().cancel();
                ask.promise().fail(LiveSession.gone());
            }
            open.clear();
        }
    }
}
