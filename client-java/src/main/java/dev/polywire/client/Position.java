package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.util.Objects;

/**
 * A place in a channel's history. Positions compare only within one epoch: after a restart without its history a server begins another.
 *
 * @param epoch names one unbroken run of offsets; 1 to 64 characters
 * @param offset of the last message that counts as seen; from 0, before the first, to 2^53-1
 */
public record Position(String epoch, long offset) {
    private static final long MOST = (1L << 53) - 1;

    /** Refuses what no server can have issued, with an {@link IllegalArgumentException}. */
    public Position {
        Objects.requireNonNull(epoch, "epoch");
        if (epoch.isEmpty() || epoch.length() > 64) {
            throw new IllegalArgumentException("An epoch has 1 to 64 characters.");
        }
        if (offset < 0 || offset > MOST) {
            throw new IllegalArgumentException("An offset lies between 0 and 2^53-1.");
        }
    }

    JsonObject toJson() {
        return new JsonObject().put("epoch", epoch).put("offset", offset);
    }
}
