package dev.polywire.auth;

import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Reads public keys, from PEM and from JSON Web Keys, and refuses those that are too weak or of another kind. */
final class PublicKeys {
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";
    private static final int RSA_BITS = 2048;

    private PublicKeys() {}

    /** Reads PEM; throws an {@link IllegalArgumentException} that says what would be right. */
    static PublicKey pem(String pem) {
        String text = pem.strip();
        if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
            throw new IllegalArgumentException("A publicKey must be PEM from " + BEGIN + " to " + END + ".");
        }
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(text.substring(BEGIN.length(), text.length() - END.length()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("A publicKey must be PEM, whose lines are Base64.", e);
        }
        X509EncodedKeySpec spec = new X509EncodedKeySpec(der);
        for (String kind : new String[] {"RSA", "EC"}) {
            try {
                return KeyFactory.getInstance(kind).generatePublic(spec);
            } catch (GeneralSecurityException e) {
                // It may be of the other kind.
                continue;
            }
        }
        throw new IllegalArgumentException("A publicKey must be of RSA, or of the curve P-256.");
    }

    /** Reads a JSON Web Key (RFC 7517); null when it is not for verifying signatures or of another kind. */
    static @Nullable PublicKey jwk(JsonObject jwk) throws GeneralSecurityException {
        Object use = jwk.getValue("use");
        if (use != null && !use.equals("sig")) {
            return null;
        }
        if (jwk.getValue("key_ops") instanceof io.vertx.core.json.JsonArray allowed && !allowed.contains("verify")) {
            return null;
        }
        if ("RSA".equals(jwk.getValue("kty"))) {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(number(jwk, "n"), number(jwk, "e")));
        }
        if ("EC".equals(jwk.getValue("kty")) && "P-256".equals(jwk.getValue("crv"))) {
            return KeyFactory.getInstance("EC")
                    .generatePublic(new ECPublicKeySpec(new ECPoint(number(jwk, "x"), number(jwk, "y")), p256()));
        }
        return null;
    }

    private static BigInteger number(JsonObject jwk, String name) throws GeneralSecurityException {
        if (!(jwk.getValue(name) instanceof String text)) {
            throw new GeneralSecurityException("A JSON Web Key without " + name);
        }
        try {
            return new BigInteger(1, Base64.getUrlDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("A JSON Web Key whose " + name + " is not Base64", e);
        }
    }

    /** Tells which algorithm a key is for; throws an {@link IllegalArgumentException} for a weak one. */
    static String algorithm(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            if (rsa.getModulus().bitLength() < RSA_BITS) {
                throw new IllegalArgumentException("An RSA key must have at least " + RSA_BITS + " bits, not "
                        + rsa.getModulus().bitLength() + ".");
            }
            return "RS256";
        }
        if (key instanceof ECPublicKey ec && isP256(ec.getParams())) {
            return "ES256";
        }
        throw new IllegalArgumentException("A public key must be of RSA, or of the curve P-256.");
    }

    private static boolean isP256(ECParameterSpec spec) {
        ECParameterSpec right = p256();
        return spec.getOrder().equals(right.getOrder())
                && spec.getCurve().equals(right.getCurve())
                && spec.getGenerator().equals(right.getGenerator());
    }

    private static ECParameterSpec p256() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("This Java has no curve P-256.", e);
        }
    }

    /** Writes a key as PEM. */
    static String toPem(PublicKey key) {
        return BEGIN + "\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                + "\n" + END + "\n";
    }
}
