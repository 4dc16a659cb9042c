package dev.polywire.auth;

import dev.polywire.JwtKey;
import dev.polywire.JwtOptions;
import dev.polywire.Principal;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one moment, with the tokens that they have verified. Keys are never added or taken away: a rotation makes a new
 * set, and what an old key had verified is forgotten with it. Safe for all threads.
 */
final class KeySet {
    private static final Logger LOG = LoggerFactory.getLogger(KeySet.class);

    private final List<VerifyingKey> keys;
    private final Map<String, Principal> verified;

    private KeySet(List<VerifyingKey> keys, int most) {
        this.keys = List.copyOf(keys);
        this.verified = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Principal> eldest) {
                return size() > most;
            }
        };
    }

    /** Makes a set of the keys that are known beforehand; throws an {@link IllegalArgumentException} for one that cannot be used. */
    static List<VerifyingKey> given(Vertx vertx, JwtOptions options) {
        List<VerifyingKey> keys = new ArrayList<>();
        for (JwtKey key : options.keys()) {
            String secret = key.secret();
            VerifyingKey made = secret != null
                    ? VerifyingKey.secret(vertx, key.id(), secret)
                    : VerifyingKey.publicKey(
                            vertx, key.id(), PublicKeys.pem(Objects.requireNonNull(key.publicKey(), "publicKey")));
            if (!allowed(options, made)) {
                throw new IllegalArgumentException("algorithms " + options.algorithms() + " must contain "
                        + made.algorithm() + ": one of the keys is for it.");
            }
            keys.add(made);
        }
        return keys;
    }

    /** Reads a JSON Web Key Set; what it has of other kinds is left out. Secrets are, too: they do not belong there. */
    static List<VerifyingKey> fetched(Vertx vertx, JwtOptions options, List<JsonObject> jwks) {
        List<VerifyingKey> keys = new ArrayList<>();
        for (JsonObject jwk : jwks) {
            try {
                VerifyingKey key = read(vertx, jwk);
                if (key != null && allowed(options, key)) {
                    keys.add(key);
                }
            } catch (GeneralSecurityException | RuntimeException e) {
                LOG.warn("jwks_key cannot be used kid={} cause={}", line(jwk.getValue("kid")), line(e.getMessage()));
            }
        }
        return keys;
    }

    private static @Nullable VerifyingKey read(Vertx vertx, JsonObject jwk) throws GeneralSecurityException {
        var material = PublicKeys.jwk(jwk);
        if (material == null) {
            return null;
        }
        VerifyingKey key =
                VerifyingKey.publicKey(vertx, jwk.getValue("kid") instanceof String id ? id : null, material);
        Object algorithm = jwk.getValue("alg");
        return algorithm == null || algorithm.equals(key.algorithm()) ? key : null;
    }

    private static boolean allowed(JwtOptions options, VerifyingKey key) {
        return options.algorithms().isEmpty() || options.algorithms().contains(key.algorithm());
    }

    /** Puts keys together; there must be one. */
    static KeySet of(List<VerifyingKey> given, List<VerifyingKey> fetched, JwtOptions options) {
        List<VerifyingKey> all = new ArrayList<>(given);
        all.addAll(fetched);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("There must be at least one key that tokens can be verified with.");
        }
        return new KeySet(all, options.cache());
    }

    int size() {
        return keys.size();
    }

    /** Returns the keys that may have signed a token; throws {@link Denied} when there are none. */
    List<VerifyingKey> candidates(TokenHeader header) {
        List<VerifyingKey> found = new ArrayList<>(2);
        boolean known = false;
        for (VerifyingKey key : keys) {
            String id = key.id();
            if (header.key() == null || id == null || id.equals(header.key())) {
                known |= id != null;
                // The key decides, not the token: one that names another algorithm is not tried with it.
                if (key.algorithm().equals(header.algorithm())) {
                    found.add(key);
                }
            }
        }
        if (!found.isEmpty()) {
            return found;
        }
        throw header.key() == null || known ? Denied.refused("algorithm") : new Denied(Denied.Kind.UNKNOWN_KEY, "key");
    }

    // ---- what was verified before ----------------------------------------------------------------------------------

    @Nullable
    Principal known(String hash) {
        synchronized (verified) {
            return verified.get(hash);
        }
    }

    void know(String hash, Principal principal) {
        synchronized (verified) {
            verified.put(hash, principal);
        }
    }

    void forget(String hash) {
        synchronized (verified) {
            verified.remove(hash);
        }
    }

    static String hash(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256.", e);
        }
    }

    private static String line(@Nullable Object text) {
        String all = String.valueOf(text).replaceAll("\\p{Cntrl}", "?");
        return all.length() > 100 ? all.substring(0, 100) : all;
    }
}
