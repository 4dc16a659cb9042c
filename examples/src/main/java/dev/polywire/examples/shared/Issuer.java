package dev.polywire.examples.shared;

import dev.polywire.JwtKey;
import dev.polywire.JwtOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import io.vertx.ext.web.handler.JWTAuthHandler;
import io.vertx.redis.client.RedisAPI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signs a demo's tokens (JWT, ES256), with a key made at the start, or kept in Redis so that who is signed in stays so
 * when the server is started again. {@link SignIn} hands them out.
 */
public final class Issuer {
    /** How long a token holds; pages get a new one in time. */
    public static final Duration LIFETIME = Duration.ofMinutes(30);

    private static final String ALGORITHM = "ES256";

    private final JWTAuth tokens;
    private final String name;
    private final String audience;
    private final String publicKey;

    private Issuer(Vertx vertx, String demo, String publicKey, String privateKey) {
        this.publicKey = publicKey;
        name = "polywire-demo-" + demo;
        audience = demo;
        tokens = JWTAuth.create(
                vertx,
                new JWTAuthOptions()
                        .setJWTOptions(new JWTOptions().setIssuer(name).setAudience(List.of(audience)))
                        .addPubSecKey(
                                new PubSecKeyOptions().setAlgorithm(ALGORITHM).setBuffer(privateKey))
                        .addPubSecKey(
                                new PubSecKeyOptions().setAlgorithm(ALGORITHM).setBuffer(publicKey)));
    }

    /**
     * Makes an issuer.
     *
     * @param vertx where it runs
     * @param demo the demo's name: a token of one demo is good for that one only
     * @param redis where the key is kept; null makes one that is gone with the process
     * @param prefix what keys in Redis begin with
     * @return the issuer
     */
    public static Future<Issuer> create(Vertx vertx, String demo, @Nullable RedisAPI redis, String prefix) {
        return vertx.executeBlocking(Issuer::pair)
                .compose(made -> redis == null ? Future.succeededFuture(made) : kept(redis, prefix + "key", made))
                .map(pair -> new Issuer(vertx, demo, pair.getString("public"), pair.getString("private")));
    }

    /** Returns how the engine verifies the tokens: {@code options.auth(new AuthOptions().jwt(issuer.options()))}. */
    public JwtOptions options() {
        return new JwtOptions()
                .keys(List.of(JwtKey.ofPublicKey(publicKey)))
                .issuer(name)
                .audience(List.of(audience));
    }

    /** Returns what lets requests with a good token pass: {@code context.user().subject()} is the user's id then. */
    public JWTAuthHandler handler() {
        return JWTAuthHandler.create(tokens);
    }

    /**
     * Signs a token.
     *
     * @param id whose it is
     * @param claims more to say in it, such as {@code name}
     * @return a token that holds for {@link #LIFETIME}
     */
    public String sign(String id, JsonObject claims) {
        JWTOptions how = new JWTOptions()
                .setAlgorithm(ALGORITHM)
                .setIssuer(name)
                .setAudience(List.of(audience))
                .setSubject(id)
                .setExpiresInSeconds((int) LIFETIME.toSeconds());
        return tokens.generateToken(claims, how);
    }

    private static JsonObject pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        return new JsonObject()
                .put("public", pem("PUBLIC KEY", pair.getPublic().getEncoded()))
                .put("private", pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
                + "\n-----END " + what + "-----\n";
    }

    /** The first one to start puts its key there; all take what is there then. */
    private static Future<JsonObject> kept(RedisAPI redis, String key, JsonObject made) {
        return redis.set(List.of(key, made.encode(), "NX"))
                .compose(set -> redis.get(key))
                .map(found -> new JsonObject(found.toString()));
    }
}
