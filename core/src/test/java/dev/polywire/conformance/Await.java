package dev.polywire.conformance;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits for conditions, with a deadline and a sentence about what did not happen. */
public final class Await {
    /** How long anything that has to happen may take, when not said otherwise. */
    public static final Duration DEADLINE = Duration.ofSeconds(10);

    private static volatile Duration deadline = DEADLINE;

    private Await() {}

    /**
     * Sets the deadline; the test of the kit itself awaits much that never happens.
     *
     * @param value how long anything that has to happen may take
     */
    public static void deadline(Duration value) {
        deadline = value;
    }

    /**
     * Returns the deadline.
     *
     * @return {@link #DEADLINE}, if not said otherwise
     */
    public static Duration deadline() {
        return deadline;
    }

    /**
     * Waits until a condition holds.
     *
     * @param what what is awaited, for the message
     * @param condition the condition; called by this thread
     */
    public static void until(String what, BooleanSupplier condition) {
        until(what, deadline, condition);
    }

    /**
     * Waits until a condition holds.
     *
     * @param what what is awaited, for the message
     * @param limit how long at most
     * @param condition the condition; called by this thread
     */
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        value(what, limit, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
    }

    /**
     * Waits until there is a value.
     *
     * @param what what is awaited, for the message
     * @param limit how long at most
     * @param supplier gives null for as long as there is none; called by this thread
     * @param <T> the kind of value
     * @return the value
     */
    public static <T> T value(String what, Duration limit, Supplier<@Nullable T> supplier) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            T value = supplier.get();
            if (value != null) {
                return value;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("Not within " + limit.toMillis() + " ms: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /**
     * Waits for a future.
     *
     * @param what what is awaited, for the message
     * @param future the future
     * @param <T> its result
     * @return its result
     */
    public static <T> T get(String what, Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(what + " failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("Not within " + deadline.toMillis() + " ms: " + what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }
}
