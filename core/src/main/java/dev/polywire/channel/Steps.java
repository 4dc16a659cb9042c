package dev.polywire.channel;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Small helps for steps that wait for each other. */
final class Steps {
    private Steps() {}

    /** Brings a result to a loop; at once when it is there already. */
    static <T extends @Nullable Object> Future<T> on(Loop loop, Future<T> step) {
        if (step.isComplete() && loop.inLoop()) {
            // Of no context, so that what follows goes on right here.
            return step.succeeded() ? Future.succeededFuture(step.result()) : Future.failedFuture(step.cause());
        }
        Promise<T> promise = Promise.promise();
        step.onComplete(result -> {
            if (loop.inLoop()) {
                finish(promise, result.succeeded(), result.result(), result.cause());
            } else {
                loop.execute(() -> finish(promise, result.succeeded(), result.result(), result.cause()));
            }
        });
        return promise.future();
    }

    private static <T extends @Nullable Object> void finish(
            Promise<T> promise, boolean succeeded, T result, Throwable cause) {
        if (succeeded) {
            promise.complete(result);
        } else {
            promise.fail(cause);
        }
    }

    /** Goes on after a step that has been brought {@link #on} a loop; without a detour when it is done already. */
    static <T extends @Nullable Object, R extends @Nullable Object> Future<R> then(
            Future<T> step, Function<T, Future<R>> next) {
        if (!step.succeeded()) {
            return step.compose(next);
        }
        try {
            return next.apply(step.result());
        } catch (Throwable e) {
            return Future.failedFuture(e);
        }
    }

    /** Calls somebody's code that returns a future; what it throws becomes a failure. */
    static <T extends @Nullable Object> Future<T> call(Supplier<Future<T>> step) {
        try {
            return step.get();
        } catch (Throwable e) {
            Faults.contain(e);
            return Future.failedFuture(e);
        }
    }
}
