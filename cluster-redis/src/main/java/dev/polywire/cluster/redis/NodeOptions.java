package dev.polywire.cluster.redis;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Set;

/**
 * How nodes know of each other. The same on all nodes; in code and in JSON, where a length of time is a number of milliseconds whose name ends in
 * {@code Ms}. What cannot be is refused with an {@link IllegalArgumentException} whose message is a sentence. Not for several threads at a time.
 */
public final class NodeOptions {
    private Duration lease = Duration.ofSeconds(10);

    /** Creates the defaults. */
    public NodeOptions() {}

    /**
     * Copies.
     *
     * @param other the options to copy; shares nothing with this afterwards
     */
    public NodeOptions(NodeOptions other) {
        lease = other.lease;
    }

    /**
     * Reads JSON; what is left out keeps its default.
     *
     * @param json as {@link #toJson} writes it
     */
    public NodeOptions(JsonObject json) {
        for (String name : json.fieldNames()) {
            if (!Set.of("leaseMs").contains(name)) {
                throw new IllegalArgumentException("There is no node option " + name + ".");
            }
        }
        try {
            setLease(Duration.ofMillis(json.getLong("leaseMs", lease.toMillis())));
        } catch (ClassCastException e) {
            throw new IllegalArgumentException("A node option has a value of the wrong type: " + e.getMessage(), e);
        }
    }

    /** Writes the options as JSON. */
    public JsonObject toJson() {
        return new JsonObject().put("leaseMs", lease.toMillis());
    }

    /** Returns for how long a node counts as alive after it has last renewed its lease. */
    public Duration getLease() {
        return lease;
    }

    /**
     * Sets for how long a node counts as alive after it has last renewed its lease, which it does three times in that time: 300 ms to 10 minutes;
     * 10 s when not said otherwise. Members of a node that was killed leave presence within one lease and a third, and what it takes to remove them;
     * a node that sleeps for longer loses its sessions. Longer than what a call to Redis may take, or one slow call ends it.
     */
    public NodeOptions setLease(Duration value) {
        if (value.toMillis() < 300 || value.toMillis() > 600_000) {
            throw new IllegalArgumentException(
                    "lease in milliseconds must lie between 300 and 600000, not " + value.toMillis() + ".");
        }
        lease = value;
        return this;
    }
}
