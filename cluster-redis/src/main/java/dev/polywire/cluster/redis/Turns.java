package dev.polywire.cluster.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Lets calls about one thing take effect in the order in which they are made, also when one of them has to be sent twice. On the context. */
final class Turns {
    private final Context context;
    private final int most;
    private final Map<Object, Future<?>> last = new HashMap<>();
    private int waiting;

    /** Creates one in which no more than so many calls wait. */
    Turns(Context context, int most) {
        this.context = context;
        this.most = most;
    }

    /** Makes a call when the one before, about the same, has ended. */
    <T> Future<T> take(Object key, Supplier<Future<T>> call) {
        Future<?> before = last.get(key);
        Future<T> mine;
        if (before == null) {
            mine = call.get();
        } else if (waiting >= most) {
            return Future.failedFuture(new Away("Too many calls wait.", false));
        } else {
            waiting++;
            Promise<T> promise = Promise.promise();
            // A step of its own, lest many calls that fail at once are so many frames on the stack.
            before.onComplete(done -> context.runOnContext(v -> {
                waiting--;
                call.get().onComplete(promise);
            }));
            mine = promise.future();
        }
        if (!mine.isComplete()) {
            last.put(key, mine);
            mine.onComplete(done -> last.remove(key, mine));
        }
        return mine;
    }
}
