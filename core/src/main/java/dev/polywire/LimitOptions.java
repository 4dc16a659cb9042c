package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * What all clients of this node together, one user and one address may use; {@link SessionOptions} says what one session may. What is
 * so much a second may come at once up to ten seconds' worth. Several nodes share the limits of users and addresses: {@link SharingOptions}.
 */
public final class LimitOptions {
    /** The most sessions on this node, when not said otherwise. */
    public static final int DEFAULT_SESSIONS = 100_000;

    /** The most bare reads at a time on this node, when not said otherwise. */
    public static final int DEFAULT_BARE_READERS = 10_000;

    /** The most bytes that the outboxes of all sessions on this node keep, when not said otherwise. */
    public static final long DEFAULT_OUTBOX_MEMORY = 256L * 1024 * 1024;

    /** The most sessions of one user, when not said otherwise. */
    public static final int DEFAULT_USER_SESSIONS = 1000;

    /** Frames a second that all sessions of one user may send, when not said otherwise. */
    public static final int DEFAULT_USER_MESSAGES = 1000;

    /** Bytes a second that all sessions of one user may send, when not said otherwise. */
    public static final int DEFAULT_USER_BYTES = 2 * 1024 * 1024;

    /** Wires a second that may attach to one session, polls among them, when not said otherwise. */
    public static final int DEFAULT_ATTACHES = 500;

    /** Characters of the name of a channel that a client asks for, when not said otherwise. */
    public static final int DEFAULT_CHANNEL_LENGTH = 128;

    private static final OptionTable OPTIONS = new OptionTable("limit options");
    private static final Option<Integer> SESSIONS = OPTIONS.number("sessions", DEFAULT_SESSIONS, 1, 10_000_000);
    private static final Option<Integer> BARE_READERS =
            OPTIONS.number("bareReaders", DEFAULT_BARE_READERS, 0, 10_000_000);
    private static final Option<Long> OUTBOX_MEMORY =
            OPTIONS.bytes("outboxMemory", DEFAULT_OUTBOX_MEMORY, 1024, 1L << 50);
    private static final Option<Integer> USER_SESSIONS =
            OPTIONS.number("userSessions", DEFAULT_USER_SESSIONS, 1, 10_000_000);
    private static final Option<Integer> USER_MESSAGES =
            OPTIONS.number("userMessages", DEFAULT_USER_MESSAGES, 0, Integer.MAX_VALUE);
    private static final Option<Integer> USER_BYTES =
            OPTIONS.number("userBytes", DEFAULT_USER_BYTES, 0, Integer.MAX_VALUE);
    private static final Option<Integer> ATTACHES = OPTIONS.number("attaches", DEFAULT_ATTACHES, 0, 1_000_000);
    private static final Option<Integer> CHANNEL_LENGTH =
            OPTIONS.number("channelLength", DEFAULT_CHANNEL_LENGTH, 1, 128);
    private static final Option<Duration> IDLE = OPTIONS.millis("idleMs", Duration.ZERO, 0, 604_800_000);
    private static final Option<Duration> CONNECTION_AGE =
            OPTIONS.millis("connectionAgeMs", Duration.ZERO, 0, 604_800_000);
    private static final Option<AddressOptions> ADDRESS = OPTIONS.part(
            "address", new AddressOptions(), AddressOptions::new, AddressOptions::toJson, AddressOptions::new);
    private static final Option<OverloadOptions> OVERLOAD = OPTIONS.part(
            "overload", new OverloadOptions(), OverloadOptions::new, OverloadOptions::toJson, OverloadOptions::new);
    private static final Option<SharingOptions> SHARING = OPTIONS.part(
            "sharing", new SharingOptions(), SharingOptions::new, SharingOptions::toJson, SharingOptions::new);

    private final OptionValues values;

    /** Creates the defaults. */
    public LimitOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public LimitOptions(LimitOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public LimitOptions(JsonObject json) {
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
     * Sets the most sessions on this node.
     *
     * @param value 1 to 10,000,000
     * @return this
     */
    public LimitOptions sessions(int value) {
        values.set(SESSIONS, value);
        return this;
    }

    /** {@return the most sessions on this node} */
    public int sessions() {
        return values.get(SESSIONS);
    }

    /**
     * Sets the most bare reads at a time on this node.
     *
     * @param value 0 to 10,000,000
     * @return this
     */
    public LimitOptions bareReaders(int value) {
        values.set(BARE_READERS, value);
        return this;
    }

    /** {@return the most bare reads at a time on this node} */
    public int bareReaders() {
        return values.get(BARE_READERS);
    }

    /**
     * Sets the most bytes that the outboxes of all sessions on this node keep, a frame that several share counted once.
     *
     * @param value 1024 to 2^50
     * @return this
     */
    public LimitOptions outboxMemory(long value) {
        values.set(OUTBOX_MEMORY, value);
        return this;
    }

    /** {@return the most bytes that the outboxes of all sessions on this node keep} */
    public long outboxMemory() {
        return values.get(OUTBOX_MEMORY);
    }

    /**
     * Sets the most sessions of one user.
     *
     * @param value 1 to 10,000,000
     * @return this
     */
    public LimitOptions userSessions(int value) {
        values.set(USER_SESSIONS, value);
        return this;
    }

    /** {@return the most sessions of one user} */
    public int userSessions() {
        return values.get(USER_SESSIONS);
    }

    /**
     * Sets how many frames a second all sessions of one user may send.
     *
     * @param value at least 0, which is as many as each of them may
     * @return this
     */
    public LimitOptions userMessages(int value) {
        values.set(USER_MESSAGES, value);
        return this;
    }

    /** {@return how many frames a second all sessions of one user may send} */
    public int userMessages() {
        return values.get(USER_MESSAGES);
    }

    /**
     * Sets how many bytes a second all sessions of one user may send.
     *
     * @param value at least 0, which is as many as each of them may
     * @return this
     */
    public LimitOptions userBytes(int value) {
        values.set(USER_BYTES, value);
        return this;
    }

    /** {@return how many bytes a second all sessions of one user may send} */
    public int userBytes() {
        return values.get(USER_BYTES);
    }

    /**
     * Sets how many wires a second may attach to one session, polls among them.
     *
     * @param value 0 to 1,000,000; 0 is any number
     * @return this
     */
    public LimitOptions attaches(int value) {
        values.set(ATTACHES, value);
        return this;
    }

    /** {@return how many wires a second may attach to one session, polls among them} */
    public int attaches() {
        return values.get(ATTACHES);
    }

    /**
     * Sets how many characters the name of a channel may have that a client asks for.
     *
     * @param value 1 to 128
     * @return this
     */
    public LimitOptions channelLength(int value) {
        values.set(CHANNEL_LENGTH, value);
        return this;
    }

    /** {@return how many characters the name of a channel may have that a client asks for} */
    public int channelLength() {
        return values.get(CHANNEL_LENGTH);
    }

    /**
     * Sets after how long a session is ended whose client sends nothing but what keeps the connection going.
     *
     * @param value at most seven days; zero is never, the default
     * @return this
     */
    public LimitOptions idle(Duration value) {
        values.set(IDLE, value);
        return this;
    }

    /** {@return after how long a session is ended whose client sends nothing but what keeps the connection going} */
    public Duration idle() {
        return values.get(IDLE);
    }

    /**
     * Sets after how long, give or take a tenth, a WebSocket or an event stream is closed so that its client attaches another one to the same session.
     *
     * @param value at most seven days; zero is never, the default
     * @return this
     */
    public LimitOptions connectionAge(Duration value) {
        values.set(CONNECTION_AGE, value);
        return this;
    }

    /** {@return after how long, give or take a tenth, a WebSocket or an event stream is closed so that its client attaches another one to the same session} */
    public Duration connectionAge() {
        return values.get(CONNECTION_AGE);
    }

    /**
     * Sets what one address may use, and how it is found out.
     *
     * @param value never null
     * @return this
     */
    public LimitOptions address(AddressOptions value) {
        values.set(ADDRESS, value);
        return this;
    }

    /** {@return what one address may use, and how it is found out} */
    public AddressOptions address() {
        return values.get(ADDRESS);
    }

    /**
     * Sets when this node takes nobody new in.
     *
     * @param value never null
     * @return this
     */
    public LimitOptions overload(OverloadOptions value) {
        values.set(OVERLOAD, value);
        return this;
    }

    /** {@return when this node takes nobody new in} */
    public OverloadOptions overload() {
        return values.get(OVERLOAD);
    }

    /**
     * Sets whether several nodes share the limits of users and addresses.
     *
     * @param value never null
     * @return this
     */
    public LimitOptions sharing(SharingOptions value) {
        values.set(SHARING, value);
        return this;
    }

    /** {@return whether several nodes share the limits of users and addresses} */
    public SharingOptions sharing() {
        return values.get(SHARING);
    }
}
