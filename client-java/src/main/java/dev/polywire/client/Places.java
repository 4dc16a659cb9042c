package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/** Brings calls of an application to a client's {@link Place}, and their outcomes back as futures. */
final class Places {
    private Places() {}

    /** Runs something there; what it throws is a failed future. */
    static <T> Future<T> call(Place place, Supplier<Future<T>> what) {
        Promise<T> promise = place.promise();
        place.run(() -> {
            try {
                what.get().onComplete(promise);
            } catch (RuntimeException thrown) {
                promise.fail(thrown);
            }
        });
        return promise.future();
    }
}
