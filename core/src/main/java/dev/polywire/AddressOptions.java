package dev.polywire;

import dev.polywire.spi.http.TrustedProxies;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What one address may use: that of a client with IPv4, or the first 64 bits of one with IPv6, which is what a single customer is given. */
public final class AddressOptions {
    /** The most sessions of one address, when not said otherwise. */
    public static final int DEFAULT_SESSIONS = 10_000;

    /** Frames a second that all sessions of one address may send, when not said otherwise. */
    public static final int DEFAULT_MESSAGES = 10_000;

    /** Bytes a second that all sessions of one address may send, when not said otherwise. */
    public static final int DEFAULT_BYTES = 16 * 1024 * 1024;

    /** Sessions a second that one address may open, when not said otherwise. */
    public static final int DEFAULT_OPENS = 100;

    /** Connections a second that one address may make, when not said otherwise. */
    public static final int DEFAULT_CONNECTS = 1000;

    /** The most polls and bare reads of one address that are under way at a time, when not said otherwise. */
    public static final int DEFAULT_POLLS = 5000;

    /** Of how many addresses and users it is remembered what they have used, when not said otherwise. */
    public static final int DEFAULT_ENTRIES = 200_000;

    private static final OptionTable OPTIONS = new OptionTable("address options");
    private static final Option<Integer> SESSIONS = OPTIONS.number("sessions", DEFAULT_SESSIONS, 1, 10_000_000);
    private static final Option<Integer> MESSAGES = OPTIONS.number("messages", DEFAULT_MESSAGES, 0, Integer.MAX_VALUE);
    private static final Option<Integer> BYTES = OPTIONS.number("bytes", DEFAULT_BYTES, 0, Integer.MAX_VALUE);
    private static final Option<Integer> OPENS = OPTIONS.number("opens", DEFAULT_OPENS, 0, 1_000_000);
    private static final Option<Integer> CONNECTS = OPTIONS.number("connects", DEFAULT_CONNECTS, 0, 1_000_000);
    private static final Option<Integer> POLLS = OPTIONS.number("polls", DEFAULT_POLLS, 1, 10_000_000);
    private static final Option<Integer> ENTRIES = OPTIONS.number("entries", DEFAULT_ENTRIES, 1, 10_000_000);
    private static final Option<List<String>> TRUSTED_PROXIES =
            OPTIONS.texts("trustedProxies", List.of(), TrustedProxies::check);
    private static final Option<ProxyHeader> PROXY_HEADER = OPTIONS.choice("proxyHeader", ProxyHeader.X_FORWARDED_FOR);

    private final OptionValues values;

    /** Creates the defaults. */
    public AddressOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public AddressOptions(AddressOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public AddressOptions(JsonObject json) {
        values = new OptionValues(OPTIONS, json);
    }

    /**
     * Returns all options.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return values.toJson();
    }

    /**
     * Sets the most sessions of one address.
     *
     * @param value 1 to 10,000,000
     * @return this
     */
    public AddressOptions sessions(int value) {
        values.set(SESSIONS, value);
        return this;
    }

    /** {@return the most sessions of one address} */
    public int sessions() {
        return values.get(SESSIONS);
    }

    /**
     * Sets how many frames a second all sessions of one address may send.
     *
     * @param value at least 0, which is as many as each of them may
     * @return this
     */
    public AddressOptions messages(int value) {
        values.set(MESSAGES, value);
        return this;
    }

    /** {@return how many frames a second all sessions of one address may send} */
    public int messages() {
        return values.get(MESSAGES);
    }

    /**
     * Sets how many bytes a second all sessions of one address may send.
     *
     * @param value at least 0, which is as many as each of them may
     * @return this
     */
    public AddressOptions bytes(int value) {
        values.set(BYTES, value);
        return this;
    }

    /** {@return how many bytes a second all sessions of one address may send} */
    public int bytes() {
        return values.get(BYTES);
    }

    /**
     * Sets how many sessions a second one address may open.
     *
     * @param value 0 to 1,000,000; 0 is any number
     * @return this
     */
    public AddressOptions opens(int value) {
        values.set(OPENS, value);
        return this;
    }

    /** {@return how many sessions a second one address may open} */
    public int opens() {
        return values.get(OPENS);
    }

    /**
     * Sets how many connections a second one address may make, whether they open a session or come back to one, bare reads among them.
     *
     * @param value 0 to 1,000,000; 0 is any number
     * @return this
     */
    public AddressOptions connects(int value) {
        values.set(CONNECTS, value);
        return this;
    }

    /** {@return how many connections a second one address may make} */
    public int connects() {
        return values.get(CONNECTS);
    }

    /**
     * Sets the most polls and bare reads of one address that are under way at a time.
     *
     * @param value 1 to 10,000,000
     * @return this
     */
    public AddressOptions polls(int value) {
        values.set(POLLS, value);
        return this;
    }

    /** {@return the most polls and bare reads of one address that are under way at a time} */
    public int polls() {
        return values.get(POLLS);
    }

    /**
     * Sets of how many addresses, and of how many users, it is remembered what they have used.
     *
     * @param value 1 to 10,000,000; those that find no room share one
     * @return this
     */
    public AddressOptions entries(int value) {
        values.set(ENTRIES, value);
        return this;
    }

    /** {@return of how many addresses, and of how many users, it is remembered what they have used} */
    public int entries() {
        return values.get(ENTRIES);
    }

    /**
     * Sets the proxies that are believed when they say whose request they pass on, such as 10.0.0.7 or 10.0.0.0/8.
     *
     * @param value addresses, subnets, and {@code local} for one that comes by a domain socket; none by default
     * @return this
     */
    public AddressOptions trustedProxies(List<String> value) {
        values.set(TRUSTED_PROXIES, List.copyOf(value));
        return this;
    }

    /** {@return the proxies that are believed when they say whose request they pass on, such as 10.0.0.7 or 10.0.0.0/8} */
    public List<String> trustedProxies() {
        return values.get(TRUSTED_PROXIES);
    }

    /**
     * Sets in which header trusted proxies say it.
     *
     * @param value the other one is not read, because a proxy that does not know it passes on what the client wrote there
     * @return this
     */
    public AddressOptions proxyHeader(ProxyHeader value) {
        values.set(PROXY_HEADER, value);
        return this;
    }

    /** {@return in which header trusted proxies say it} */
    public ProxyHeader proxyHeader() {
        return values.get(PROXY_HEADER);
    }

    /** The headers in which proxies name the client. */
    public enum ProxyHeader {
        /** {@code X-Forwarded-For}. */
        X_FORWARDED_FOR,
        /** {@code Forwarded}, as RFC 7239 has it. */
        FORWARDED
    }
}
