package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.util.Set;

/**
 * How much one session may send: two token buckets, one of frames and one of bytes, and how many refusals are too many.
 *
 * @param messages frames per second that the bucket regains; 1 to 1,000,000
 * @param messageBurst frames that the bucket holds; at least 1
 * @param bytes bytes per second that the bucket regains; at least 1
 * @param byteBurst bytes that the bucket holds; at least the largest frame
 * @param refusals refused frames, above one a second, after which the session is closed with {@code policy}; at least 1
 */
public record RateLimit(int messages, int messageBurst, int bytes, int byteBurst, int refusals) {
    /** 100 frames a second in bursts of 200, 256 KiB a second in bursts of 1 MiB, closed at 100 refusals. */
    public static final RateLimit DEFAULT = new RateLimit(100, 200, 256 * 1024, 1024 * 1024, 100);

    private static final Set<String> KEYS = Set.of("messages", "messageBurst", "bytes", "byteBurst", "refusals");

    /** Refuses impossible values with a sentence. */
    public RateLimit {
        if (messages < 1 || messages > 1_000_000 || messageBurst < 1) {
            throw new IllegalArgumentException(
                    "A rate limit's messages must lie between 1 and 1000000, and its messageBurst be at least 1.");
        }
        if (bytes < 1 || byteBurst < 1) {
            throw new IllegalArgumentException("A rate limit's bytes and byteBurst must be at least 1.");
        }
        if (refusals < 1) {
            throw new IllegalArgumentException("A rate limit's refusals must be at least 1.");
        }
    }

    /**
     * Reads a limit from JSON; names are those of the components.
     *
     * @param json what is left out keeps its default
     * @return a new limit
     */
    public static RateLimit fromJson(JsonObject json) {
        JsonOptions in = new JsonOptions(json, "rate limit", KEYS);
        return new RateLimit(
                in.integer("messages", DEFAULT.messages),
                in.integer("messageBurst", DEFAULT.messageBurst),
                in.integer("bytes", DEFAULT.bytes),
                in.integer("byteBurst", DEFAULT.byteBurst),
                in.integer("refusals", DEFAULT.refusals));
    }

    /**
     * Returns the limit as JSON.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return new JsonObject()
                .put("messages", messages)
                .put("messageBurst", messageBurst)
                .put("bytes", bytes)
                .put("byteBurst", byteBurst)
                .put("refusals", refusals);
    }
}
