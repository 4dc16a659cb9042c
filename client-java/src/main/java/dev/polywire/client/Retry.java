package dev.polywire.client;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The next attempt to connect, while it is waited for: at most one. */
final class Retry {
    private final Place place;
    private final Consumer<String> open;
    private @Nullable Runnable cancel;

    Retry(Place place, Consumer<String> open) {
        this.place = place;
        this.open = open;
    }

    /** Plans an attempt, instead of one that was planned. */
    void plan(String wire, long delay) {
        cancel();
        cancel = place.later(delay, () -> {
            cancel = null;
            open.accept(wire);
        });
    }

    boolean waiting() {
        return cancel != null;
    }

    void cancel() {
        if (cancel != null) {
            cancel.run();
        }
        cancel = null;
    }
}
