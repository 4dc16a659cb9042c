package dev.polywire.client;

import io.vertx.core.Closeable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A context of Vert.x. */
final class VertxPlace implements Place {
    private final Vertx vertx;
    private final ContextInternal context;
    /** What ends with the caller's verticle, or with Vert.x. */
    private final CloseFuture owner;

    private @Nullable Closeable hook;

    /** Takes the caller's context, or, when that is no event loop's, one of its own. */
    VertxPlace(Vertx vertx) {
        this.vertx = vertx;
        ContextInternal here = ((ContextInternal) vertx.getOrCreateContext()).unwrap();
        // On a worker, and on a virtual thread that waits in a callback, frames could overtake each other.
        owner = here.closeFuture();
        context = here.isEventLoopContext() ? here : ((VertxInternal) vertx).createEventLoopContext();
    }

    /** Runs something when the caller's verticle is undeployed, or Vert.x is closed, which waits for it. */
    void live(Supplier<Future<Void>> end) {
        Closeable mine = done -> end.get().onComplete(done);
        hook = mine;
        if (!owner.add(mine)) {
            mine.close(Promise.promise());
        }
    }

    /** It has ended by itself. */
    void leave() {
        if (hook != null) {
            owner.remove(hook);
        }
    }

    @Override
    public long now() {
        return System.nanoTime() / 1_000_000;
    }

    @Override
    public long wall() {
        return System.currentTimeMillis();
    }

    @Override
    public Runnable later(long millis, Runnable run) {
        long timer = vertx.setTimer(Math.max(1, millis), due -> context.emit(nothing -> run.run()));
        return () -> vertx.cancelTimer(timer);
    }

    @Override
    public double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    @Override
    public void run(Runnable run) {
        context.emit(nothing -> run.run());
    }

    @Override
    public void soon(Runnable run) {
        context.runOnContext(nothing -> run.run());
    }

    @Override
    public <T> Promise<T> promise() {
        return context.promise();
    }
}
