package dev.polywire.auth;

import dev.polywire.JwtOptions;
import dev.polywire.Principal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the claims of a verified token must be. What is there and of another type than RFC 7519 says is a refusal, too. */
final class Claims {
    private static final int LONGEST_SUBJECT = 256;

    private final String issuer;
    private final List<String> audience;
    private final long leeway;
    private final long maxLifetime;

    Claims(JwtOptions options) {
        this.issuer = options.issuer();
        this.audience = options.audience();
        this.leeway = options.leeway().toMillis();
        this.maxLifetime = options.maxLifetime().toMillis();
    }

    /**
     * Turns claims into a principal; throws {@link Denied}.
     *
     * @param now wall-clock milliseconds
     */
    Principal principal(JsonObject claims, long now) {
        if (!(claims.getValue("sub") instanceof String subject)
                || subject.isBlank()
                || subject.length() > LONGEST_SUBJECT
                || subject.chars().anyMatch(Character::isISOControl)) {
            // A session of nobody in particular could be resumed by nobody in particular.
            throw Denied.refused("sub");
        }
        Double expiry = time(claims, "exp");
        if (expiry == null) {
            throw Denied.refused("no exp");
        }
        if (now >= expiry + leeway) {
            throw Denied.refused("expired");
        }
        Double issued = time(claims, "iat");
        if (issued != null && issued > now + leeway) {
            throw Denied.refused("iat");
        }
        if (expiry - (issued == null ? now : issued) > maxLifetime) {
            throw Denied.refused("lifetime");
        }
        Double begin = time(claims, "nbf");
        if (begin != null && begin > now + leeway) {
            throw Denied.refused("nbf");
        }
        if (!issuer.isEmpty() && !issuer.equals(claims.getValue("iss"))) {
            throw Denied.refused("iss");
        }
        if (!audience.isEmpty() && !isFor(claims.getValue("aud"))) {
            throw Denied.refused("aud");
        }
        return new Principal(subject, claims, Instant.ofEpochMilli((long) (expiry + leeway)));
    }

    private boolean isFor(@Nullable Object whom) {
        if (whom instanceof String one) {
            return audience.contains(one);
        }
        return whom instanceof JsonArray several
                && several.stream().anyMatch(one -> one instanceof String text && audience.contains(text));
    }

    /** Reads seconds since the epoch, which may have a fraction, as milliseconds; null when they are not there. */
    private static @Nullable Double time(JsonObject claims, String name) {
        Object value = claims.getValue(name);
        if (value == null && !claims.containsKey(name)) {
            return null;
        }
        if (!(value instanceof Number number) || !(Math.abs(number.doubleValue()) < 1e12)) {
            throw Denied.refused(name);
        }
        return number.doubleValue() * 1000;
    }
}
