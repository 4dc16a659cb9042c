package dev.polywire.client;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Looks for a better wire after a while (R18): at most one look is planned. */
final class Probing {
    private final Place place;
    private final Policy policy;
    private final Supplier<@Nullable Link> current;
    private final Consumer<String> open;
    private @Nullable Runnable cancel;

    /**
     * @param open opens a wire to be looked at, unless another one is being opened
     */
    Probing(Place place, Policy policy, Supplier<@Nullable Link> current, Consumer<String> open) {
        this.place = place;
        this.policy = policy;
        this.current = current;
        this.open = open;
    }

    /** Plans the next look, but not before so many milliseconds; none when the wire in use is the best. */
    void plan(long earliest) {
        cancel();
        Link used = current.get();
        String better = used == null ? null : policy.better(used.name);
        if (better != null) {
            cancel = place.later(earliest + policy.probeDelay(), () -> {
                cancel = null;
                if (current.get() != null) {
                    open.accept(better);
                }
            });
        }
    }

    void cancel() {
        if (cancel != null) {
            cancel.run();
        }
        cancel = null;
    }
}
