package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** How the rest of an application reaches the engine over the event bus, and what clients reach there. Consumers are local to this Vert.x instance. */
public final class EventBusOptions {
    /** The prefix of the addresses, when not said otherwise. */
    public static final String DEFAULT_ADDRESS = "polywire";

    /**
     * The name of a codec for payloads that the event bus has none for: records, maps, lists. A sender states it, with
     * {@code DeliveryOptions.setCodecName}; it is registered by the first engine with {@link #enabled()} and stays. The
     * payload is turned into JSON where it is sent, so what the sender changes afterwards does not matter.
     */
    public static final String PAYLOAD_CODEC = "polywire.payload";

    private static final OptionTable OPTIONS = new OptionTable("event bus options");
    private static final Option<Boolean> ENABLED = OPTIONS.flag("enabled", false);
    private static final Option<String> ADDRESS =
            OPTIONS.text("address", DEFAULT_ADDRESS, OptionTable.notBlank("The event bus address"));
    private static final Option<List<String>> REQUESTS = OPTIONS.texts("requests", List.of(), any -> {});

    private final OptionValues values;

    /** Creates the defaults. */
    public EventBusOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public EventBusOptions(EventBusOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public EventBusOptions(JsonObject json) {
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
     * Sets whether the engine listens on the event bus.
     *
     * @param value false by default
     * @return this
     */
    public EventBusOptions enabled(boolean value) {
        values.set(ENABLED, value);
        return this;
    }

    /**
     * Returns whether the engine listens on the event bus.
     *
     * @return false by default
     */
    public boolean enabled() {
        return values.get(ENABLED);
    }

    /**
     * Sets the prefix of the addresses.
     *
     * @param value not blank
     * @return this
     */
    public EventBusOptions address(String value) {
        values.set(ADDRESS, value);
        return this;
    }

    /**
     * Returns the prefix of the addresses.
     *
     * @return not blank
     */
    public String address() {
        return values.get(ADDRESS);
    }

    /**
     * Sets which event-bus addresses a client may send requests to: exact ones, or prefixes that end in *.
     *
     * @param value none by default
     * @return this
     */
    public EventBusOptions requests(List<String> value) {
        values.set(REQUESTS, List.copyOf(value));
        return this;
    }

    /**
     * Returns which event-bus addresses a client may send requests to: exact ones, or prefixes that end in *.
     *
     * @return none by default
     */
    public List<String> requests() {
        return values.get(REQUESTS);
    }

    /**
     * Tells whether clients may send requests to an address.
     *
     * @param target the address
     * @return false when it is in no entry of {@link #requests()}
     */
    public boolean permits(String target) {
        for (String entry : requests()) {
            if (entry.endsWith("*")
                    ? target.startsWith(entry.substring(0, entry.length() - 1))
                    : entry.equals(target)) {
                return true;
            }
        }
        return false;
    }
}
