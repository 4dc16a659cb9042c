package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** When a node takes nobody new in because it has enough to do with those who are there. */
public final class OverloadOptions {
    /** How full the heap may be after a garbage collection, percent, when not said otherwise. */
    public static final int DEFAULT_HEAP_PERCENT = 90;

    /** How late the timers of an event loop may be, when not said otherwise. */
    public static final Duration DEFAULT_LAG = Duration.ofMillis(1000);

    private static final OptionTable OPTIONS = new OptionTable("overload options");
    private static final Option<Integer> HEAP_PERCENT = OPTIONS.number("heapPercent", DEFAULT_HEAP_PERCENT, 0, 100);
    private static final Option<Duration> LAG = OPTIONS.millis("lagMs", DEFAULT_LAG, 0, 60_000);

    private final OptionValues values;

    /** Creates the defaults. */
    public OverloadOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public OverloadOptions(OverloadOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public OverloadOptions(JsonObject json) {
        values = new OptionValues(OPTIONS, json);
    }

    /**
     * Returns all options.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return values.toJson();
    }

    /**
     * Sets how full the heap may be after a garbage collection.
     *
     * @param value 0 to 100, percent of the largest heap; 0 is not to look at it
     * @return this
     */
    public OverloadOptions heapPercent(int value) {
        values.set(HEAP_PERCENT, value);
        return this;
    }

    /** {@return how full the heap may be after a garbage collection} */
    public int heapPercent() {
        return values.get(HEAP_PERCENT);
    }

    /**
     * Sets how late the timers of an event loop may be, on average over about a second.
     *
     * @param value at most a minute; zero is not to look at it
     * @return this
     */
    public OverloadOptions lag(Duration value) {
        values.set(LAG, value);
        return this;
    }

    /** {@return how late the timers of an event loop may be, on average over about a second} */
    public Duration lag() {
        return values.get(LAG);
    }
}
