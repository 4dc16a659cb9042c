package dev.polywire;

import io.vertx.core.json.JsonObject;

/**
 * Whether several nodes share the limits of users and addresses, and how closely. Without meaning for a single node.
 *
 * <p>Each node lets frames, connections and sessions pass by what it knows, and tells the others afterwards; no frame waits for the store, and a
 * session only where there may be fewer than 40. So all nodes together may let more pass than
 * one would: at most {@link #slicePercent} of a limit per node, once, which is paid back where it is a rate; and what a node sees less than a twentieth of the limit of, it keeps for itself.
 * While the store is away, each node holds to the limits by itself.
 */
public final class SharingOptions {
    /** How much of a limit a node may use before it has heard of the others, percent, when not said otherwise. */
    public static final int DEFAULT_SLICE_PERCENT = 50;

    private static final OptionTable OPTIONS = new OptionTable("sharing options");
    private static final Option<Boolean> ENABLED = OPTIONS.flag("enabled", true);
    private static final Option<Integer> SLICE_PERCENT = OPTIONS.number("slicePercent", DEFAULT_SLICE_PERCENT, 1, 100);

    private final OptionValues values;

    /** Creates the defaults. */
    public SharingOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public SharingOptions(SharingOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public SharingOptions(JsonObject json) {
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
     * Sets whether the limits of users and addresses hold for all nodes together. The same on all nodes.
     *
     * @param value false when each node is to hold to them by itself
     * @return this
     */
    public SharingOptions enabled(boolean value) {
        values.set(ENABLED, value);
        return this;
    }

    /** {@return whether the limits of users and addresses hold for all nodes together} */
    public boolean enabled() {
        return values.get(ENABLED);
    }

    /**
     * Sets how much of a limit a node may use before it has heard what the others use: of what may come at once, which is ten seconds' worth, and of how many there may be at a time. It asks
     * when half of that is used. A smaller slice holds closer to the limit, and a client that uses more than it at once is refused the rest for a moment, although it would be within the limit.
     *
     * @param value 1 to 100, percent
     * @return this
     */
    public SharingOptions slicePercent(int value) {
        values.set(SLICE_PERCENT, value);
        return this;
    }

    /** {@return how much of a limit a node may use before it has heard what the others use, percent} */
    public int slicePercent() {
        return values.get(SLICE_PERCENT);
    }
}
