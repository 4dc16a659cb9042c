package dev.polywire.examples.chat;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** How often each of many may do something: so often at once, then once in a while. Safe to call from any thread. */
final class Pace {
    /** How many are remembered; beyond it those who might begin anew anyway are forgotten. */
    static final int MOST = 10_000;

    private final int burst;
    private final long every;
    private final LongSupplier clock;

    /** For each: the time at which all that was used will have come back. */
    private final Map<String, Long> full = new HashMap<>();

    /**
     * Creates one.
     *
     * @param burst how often at once
     * @param every milliseconds until one more is allowed
     * @param clock monotonic milliseconds
     */
    Pace(int burst, long every, LongSupplier clock) {
        this.burst = burst;
        this.every = every;
        this.clock = clock;
    }

    /**
     * Uses one.
     *
     * @param who of whom it counts
     * @return 0 when allowed; otherwise the milliseconds until it would be, and nothing is used
     */
    synchronized long use(String who) {
        long now = clock.getAsLong();
        long then = Math.max(full.getOrDefault(who, now), now) + every;
        long wait = then - now - burst * every;
        if (wait > 0) {
            return wait;
        }
        full.put(who, then);
        if (full.size() > MOST) {
            full.values().removeIf(time -> time <= now);
            if (full.size() > MOST) {
                full.keySet().remove(full.keySet().iterator().next());
            }
        }
        return 0;
    }
}
