package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** How long the broker may take, and what the one in memory keeps; a broker of a cluster has options of its own for that. */
public final class BrokerOptions {
    /** How long a call may take, when not said otherwise. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    /** How long the id of a publish is remembered, when not said otherwise. */
    public static final Duration DEFAULT_DEDUPE_WINDOW = Duration.ofMinutes(5);

    /** The most publish ids remembered, when not said otherwise. */
    public static final int DEFAULT_DEDUPE_ENTRIES = 1_000_000;

    /** The most channels whose state is kept, when not said otherwise. */
    public static final int DEFAULT_CHANNELS = 100_000;

    /** The most bytes of history of all channels together, when not said otherwise. */
    public static final long DEFAULT_HISTORY_MEMORY = 256L * 1024 * 1024;

    private static final OptionTable OPTIONS = new OptionTable("broker options");
    private static final Option<Duration> TIMEOUT = OPTIONS.millis("timeoutMs", DEFAULT_TIMEOUT, 100, 600_000);
    private static final Option<Duration> DEDUPE_WINDOW =
            OPTIONS.millis("dedupeWindowMs", DEFAULT_DEDUPE_WINDOW, 1000, 3_600_000);
    private static final Option<Integer> DEDUPE_ENTRIES =
            OPTIONS.number("dedupeEntries", DEFAULT_DEDUPE_ENTRIES, 1, 100_000_000);
    private static final Option<Integer> CHANNELS = OPTIONS.number("channels", DEFAULT_CHANNELS, 1, 10_000_000);
    private static final Option<Long> HISTORY_MEMORY =
            OPTIONS.bytes("historyMemory", DEFAULT_HISTORY_MEMORY, 1024, 1L << 50);

    private final OptionValues values;

    /** Creates the defaults. */
    public BrokerOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public BrokerOptions(BrokerOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public BrokerOptions(JsonObject json) {
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
     * Sets how long a call to the broker or to the presence store may take; then it has failed with {@code unavailable}.
     *
     * @param value 100 ms to 600,000 ms
     * @return this
     */
    public BrokerOptions timeout(Duration value) {
        values.set(TIMEOUT, value);
        return this;
    }

    /** {@return how long a call to the broker or to the presence store may take} */
    public Duration timeout() {
        return values.get(TIMEOUT);
    }

    /**
     * Sets how long the id of a publish is remembered.
     *
     * @param value 1000 ms to 3,600,000 ms
     * @return this
     */
    public BrokerOptions dedupeWindow(Duration value) {
        values.set(DEDUPE_WINDOW, value);
        return this;
    }

    /** {@return how long the id of a publish is remembered} */
    public Duration dedupeWindow() {
        return values.get(DEDUPE_WINDOW);
    }

    /**
     * Sets the most publish ids remembered on this node.
     *
     * @param value 1 to 100,000,000
     * @return this
     */
    public BrokerOptions dedupeEntries(int value) {
        values.set(DEDUPE_ENTRIES, value);
        return this;
    }

    /** {@return the most publish ids remembered on this node} */
    public int dedupeEntries() {
        return values.get(DEDUPE_ENTRIES);
    }

    /**
     * Sets of how many channels the state is kept; beyond it one that has no subscribers and was not used for long is forgotten.
     *
     * @param value 1 to 10,000,000
     * @return this
     */
    public BrokerOptions channels(int value) {
        values.set(CHANNELS, value);
        return this;
    }

    /** {@return of how many channels the state is kept} */
    public int channels() {
        return values.get(CHANNELS);
    }

    /**
     * Sets the most bytes of history of all channels together; beyond it the history of one that was not used for long is dropped.
     *
     * @param value 1024 to 2^50
     * @return this
     */
    public BrokerOptions historyMemory(long value) {
        values.set(HISTORY_MEMORY, value);
        return this;
    }

    /** {@return the most bytes of history of all channels together} */
    public long historyMemory() {
        return values.get(HISTORY_MEMORY);
    }
}
