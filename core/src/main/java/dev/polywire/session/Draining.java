package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Gives all sessions of a node away, a few at a time: those who come back must not come all at once. */
final class Draining {
    /** The shortest time between two sessions would be none; so many are given together instead, milliseconds. */
    private static final long SLICE = 20;

    private Draining() {}

    /**
     * Gives sessions away evenly over a time, in no order.
     *
     * @param time by when the last one is given
     * @return completes when all are written, or could not be
     */
    static Future<Void> drain(Vertx vertx, Engine engine, Moves moves, Duration time) {
        List<LiveSession> all = new ArrayList<>(engine.registry().all());
        Collections.shuffle(all);
        List<Future<Void>> given = new ArrayList<>(all.size());
        long slices = Math.max(1, time.toMillis() / SLICE);
        for (int i = 0; i < all.size(); i++) {
            LiveSession session = all.get(i);
            long at = i * slices / all.size() * SLICE;
            Promise<Void> promise = Promise.promise();
            // A poll or a stream, connected or not: it waits in the ledger, and whichever node the client reaches takes
            // it.
            Runnable give =
                    () -> moves.owned().give(session, null, CloseReason.RENEW).onComplete(promise);
            if (at == 0) {
                give.run();
            } else {
                vertx.setTimer(at, timer -> give.run());
            }
            given.add(promise.future().otherwiseEmpty());
        }
        // Who came in while those that were there were being counted.
        return Future.join(given).transform(done -> {
            List<Future<Void>> rest = new ArrayList<>();
            for (LiveSession late : engine.registry().all()) {
                rest.add(moves.owned().give(late, null, CloseReason.RENEW).otherwiseEmpty());
            }
            return Future.join(rest).<Void>mapEmpty();
        });
    }
}
