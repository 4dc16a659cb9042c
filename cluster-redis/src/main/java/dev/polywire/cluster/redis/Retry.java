package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Makes a call again while Redis does not answer, because somebody must know what came of it. Its script tells by a name whether it was done before. */
final class Retry {
    /** How long it waits before the second try, milliseconds; then twice as long each time. */
    private static final long FIRST = 100;

    private static final long MOST = 1_000;

    private final Vertx vertx;
    private final Commands commands;
    private final BooleanSupplier over;

    /**
     * Creates it.
     *
     * @param over whether this node has stopped, after which nothing is tried again
     */
    Retry(Vertx vertx, Commands commands, BooleanSupplier over) {
        this.vertx = vertx;
        this.commands = commands;
        this.over = over;
    }

    /**
     * Makes a call until Redis answers.
     *
     * @param millis after how long it is not made again
     * @param sure whether it ends when Redis has certainly not got it, too
     * @return what was answered; fails with {@link Away} when nothing was, and with what Redis refused
     */
    <T> Future<T> until(long millis, boolean sure, Supplier<Future<T>> call) {
        return attempt(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), FIRST, sure, call);
    }

    private <T> Future<T> attempt(long deadline, long wait, boolean sure, Supplier<Future<T>> call) {
        return call.get().recover(error -> {
            boolean none = sure && error instanceof Away away && !away.sent();
            if (!(error instanceof Away) || none || over.getAsBoolean() || System.nanoTime() - deadline > 0) {
                return Future.failedFuture(error);
            }
            Promise<T> promise = Promise.promise();
            // What was sent once may have been done: from now on only an answer ends it.
            vertx.setTimer(
                    wait,
                    id -> commands.context()
                            .runOnContext(v -> attempt(deadline, Math.min(MOST, 2 * wait), false, call)
                                    .onComplete(promise)));
            return promise.future();
        });
    }
}
