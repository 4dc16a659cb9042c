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
    /** How long anything that has to happen may take. */
    public static final Duration DEADLINE = Duration.ofSeconds(10);

    private Await() {}

    /**
     * Waits until a condition holds.
     *
     * @param what what is awaited, for the message
     * @param condition the condition; called by this thread
     */
    public static void until(String what, BooleanSupplier condition) {
        until(what, DEADLINE, condition);
    }

    /**
     * Waits until a condition holds.
     *
     * @param what what is awaited, for the message
     * @param deadline how long at most
     * @param condition the condition; called by this thread
     */
    public static void until(String what, Duration deadline, BooleanSupplier condition) {
        value(what, deadline, () -> condition.getAsBoolean() ? Boolean.TRUE : null);
    }

    /**
     * Waits until there is a value.
     *
     * @param what what is awaited, for the message
     * @param deadline how long at most
     * @param supplier gives null for as long as there is none; called by this thread
     * @param <T> the kind of value
     * @return the value
     */
    public static <T> T value(String what, Duration deadline, Supplier<@Nullable T> supplier) {
        long end = System.nanoTime() + deadline.toNanos();
        while (true) {
            T value = supplier.get();
            if (value != null) {
                return value;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("Not within " + deadline.toMillis() + " ms: " + what);
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
            return future.toCompletionStage().toCompletableFuture().get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError(what + " failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("Not within " + DEADLINE.toMillis() + " ms: " + what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }
}
