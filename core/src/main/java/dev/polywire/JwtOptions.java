package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;

/** Which JSON Web Tokens (RFC 7519) are accepted: by whom they were signed, for whom, and for how long they hold. */
public final class JwtOptions {
    /** How far clocks may differ, when not said otherwise. */
    public static final Duration DEFAULT_LEEWAY = Duration.ofSeconds(5);

    /** The longest time from issue to expiry, when not said otherwise. */
    public static final Duration DEFAULT_MAX_LIFETIME = Duration.ofHours(24);

    /** How often the keys of the URL are fetched, when not said otherwise. */
    public static final Duration DEFAULT_JWKS_REFRESH = Duration.ofMinutes(5);

    /** How long fetching the keys may take, when not said otherwise. */
    public static final Duration DEFAULT_JWKS_TIMEOUT = Duration.ofSeconds(5);

    /** The most verified tokens remembered, when not said otherwise. */
    public static final int DEFAULT_CACHE = 10_000;

    /** The algorithms that there are. */
    private static final List<String> KNOWN = List.of("HS256", "RS256", "ES256");

    private static final OptionTable OPTIONS = new OptionTable("JWT options");
    private static final Option<List<JwtKey>> KEYS = OPTIONS.objects("keys", JwtKey::fromJson, JwtKey::toJson);
    private static final Option<String> JWKS = OPTIONS.text("jwks", "", JwtOptions::checkUrl);
    private static final Option<List<String>> ALGORITHMS =
            OPTIONS.texts("algorithms", List.of(), JwtOptions::checkAlgorithms);
    private static final Option<String> ISSUER = OPTIONS.text("issuer", "", any -> {});
    private static final Option<List<String>> AUDIENCE = OPTIONS.texts("audience", List.of(), any -> {});
    private static final Option<Duration> LEEWAY = OPTIONS.millis("leewayMs", DEFAULT_LEEWAY, 0, 300_000);
    private static final Option<Duration> MAX_LIFETIME =
            OPTIONS.millis("maxLifetimeMs", DEFAULT_MAX_LIFETIME, 1000, 31_536_000_000L);
    private static final Option<Duration> JWKS_REFRESH =
            OPTIONS.millis("jwksRefreshMs", DEFAULT_JWKS_REFRESH, 1000, 86_400_000);
    private static final Option<Duration> JWKS_TIMEOUT =
            OPTIONS.millis("jwksTimeoutMs", DEFAULT_JWKS_TIMEOUT, 100, 60_000);
    private static final Option<Integer> CACHE = OPTIONS.number("cache", DEFAULT_CACHE, 0, 1_000_000);

    private final OptionValues values;

    /** Creates the defaults. */
    public JwtOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public JwtOptions(JwtOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public JwtOptions(JsonObject json) {
        values = new OptionValues(OPTIONS, json);
    }

    /**
     * Returns all options, secrets included.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return values.toJson();
    }

    /**
     * Sets the keys that are known beforehand.
     *
     * @param value may be empty when there is a URL
     * @return this
     */
    public JwtOptions keys(List<JwtKey> value) {
        values.set(KEYS, List.copyOf(value));
        return this;
    }

    /** {@return the keys that are known beforehand} */
    public List<JwtKey> keys() {
        return values.get(KEYS);
    }

    /**
     * Sets the URL of a JSON Web Key Set (RFC 7517), whose keys are fetched and follow a rotation.
     *
     * @param value {@code https}, or {@code http} on this machine; empty for none
     * @return this
     */
    public JwtOptions jwks(String value) {
        values.set(JWKS, value);
        return this;
    }

    /** {@return the URL of a JSON Web Key Set, or an empty string} */
    public String jwks() {
        return values.get(JWKS);
    }

    /**
     * Sets the algorithms that are allowed.
     *
     * @param value some of HS256, RS256 and ES256; empty for those of the keys
     * @return this
     */
    public JwtOptions algorithms(List<String> value) {
        values.set(ALGORITHMS, List.copyOf(value));
        return this;
    }

    /** {@return the algorithms that are allowed; empty for those of the keys} */
    public List<String> algorithms() {
        return values.get(ALGORITHMS);
    }

    /**
     * Sets who must have issued a token.
     *
     * @param value its {@code iss}; empty for anybody
     * @return this
     */
    public JwtOptions issuer(String value) {
        values.set(ISSUER, value);
        return this;
    }

    /** {@return who must have issued a token, or an empty string} */
    public String issuer() {
        return values.get(ISSUER);
    }

    /**
     * Sets for whom a token must be.
     *
     * @param value one of these must be in its {@code aud}; empty for anybody
     * @return this
     */
    public JwtOptions audience(List<String> value) {
        values.set(AUDIENCE, List.copyOf(value));
        return this;
    }

    /** {@return for whom a token must be; empty for anybody} */
    public List<String> audience() {
        return values.get(AUDIENCE);
    }

    /**
     * Sets how far clocks may differ: for so long a token is accepted before its {@code nbf} and {@code iat}, and after its {@code exp}.
     *
     * @param value 0 ms to 300,000 ms
     * @return this
     */
    public JwtOptions leeway(Duration value) {
        values.set(LEEWAY, value);
        return this;
    }

    /** {@return how far clocks may differ} */
    public Duration leeway() {
        return values.get(LEEWAY);
    }

    /**
     * Sets the longest time from a token's issue to its expiry; one that holds for longer is refused.
     *
     * @param value 1000 ms to 31,536,000,000 ms
     * @return this
     */
    public JwtOptions maxLifetime(Duration value) {
        values.set(MAX_LIFETIME, value);
        return this;
    }

    /** {@return the longest time from a token's issue to its expiry} */
    public Duration maxLifetime() {
        return values.get(MAX_LIFETIME);
    }

    /**
     * Sets how often the keys of the URL are fetched.
     *
     * @param value 1000 ms to 86,400,000 ms
     * @return this
     */
    public JwtOptions jwksRefresh(Duration value) {
        values.set(JWKS_REFRESH, value);
        return this;
    }

    /** {@return how often the keys of the URL are fetched} */
    public Duration jwksRefresh() {
        return values.get(JWKS_REFRESH);
    }

    /**
     * Sets how long fetching the keys may take.
     *
     * @param value 100 ms to 60,000 ms
     * @return this
     */
    public JwtOptions jwksTimeout(Duration value) {
        values.set(JWKS_TIMEOUT, value);
        return this;
    }

    /** {@return how long fetching the keys may take} */
    public Duration jwksTimeout() {
        return values.get(JWKS_TIMEOUT);
    }

    /**
     * Sets how many verified tokens are remembered until they expire, by their hash.
     *
     * @param value 0 to 1,000,000
     * @return this
     */
    public JwtOptions cache(int value) {
        values.set(CACHE, value);
        return this;
    }

    /** {@return how many verified tokens are remembered until they expire} */
    public int cache() {
        return values.get(CACHE);
    }

    /** {@return whether there is a key, or a URL of keys, so that tokens can be verified at all} */
    public boolean usable() {
        return !keys().isEmpty() || !jwks().isEmpty();
    }

    /**
     * Checks what only makes sense together.
     *
     * @return this
     * @throws IllegalArgumentException saying what would be right
     */
    public JwtOptions check() {
        if (!usable() && !toJson().equals(new JwtOptions().toJson())) {
            throw new IllegalArgumentException(
                    "auth.jwt must have keys or jwks: without a key no token can be verified.");
        }
        return this;
    }

    private static void checkAlgorithms(List<String> names) {
        for (String name : names) {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException("algorithms must be some of " + KNOWN + ", not " + name + ".");
            }
        }
    }

    /** Keys that come over an open network could be anybody's. */
    private static void checkUrl(String text) {
        if (text.isEmpty()) {
            return;
        }
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("jwks must be a URL.");
        }
        String host = url.getHost();
        boolean here = host != null
                && (host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.[0-9]{1,3}){3}"));
        if (host == null || !("https".equals(url.getScheme()) || here && "http".equals(url.getScheme()))) {
            throw new IllegalArgumentException(
                    "jwks must be an https URL (http is for this machine alone): keys that come over an open network could be anybody's.");
        }
    }
}
