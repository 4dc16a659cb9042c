package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A key that tokens are verified with: a shared secret (HS256) or a public key (RS256, ES256).
 *
 * @param id the key's id, which tokens name as {@code kid}; null for a key that is tried for any
 * @param secret at least 32 bytes of UTF-8 that nobody else knows, or null
 * @param publicKey PEM, beginning with {@code -----BEGIN PUBLIC KEY-----}, or null; exactly one of the two is there
 */
public record JwtKey(
        @Nullable String id,
        @Nullable String secret,
        @Nullable String publicKey) {
    /** The fewest bytes of a secret: as many as the hash of HS256 has. */
    public static final int SECRET_BYTES = 32;

    private static final Set<String> KEYS = Set.of("id", "secret", "publicKey");

    /** Refuses impossible values with a sentence that does not hold the secret. */
    public JwtKey {
        if ((secret == null) == (publicKey == null)) {
            throw new IllegalArgumentException("A JWT key must have either a secret or a publicKey.");
        }
        if (id != null && (id.isBlank() || id.length() > 256)) {
            throw new IllegalArgumentException("A JWT key's id must have 1 to 256 characters.");
        }
        if (secret != null) {
            if (secret.contains("-----BEGIN")) {
                throw new IllegalArgumentException("A JWT secret must not be a PEM file; give that as publicKey.");
            }
            if (secret.getBytes(StandardCharsets.UTF_8).length < SECRET_BYTES) {
                throw new IllegalArgumentException(
                        "A JWT secret must have at least " + SECRET_BYTES + " bytes: shorter ones can be guessed.");
            }
        }
    }

    /**
     * Makes a key for HS256.
     *
     * @param secret at least 32 bytes
     * @return a new key without an id
     */
    public static JwtKey ofSecret(String secret) {
        return new JwtKey(null, secret, null);
    }

    /**
     * Makes a key for RS256 or ES256, whichever it is of.
     *
     * @param pem an RSA key of at least 2048 bits, or one of the curve P-256
     * @return a new key without an id
     */
    public static JwtKey ofPublicKey(String pem) {
        return new JwtKey(null, null, pem);
    }

    /**
     * Gives the key an id: only tokens that name it, or name none, are verified with it.
     *
     * @param kid 1 to 256 characters
     * @return a new key
     */
    public JwtKey withId(String kid) {
        return new JwtKey(kid, secret, publicKey);
    }

    static JwtKey fromJson(JsonObject json) {
        JsonOptions in = new JsonOptions(json, "JWT key", KEYS);
        return new JwtKey(text(json, in, "id"), text(json, in, "secret"), text(json, in, "publicKey"));
    }

    private static @Nullable String text(JsonObject json, JsonOptions in, String name) {
        return json.getValue(name) == null ? null : in.text(name, "");
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        if (id != null) {
            json.put("id", id);
        }
        return secret != null ? json.put("secret", secret) : json.put("publicKey", publicKey);
    }

    /** Leaves out the key itself. */
    @Override
    public String toString() {
        return "JwtKey[id=" + id + ", " + (secret != null ? "secret" : "publicKey") + "]";
    }
}
