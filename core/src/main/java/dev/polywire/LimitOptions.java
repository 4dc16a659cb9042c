package dev.polywire;

import io.vertx.core.json.JsonObject;

/** What all clients of this node together may use; {@link SessionOptions} says what one session may. */
public final class LimitOptions {
    /** The most sessions on this node, when not said otherwise. */
    public static final int DEFAULT_SESSIONS = 100_000;

    /** The most bare reads at a time on this node, when not said otherwise. */
    public static final int DEFAULT_BARE_READERS = 10_000;

    /** The most bytes that the outboxes of all sessions on this node keep, when not said otherwise. */
    public static final long DEFAULT_OUTBOX_MEMORY = 256L * 1024 * 1024;

    private static final OptionTable OPTIONS = new OptionTable("limit options");
    private static final Option<Integer> SESSIONS = OPTIONS.number("sessions", DEFAULT_SESSIONS, 1, 10_000_000);
    private static final Option<Integer> BARE_READERS =
            OPTIONS.number("bareReaders", DEFAULT_BARE_READERS, 0, 10_000_000);
    private static final Option<Long> OUTBOX_MEMORY =
            OPTIONS.bytes("outboxMemory", DEFAULT_OUTBOX_MEMORY, 1024, 1L << 50);

    private final OptionValues values;

    /** Creates the defaults. */
    public LimitOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public LimitOptions(LimitOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public LimitOptions(JsonObject json) {
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
     * Sets the most sessions on this node.
     *
     * @param value 1 to 10,000,000
     * @return this
     */
    public LimitOptions sessions(int value) {
        values.set(SESSIONS, value);
        return this;
    }

    /** {@return the most sessions on this node} */
    public int sessions() {
        return values.get(SESSIONS);
    }

    /**
     * Sets the most bare reads at a time on this node.
     *
     * @param value 0 to 10,000,000
     * @return this
     */
    public LimitOptions bareReaders(int value) {
        values.set(BARE_READERS, value);
        return this;
    }

    /** {@return the most bare reads at a time on this node} */
    public int bareReaders() {
        return values.get(BARE_READERS);
    }

    /**
     * Sets the most bytes that the outboxes of all sessions on this node keep, a frame that several share counted once.
     *
     * @param value 1024 to 2^50
     * @return this
     */
    public LimitOptions outboxMemory(long value) {
        values.set(OUTBOX_MEMORY, value);
        return this;
    }

    /** {@return the most bytes that the outboxes of all sessions on this node keep} */
    public long outboxMemory() {
        return values.get(OUTBOX_MEMORY);
    }
}
