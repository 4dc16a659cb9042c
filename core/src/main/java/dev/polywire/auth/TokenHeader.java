package dev.polywire.auth;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a token says of its signature, read before anything is verified, and believed in nothing but the choice of the key.
 *
 * @param algorithm the {@code alg}
 * @param key the {@code kid}, or null
 */
record TokenHeader(String algorithm, @Nullable String key) {
    /** The longest token that is looked at, in characters. */
    private static final int LONGEST = 16 * 1024;

    private static final int LONGEST_HEADER = 4 * 1024;
    private static final int LONGEST_KEY = 256;

    /** Reads the header; throws {@link Denied}. */
    static TokenHeader of(String token) {
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        if (token.length() > LONGEST
                || first < 1
                || first > LONGEST_HEADER
                || second < first + 2
                || second == token.length() - 1
                || token.indexOf('.', second + 1) >= 0) {
            throw Denied.unreadable("not three parts");
        }
        JsonObject json;
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(token.substring(0, first));
            json = new JsonObject(new String(bytes, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | DecodeException e) {
            throw Denied.unreadable("header");
        }
        if (json.getMap() == null) {
            // That was the JSON null.
            throw Denied.unreadable("header");
        }
        if (!(json.getValue("alg") instanceof String algorithm)) {
            throw Denied.unreadable("no alg");
        }
        Object key = json.getValue("kid");
        if (key != null && !(key instanceof String text && text.length() <= LONGEST_KEY)) {
            throw Denied.unreadable("kid");
        }
        if (json.containsKey("crit")) {
            // What must be understood (RFC 7515, section 4.1.11) is not.
            throw Denied.refused("crit");
        }
        return new TokenHeader(algorithm, (String) key);
    }
}
