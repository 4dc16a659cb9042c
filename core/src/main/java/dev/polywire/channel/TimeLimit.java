package dev.polywire.channel;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/** How long an answer from the broker or the presence store is waited for, which may be far away and may hang. Safe for all threads. */
public final class TimeLimit {
    /** When trying again makes sense, milliseconds. */
    private static final long LATER = 1_000;

    private final long millis;
    private final Timers timers;

    /** Runs something later. */
    public interface Timers {
        /**
         * Sets a timer. Called on any thread.
         *
         * @param millis from now
         * @param task run once, on any thread
         * @return cancels it, on any thread; it may have run all the same
         */
        Runnable after(long millis, Runnable task);
    }

    /**
     * Creates a limit.
     *
     * @param millis how long is waited
     * @param timers tells when it is over
     */
    public TimeLimit(long millis, Timers timers) {
        this.millis = millis;
        this.timers = timers;
    }

    /** Returns the answer, or {@code unavailable} when that does not come in time; what comes afterwards is dropped. */
    <T extends @Nullable Object> Future<T> of(Future<T> answer) {
        if (answer.isComplete()) {
            return answer;
        }
        Promise<T> promise = Promise.promise();
        Runnable cancel = timers.after(
                millis,
                () -> promise.tryFail(new ProtocolException(
                        ErrorCode.UNAVAILABLE, "The server's broker does not answer.", null, LATER)));
        answer.onComplete(result -> {
            cancel.run();
            if (result.succeeded()) {
                promise.tryComplete(result.result());
            } else {
                promise.tryFail(result.cause());
            }
        });
        return promise.future();
    }
}
