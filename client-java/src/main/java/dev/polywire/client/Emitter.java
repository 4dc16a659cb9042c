package dev.polywire.client;

import io.vertx.core.Handler;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Calls listeners; one that throws disturbs neither the others nor the protocol. Listeners may be added from any thread. */
final class Emitter<T> {
    private final List<Handler<? super T>> listeners = new CopyOnWriteArrayList<>();
    private final Consumer<Throwable> thrown;

    /**
     * @param thrown gets what listeners throw
     */
    Emitter(Consumer<Throwable> thrown) {
        this.thrown = thrown;
    }

    /** Adds a listener; what is returned removes it again. */
    Runnable on(Handler<? super T> listener) {
        // The same handler may be added twice, and is then two.
        Handler<T> mine = listener::handle;
        listeners.add(mine);
        return () -> listeners.remove(mine);
    }

    boolean heard() {
        return !listeners.isEmpty();
    }

    /** Calls the listeners; false if one of them threw. */
    boolean emit(T what) {
        boolean fine = true;
        for (Handler<? super T> listener : listeners) {
            try {
                listener.handle(what);
            } catch (Throwable failed) {
                fine = false;
                thrown.accept(failed);
            }
        }
        return fine;
    }
}
