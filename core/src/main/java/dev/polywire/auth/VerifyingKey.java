package dev.polywire.auth;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.Base64;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** One key, which verifies the signatures of one algorithm and no other. Safe for all threads. */
final class VerifyingKey {
    /** An unsigned token: a verifier without a usable key takes it. */
    private static final String UNSIGNED = part("{\"alg\":\"none\"}") + "." + part("{\"sub\":\"nobody\"}");

    private final Vertx vertx;
    private final @Nullable String id;
    private final String algorithm;
    private final PubSecKeyOptions key;
    /** One verifier is not safe for two threads at a time, since it has one {@code Signature} or {@code Mac}. */
    private final ConcurrentLinkedQueue<JWTAuth> idle = new ConcurrentLinkedQueue<>();

    private VerifyingKey(Vertx vertx, @Nullable String id, String algorithm, String material) {
        this.vertx = vertx;
        this.id = id;
        this.algorithm = algorithm;
        this.key = new PubSecKeyOptions().setAlgorithm(algorithm).setBuffer(material);
        // Fails now, and not with the first client, when there is something wrong with it.
        JWTAuth made = create();
        prove(made);
        idle.add(made);
    }

    static VerifyingKey secret(Vertx vertx, @Nullable String id, String secret) {
        return new VerifyingKey(vertx, id, "HS256", secret);
    }

    /** Takes a public key; throws an {@link IllegalArgumentException} that says what would be right. */
    static VerifyingKey publicKey(Vertx vertx, @Nullable String id, PublicKey key) {
        return new VerifyingKey(vertx, id, PublicKeys.algorithm(key), PublicKeys.toPem(key));
    }

    String algorithm() {
        return algorithm;
    }

    @Nullable
    String id() {
        return id;
    }

    /** Tells whether verifying takes so long that it must not be done on an event loop. */
    boolean slow() {
        return !algorithm.equals("HS256");
    }

    /** Returns what a token says, or null when this key has not signed it. The token's algorithm must be that of the key. */
    @Nullable
    JsonObject verify(String token) {
        JWTAuth verifier = idle.poll();
        if (verifier == null) {
            verifier = create();
        }
        try {
            return claims(verifier, token);
        } finally {
            idle.add(verifier);
        }
    }

    private static @Nullable JsonObject claims(JWTAuth verifier, String token) {
        Future<User> answer;
        try {
            answer = verifier.authenticate(new TokenCredentials(token));
        } catch (RuntimeException e) {
            // It looks at times, too, and throws what is none at the caller (a text in exp, for one).
            return null;
        }
        // The answer is there at once, since there is nothing to wait for.
        return answer.succeeded() ? answer.result().attributes().getJsonObject("accessToken") : null;
    }

    private JWTAuth create() {
        // Only the signature is its business: times, issuer and audience are looked at afterwards, and more strictly.
        JWTOptions signatureOnly = new JWTOptions().setIgnoreExpiration(true).setAlgorithm(algorithm);
        return JWTAuth.create(vertx, new JWTAuthOptions().addPubSecKey(key).setJWTOptions(signatureOnly));
    }

    /** Vert.x takes unsigned tokens when it has found no key that it can use, and only writes that into the log. */
    private void prove(JWTAuth verifier) {
        if (claims(verifier, UNSIGNED) != null || claims(verifier, UNSIGNED + ".") != null) {
            throw new IllegalStateException("A JWT key cannot be used: unsigned tokens would be accepted.");
        }
        if (!slow()) {
            JWTOptions bare = new JWTOptions().setAlgorithm(algorithm).setNoTimestamp(true);
            if (claims(verifier, verifier.generateToken(new JsonObject().put("sub", "x"), bare)) == null) {
                throw new IllegalStateException("A JWT secret does not verify what it has signed.");
            }
        }
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
