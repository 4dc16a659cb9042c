package dev.polywire;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;

/** How the rest of an application reaches the engine over the event bus, and what clients reach there. Consumers are local to this Vert.x instance. */
public final class EventBusOptions {
    /** The prefix of the addresses, when not said otherwise. */
    public static final String DEFAULT_ADDRESS = "polywire";

    private static final Set<String> KEYS = Set.of("enabled", "address", "requests");

    private boolean enabled = false;
    private String address = DEFAULT_ADDRESS;
    private List<String> requests = List.of();

    /** Creates the defaults. */
    public EventBusOptions() {}

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public EventBusOptions(EventBusOptions other) {
        enabled = other.enabled;
        address = other.address;
        requests = other.requests;
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public EventBusOptions(JsonObject json) {
        JsonOptions in = new JsonOptions(json, "event bus options", KEYS);
        enabled(in.bool("enabled", enabled));
        address(in.text("address", address));
        requests(in.texts("requests", requests));
    }

    /**
     * Returns all options.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return new JsonObject()
                .put("enabled", enabled)
                .put("address", address)
                .put("requests", new JsonArray(requests));
    }

    /**
     * Sets whether the engine listens on the event bus.
     *
     * @param value false by default
     * @return this
     */
    public EventBusOptions enabled(boolean value) {
        enabled = value;
        return this;
    }

    /**
     * Returns whether the engine listens on the event bus.
     *
     * @return false by default
     */
    public boolean enabled() {
        return enabled;
    }

    /**
     * Sets the prefix of the addresses.
     *
     * @param value not blank
     * @return this
     */
    public EventBusOptions address(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("The event bus address must not be blank.");
        }
        address = value;
        return this;
    }

    /**
     * Returns the prefix of the addresses.
     *
     * @return not blank
     */
    public String address() {
        return address;
    }

    /**
     * Sets which event-bus addresses a client may send requests to: exact ones, or prefixes that end in *.
     *
     * @param value none by default
     * @return this
     */
    public EventBusOptions requests(List<String> value) {
        requests = List.copyOf(value);
        return this;
    }

    /**
     * Returns which event-bus addresses a client may send requests to: exact ones, or prefixes that end in *.
     *
     * @return none by default
     */
    public List<String> requests() {
        return requests;
    }

    /**
     * Tells whether clients may send requests to an address.
     *
     * @param target the address
     * @return false when it is in no entry of {@link #requests()}
     */
    public boolean permits(String target) {
        for (String entry : requests) {
            if (entry.endsWith("*")
                    ? target.startsWith(entry.substring(0, entry.length() - 1))
                    : entry.equals(target)) {
                return true;
            }
        }
        return false;
    }
}
