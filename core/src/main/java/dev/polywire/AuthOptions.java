package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Consumer;

/** Who is who: JSON Web Tokens, where credentials may come from, and what happens when they expire. */
public final class AuthOptions {
    /** For how long a ticket can be used, when not said otherwise. */
    public static final Duration DEFAULT_TICKET = Duration.ofSeconds(30);

    /** The most unused tickets, when not said otherwise. */
    public static final int DEFAULT_TICKETS = 10_000;

    /** How long before the end a client is warned, when not said otherwise. */
    public static final Duration DEFAULT_WARNING = Duration.ofSeconds(60);

    private static final OptionTable OPTIONS = new OptionTable("auth options");
    private static final Option<JwtOptions> JWT =
            OPTIONS.part("jwt", new JwtOptions(), JwtOptions::new, JwtOptions::toJson, JwtOptions::new);
    private static final Option<Boolean> REQUIRE = OPTIONS.flag("requireHandshakeToken", false);
    private static final Option<String> COOKIE = OPTIONS.text("cookie", "", name("cookie"));
    private static final Option<String> QUERY = OPTIONS.text("query", "", name("query"));
    private static final Option<Duration> TICKET = OPTIONS.millis("ticketMs", DEFAULT_TICKET, 1000, 600_000);
    private static final Option<Integer> TICKETS = OPTIONS.number("tickets", DEFAULT_TICKETS, 0, 1_000_000);
    private static final Option<Duration> WARNING = OPTIONS.millis("warningMs", DEFAULT_WARNING, 0, 3_600_000);

    private final OptionValues values;

    /** Creates the defaults. */
    public AuthOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public AuthOptions(AuthOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public AuthOptions(JsonObject json) {
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
     * Sets which JSON Web Tokens are accepted; with a key or a URL in it, they are what tells users apart.
     *
     * @param value never null
     * @return this
     */
    public AuthOptions jwt(JwtOptions value) {
        values.set(JWT, value);
        return this;
    }

    /** {@return which JSON Web Tokens are accepted} */
    public JwtOptions jwt() {
        return values.get(JWT);
    }

    /**
     * Sets whether credentials must come with the request, so that nobody gets a WebSocket without.
     *
     * @param value false by default: they may come in {@code hello}
     * @return this
     */
    public AuthOptions requireHandshakeToken(boolean value) {
        values.set(REQUIRE, value);
        return this;
    }

    /** {@return whether credentials must come with the request} */
    public boolean requireHandshakeToken() {
        return values.get(REQUIRE);
    }

    /**
     * Sets the cookie that a token may come in.
     *
     * @param value its name; empty for none
     * @return this
     */
    public AuthOptions cookie(String value) {
        values.set(COOKIE, value);
        return this;
    }

    /** {@return the name of the cookie that a token may come in, or an empty string} */
    public String cookie() {
        return values.get(COOKIE);
    }

    /**
     * Sets the parameter of the URL that a token may come in; proxies write URLs into their logs.
     *
     * @param value its name; empty for none
     * @return this
     */
    public AuthOptions query(String value) {
        values.set(QUERY, value);
        return this;
    }

    /** {@return the name of the parameter of the URL that a token may come in, or an empty string} */
    public String query() {
        return values.get(QUERY);
    }

    /**
     * Sets for how long a ticket can be used.
     *
     * @param value 1000 ms to 600,000 ms
     * @return this
     */
    public AuthOptions ticket(Duration value) {
        values.set(TICKET, value);
        return this;
    }

    /** {@return for how long a ticket can be used} */
    public Duration ticket() {
        return values.get(TICKET);
    }

    /**
     * Sets the most unused tickets on this node.
     *
     * @param value 0 to 1,000,000; 0 hands out none
     * @return this
     */
    public AuthOptions tickets(int value) {
        values.set(TICKETS, value);
        return this;
    }

    /** {@return the most unused tickets on this node} */
    public int tickets() {
        return values.get(TICKETS);
    }

    /**
     * Sets how long before its credentials expire a client is warned; at most half of what is left when they come.
     *
     * @param value 0 ms to 3,600,000 ms
     * @return this
     */
    public AuthOptions warning(Duration value) {
        values.set(WARNING, value);
        return this;
    }

    /** {@return how long before its credentials expire a client is warned} */
    public Duration warning() {
        return values.get(WARNING);
    }

    private static Consumer<String> name(String option) {
        return value -> {
            if (!value.matches("[A-Za-z0-9_.-]{0,64}")) {
                throw new IllegalArgumentException(option
                        + " must be a name of at most 64 letters, digits or . _ -, or empty, not " + value + ".");
            }
            if (value.matches("channel|cursor|since|wait|ticket")) {
                throw new IllegalArgumentException(option + " must not be " + value + ", which means something else.");
            }
        };
    }

    /**
     * Checks what only makes sense together.
     *
     * @param allowAnonymous whether sessions may be opened without credentials
     * @return this
     * @throws IllegalArgumentException saying what would be right
     */
    AuthOptions check(boolean allowAnonymous) {
        jwt().check();
        if (allowAnonymous && requireHandshakeToken()) {
            throw new IllegalArgumentException("auth.requireHandshakeToken must not be set along with allowAnonymous:"
                    + " nobody would be let in without a token any more.");
        }
        return this;
    }
}
