package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ProxyOptions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a client connects. The same in code and in JSON, where a length of time is a number of milliseconds whose name ends in {@code Ms};
 * only {@link #tokens} exists in code alone. What cannot be is refused with an {@link IllegalArgumentException} whose message is a
 * sentence. Copied when a client is made. Not for several threads at a time.
 */
public final class ClientOptions {
    /** All wires, in the client's own order of preference. */
    public static final List<String> TRANSPORTS = List.of("websocket", "sse", "longpoll");

    private @Nullable String token;
    private @Nullable Supplier<Future<@Nullable String>> tokens;
    private List<String> transports = List.of();
    private @Nullable Object capabilities;
    private int maxAttempts;
    private int queueLimit = 1000;
    private boolean autoConfirm;
    private Duration upgradeAfter = Duration.ofSeconds(20);
    private Duration welcomeTimeout = Duration.ofSeconds(10);
    private boolean remember = true;
    private int maxFrame = 4_194_304;
    private List<String> trust = List.of();
    private @Nullable ProxyOptions proxy;

    /** Creates the defaults: no token, and all wires. */
    public ClientOptions() {}

    /**
     * Copies.
     *
     * @param other the options to copy; shares nothing with this afterwards, but the function that gets tokens
     */
    public ClientOptions(ClientOptions other) {
        token = other.token;
        tokens = other.tokens;
        transports = other.transports;
        capabilities = Frames.payload(other.capabilities);
        maxAttempts = other.maxAttempts;
        queueLimit = other.queueLimit;
        autoConfirm = other.autoConfirm;
        upgradeAfter = other.upgradeAfter;
        welcomeTimeout = other.welcomeTimeout;
        remember = other.remember;
        maxFrame = other.maxFrame;
        trust = other.trust;
        proxy = other.proxy();
    }

    /**
     * Reads JSON; what is left out keeps its default.
     *
     * @param json as {@link #toJson} writes it
     */
    public ClientOptions(JsonObject json) {
        ClientOptionsJson.read(json, this);
    }

    /** Returns the options as JSON, the token included. */
    public JsonObject toJson() {
        return ClientOptionsJson.write(this);
    }

    private static Duration within(String name, Duration value, long low, long high) {
        long millis = value.toMillis();
        if (millis < low || millis > high) {
            throw new IllegalArgumentException(
                    name + " in milliseconds must lie between " + low + " and " + high + ", not " + millis + ".");
        }
        return value;
    }

    private static int within(String name, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(
                    name + " must lie between " + low + " and " + high + ", not " + value + ".");
        }
        return value;
    }

    /** Returns the bearer token that does not change, or null. */
    public @Nullable String token() {
        return token;
    }

    /** Sets a bearer token that does not change, or null for none; in place of a function. */
    public ClientOptions token(@Nullable String value) {
        if (value != null && !value.matches("[\\x21-\\x7e]{1,65536}")) {
            throw new IllegalArgumentException("token must be visible ASCII without spaces.");
        }
        token = value;
        tokens = null;
        return this;
    }

    /** Returns what gets tokens, or null. */
    public @Nullable Supplier<Future<@Nullable String>> tokens() {
        return tokens;
    }

    /**
     * Sets what gets bearer tokens, in place of a fixed one. It is asked in the client's context for each wire that is opened, before a
     * JWT expires, and when the server says that the token ends; a future of null is no token. One that fails is a failed attempt, and is
     * asked again.
     */
    public ClientOptions tokens(Supplier<Future<@Nullable String>> value) {
        tokens = Objects.requireNonNull(value, "tokens");
        token = null;
        return this;
    }

    /** Returns the wires to be used, best first; empty for all of them in the server's order. */
    public List<String> transports() {
        return transports;
    }

    /** Sets the wires to be used, best first: some of {@link #TRANSPORTS}; empty, the default, for all of them in the server's order. */
    public ClientOptions transports(List<String> value) {
        for (String name : value) {
            if (!TRANSPORTS.contains(name)) {
                throw new IllegalArgumentException(
                        "transports holds \"" + name + "\"; there are websocket, sse and longpoll.");
            }
        }
        if (new HashSet<>(value).size() < value.size()) {
            throw new IllegalArgumentException("transports must not name one twice.");
        }
        transports = List.copyOf(value);
        return this;
    }

    /** Returns what is told to the server of this client, any JSON; null for nothing. */
    public @Nullable Object capabilities() {
        return capabilities;
    }

    /** Sets what is told to the server in {@code hello}: any JSON that its application may go by, or null for nothing. */
    public ClientOptions capabilities(@Nullable Object value) {
        capabilities = Frames.payload(value);
        return this;
    }

    /** Returns after how many failed attempts in a row the client gives up; 0 for never. */
    public int maxAttempts() {
        return maxAttempts;
    }

    /** Sets after how many failed attempts in a row the state becomes {@link State#FAILED}: 0 to 1,000,000; 0, the default, for never. */
    public ClientOptions maxAttempts(int value) {
        maxAttempts = within("maxAttempts", value, 0, 1_000_000);
        return this;
    }

    /** Returns how many frames may wait while there is no wire. */
    public int queueLimit() {
        return queueLimit;
    }

    /**
     * Sets how many frames may wait while there is no wire, 1 to 1,000,000; more fail with {@code queue_full}. 1000 when not said
     * otherwise. With a wire 10,000 may be on their way or without an answer, or this many if that is more.
     */
    public ClientOptions queueLimit(int value) {
        queueLimit = within("queueLimit", value, 1, 1_000_000);
        return this;
    }

    /** Returns whether messages are confirmed once their handlers returned. */
    public boolean autoConfirm() {
        return autoConfirm;
    }

    /** Sets whether messages that ask for it are confirmed once their handlers returned, and none of them threw; false when not said otherwise. */
    public ClientOptions autoConfirm(boolean value) {
        autoConfirm = value;
        return this;
    }

    /** Returns after how long a better wire is probed for. */
    public Duration upgradeAfter() {
        return upgradeAfter;
    }

    /** Sets after how long a better wire is probed for, 10 ms to 10 minutes, doubled by each failure; 20 s when not said otherwise. */
    public ClientOptions upgradeAfter(Duration value) {
        upgradeAfter = within("upgradeAfter", value, 10, 600_000);
        return this;
    }

    /** Returns within how long a wire has to show that it works. */
    public Duration welcomeTimeout() {
        return welcomeTimeout;
    }

    /** Sets within how long a wire has to show that it works, 10 ms to 60 s; 10 s when not said otherwise. */
    public ClientOptions welcomeTimeout(Duration value) {
        welcomeTimeout = within("welcomeTimeout", value, 10, 60_000);
        return this;
    }

    /** Returns whether it is remembered which wire worked. */
    public boolean remember() {
        return remember;
    }

    /** Sets whether clients of this process begin with the wire that worked last at the same address, for an hour; true when not said otherwise. */
    public ClientOptions remember(boolean value) {
        remember = value;
        return this;
    }

    /** Returns the most bytes of a frame, and of the answer to a poll, that are taken in. */
    public int maxFrame() {
        return maxFrame;
    }

    /** Sets the most bytes of a frame, and of the answer to a poll, that are taken in: 65,536 to 1 GiB; 4 MiB when not said otherwise. */
    public ClientOptions maxFrame(int value) {
        maxFrame = within("maxFrame", value, 65_536, 1_073_741_824);
        return this;
    }

    /** Returns the PEM files of the certificates to be trusted; empty for those that the Java runtime trusts. */
    public List<String> trust() {
        return trust;
    }

    /** Sets the PEM files of the certificates to be trusted with {@code https}; empty, the default, for those that the Java runtime trusts. Host names are always checked. */
    public ClientOptions trust(List<String> value) {
        if (value.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("trust must not hold a blank path.");
        }
        trust = List.copyOf(value);
        return this;
    }

    /** Returns a copy of the proxy to connect through, or null. */
    public @Nullable ProxyOptions proxy() {
        return proxy == null ? null : new ProxyOptions(proxy);
    }

    /** Sets the proxy to connect through, or null for none. In JSON it is written as Vert.x writes its {@code ProxyOptions}. */
    public ClientOptions proxy(@Nullable ProxyOptions value) {
        proxy = value == null ? null : new ProxyOptions(value);
        return this;
    }
}
