package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who a session belongs to.
 *
 * @param id the user's id, or null when anonymous
 * @param claims what else is known, for authorisation; not to be changed
 * @param expiresAt when the credentials end, or null when they do not
 */
public record Principal(
        @Nullable String id, JsonObject claims, @Nullable Instant expiresAt) {

    /** Nobody in particular. */
    public static final Principal ANONYMOUS = new Principal(null, new JsonObject(), null);

    /**
     * Makes a principal of which only the id is known.
     *
     * @param id the user's id
     * @return a new principal
     */
    public static Principal of(String id) {
        return new Principal(id, new JsonObject(), null);
    }
}
