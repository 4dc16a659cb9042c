package dev.polywire.examples.notifications;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Does what concerns one person one step after the other, so that devices hear of changes in the order in which they were made. */
final class Turns {
    /** Steps that may wait at a time, whosever they are. */
    static final int MOST = 10_000;

    private final Map<String, Future<?>> last = new ConcurrentHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();

    <T> Future<T> next(String user, Supplier<Future<T>> step) {
        if (waiting.incrementAndGet() > MOST) {
            waiting.decrementAndGet();
            return Future.failedFuture("There is too much to do.");
        }
        Promise<T> done = Promise.promise();
        Future<T> mine = done.future();
        Future<?> before = last.put(user, mine);
        mine.onComplete(over -> {
            waiting.decrementAndGet();
            last.remove(user, mine);
        });
        if (before == null) {
            run(step, done);
        } else {
            before.onComplete(over -> run(step, done));
        }
        return mine;
    }

    private static <T> void run(Supplier<Future<T>> step, Promise<T> done) {
        try {
            step.get().onComplete(done);
        } catch (RuntimeException e) {
            done.fail(e);
        }
    }
}
