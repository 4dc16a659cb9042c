package dev.polywire.auth;

import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Makes keys, and tokens with any header, any claims and any signature, with nothing but the JDK. */
final class Forge {
    static final String SECRET = "0123456789abcdef0123456789abcdef";

    private Forge() {}

    /** Claims that are accepted: of ada, for a minute. */
    static JsonObject claims() {
        long now = System.currentTimeMillis() / 1000;
        return new JsonObject().put("sub", "ada").put("iat", now).put("exp", now + 60);
    }

    static JsonObject header(String algorithm) {
        return new JsonObject().put("alg", algorithm).put("typ", "JWT");
    }

    static String hs256(JsonObject claims) {
        return hs256(header("HS256"), claims, SECRET.getBytes(StandardCharsets.UTF_8));
    }

    static String hs256(JsonObject header, JsonObject claims, byte[] secret) {
        String signed = part(header) + "." + part(claims);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return signed + "." + part(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String rs256(JsonObject header, JsonObject claims, KeyPair key) {
        return signed("SHA256withRSA", header, claims, key);
    }

    static String es256(JsonObject header, JsonObject claims, KeyPair key) {
        return signed("SHA256withECDSAinP1363Format", header, claims, key);
    }

    private static String signed(String algorithm, JsonObject header, JsonObject claims, KeyPair key) {
        String text = part(header) + "." + part(claims);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key.getPrivate());
            signature.update(text.getBytes(StandardCharsets.UTF_8));
            return text + "." + part(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String part(JsonObject json) {
        return part(json.encode().getBytes(StandardCharsets.UTF_8));
    }

    static String part(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    static String pem(KeyPair key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** The public key as a JSON Web Key. */
    static JsonObject jwk(KeyPair key, @Nullable String id) {
        JsonObject jwk = new JsonObject().put("use", "sig");
        if (id != null) {
            jwk.put("kid", id);
        }
        if (key.getPublic() instanceof RSAPublicKey rsa) {
            return jwk.put("kty", "RSA")
                    .put("alg", "RS256")
                    .put("n", part(bytes(rsa.getModulus(), 0)))
                    .put("e", part(bytes(rsa.getPublicExponent(), 0)));
        }
        ECPublicKey ec = (ECPublicKey) key.getPublic();
        return jwk.put("kty", "EC")
                .put("crv", "P-256")
                .put("x", part(bytes(ec.getW().getAffineX(), 32)))
                .put("y", part(bytes(ec.getW().getAffineY(), 32)));
    }

    private static byte[] bytes(BigInteger number, int length) {
        byte[] all = number.toByteArray();
        byte[] bare = all.length > 1 && all[0] == 0 ? Arrays.copyOfRange(all, 1, all.length) : all;
        byte[] padded = new byte[Math.max(length, bare.length)];
        System.arraycopy(bare, 0, padded, padded.length - bare.length, bare.length);
        return padded;
    }
}
