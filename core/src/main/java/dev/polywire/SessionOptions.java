package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** What every session may use, and how long it is kept. Byte sizes are of the frames as JSON. */
public final class SessionOptions {
    /** How long a session is kept without a connection, when not said otherwise. */
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    /** How often a peer is asked whether it is there; also the longest wait of a poll, when not said otherwise. */
    public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(25);

    /** How long a connection may take to say hello, when not said otherwise. */
    public static final Duration DEFAULT_HELLO_TIMEOUT = Duration.ofSeconds(5);

    /** How long a new session waits for anything to follow its welcome, when not said otherwise. */
    public static final Duration DEFAULT_ORPHAN_TIMEOUT = Duration.ofSeconds(10);

    /** The largest frame from a client, in bytes, when not said otherwise. */
    public static final int DEFAULT_FRAME = 64 * 1024;

    /** The largest body of a POST, in bytes, when not said otherwise. */
    public static final int DEFAULT_POST = 256 * 1024;

    /** How deep the JSON of a frame may nest, when not said otherwise. */
    public static final int DEFAULT_DEPTH = 32;

    /** The most bytes on the way to a client that it has not acknowledged, when not said otherwise. */
    public static final int DEFAULT_WINDOW = 256 * 1024;

    /** The most bytes kept for a client, acknowledged ones left out, when not said otherwise. */
    public static final int DEFAULT_OUTBOX = 1024 * 1024;

    /** The most accepted frames that wait for their turn, when not said otherwise. */
    public static final int DEFAULT_INBOX = 256;

    /** The most channels that one session may be in, when not said otherwise. */
    public static final int DEFAULT_CHANNELS = 128;

    /** The most requests under way in one session, in each direction, when not said otherwise. */
    public static final int DEFAULT_REQUESTS = 64;

    /** The most messages that await their confirmation in one session, when not said otherwise. */
    public static final int DEFAULT_CONFIRMS = 1000;

    /** The longest time that a request may take, when not said otherwise. */
    public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(30);

    private static final OptionTable OPTIONS = new OptionTable("session options");
    private static final Option<Duration> GRACE = OPTIONS.millis("graceMs", DEFAULT_GRACE, 100, 3_600_000);
    private static final Option<Duration> HEARTBEAT = OPTIONS.millis("heartbeatMs", DEFAULT_HEARTBEAT, 100, 600_000);
    private static final Option<Duration> HELLO_TIMEOUT =
            OPTIONS.millis("helloTimeoutMs", DEFAULT_HELLO_TIMEOUT, 10, 60_000);
    private static final Option<Duration> ORPHAN_TIMEOUT =
            OPTIONS.millis("orphanTimeoutMs", DEFAULT_ORPHAN_TIMEOUT, 10, 60_000);
    private static final Option<Integer> FRAME = OPTIONS.number("frame", DEFAULT_FRAME, 256, 16 * 1024 * 1024);
    private static final Option<Integer> POST = OPTIONS.number("post", DEFAULT_POST, 256, 64 * 1024 * 1024);
    private static final Option<Integer> DEPTH = OPTIONS.number("depth", DEFAULT_DEPTH, 2, 1000);
    private static final Option<Integer> WINDOW = OPTIONS.number("window", DEFAULT_WINDOW, 1024, 64 * 1024 * 1024);
    private static final Option<Integer> OUTBOX = OPTIONS.number("outbox", DEFAULT_OUTBOX, 1024, 256 * 1024 * 1024);
    private static final Option<Integer> INBOX = OPTIONS.number("inbox", DEFAULT_INBOX, 1, 100_000);
    private static final Option<Integer> CHANNELS = OPTIONS.number("channels", DEFAULT_CHANNELS, 1, 100_000);
    private static final Option<Integer> REQUESTS = OPTIONS.number("requests", DEFAULT_REQUESTS, 1, 10_000);
    private static final Option<Integer> CONFIRMS = OPTIONS.number("confirms", DEFAULT_CONFIRMS, 1, 100_000);
    private static final Option<Duration> REQUEST_TIMEOUT =
            OPTIONS.millis("requestTimeoutMs", DEFAULT_REQUEST_TIMEOUT, 10, 600_000);
    private static final Option<RateLimit> RATE =
            OPTIONS.part("rate", RateLimit.DEFAULT, RateLimit::fromJson, RateLimit::toJson, same -> same);

    private final OptionValues values;

    /** Creates the defaults. */
    public SessionOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public SessionOptions(SessionOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public SessionOptions(JsonObject json) {
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
     * Sets how long a session is kept without a connection.
     *
     * @param value 100 ms to 3,600,000 ms
     * @return this
     */
    public SessionOptions grace(Duration value) {
        values.set(GRACE, value);
        return this;
    }

    /** {@return how long a session is kept without a connection} */
    public Duration grace() {
        return values.get(GRACE);
    }

    /**
     * Sets how often a peer is asked whether it is there; also the longest wait of a poll.
     *
     * @param value 100 ms to 600,000 ms
     * @return this
     */
    public SessionOptions heartbeat(Duration value) {
        values.set(HEARTBEAT, value);
        return this;
    }

    /** {@return how often a peer is asked whether it is there; also the longest wait of a poll} */
    public Duration heartbeat() {
        return values.get(HEARTBEAT);
    }

    /**
     * Sets how long a connection may take to say hello, and how long then the authenticator, and the authorizer for {@code CONNECT}.
     *
     * @param value 10 ms to 60,000 ms
     * @return this
     */
    public SessionOptions helloTimeout(Duration value) {
        values.set(HELLO_TIMEOUT, value);
        return this;
    }

    /** {@return how long a connection may take to say hello} */
    public Duration helloTimeout() {
        return values.get(HELLO_TIMEOUT);
    }

    /**
     * Sets how long a new session waits for anything to follow its welcome.
     *
     * @param value 10 ms to 60,000 ms
     * @return this
     */
    public SessionOptions orphanTimeout(Duration value) {
        values.set(ORPHAN_TIMEOUT, value);
        return this;
    }

    /** {@return how long a new session waits for anything to follow its welcome} */
    public Duration orphanTimeout() {
        return values.get(ORPHAN_TIMEOUT);
    }

    /**
     * Sets the largest frame from a client, in bytes.
     *
     * @param value 256 to 16 * 1024 * 1024
     * @return this
     */
    public SessionOptions frame(int value) {
        values.set(FRAME, value);
        return this;
    }

    /** {@return the largest frame from a client, in bytes} */
    public int frame() {
        return values.get(FRAME);
    }

    /**
     * Sets the largest body of a POST, in bytes.
     *
     * @param value 256 to 64 * 1024 * 1024
     * @return this
     */
    public SessionOptions post(int value) {
        values.set(POST, value);
        return this;
    }

    /** {@return the largest body of a POST, in bytes} */
    public int post() {
        return values.get(POST);
    }

    /**
     * Sets how deep the JSON of a frame may nest.
     *
     * @param value 2 to 1000
     * @return this
     */
    public SessionOptions depth(int value) {
        values.set(DEPTH, value);
        return this;
    }

    /** {@return how deep the JSON of a frame may nest} */
    public int depth() {
        return values.get(DEPTH);
    }

    /**
     * Sets the most bytes on the way to a client that it has not acknowledged.
     *
     * @param value 1024 to 64 * 1024 * 1024
     * @return this
     */
    public SessionOptions window(int value) {
        values.set(WINDOW, value);
        return this;
    }

    /** {@return the most bytes on the way to a client that it has not acknowledged} */
    public int window() {
        return values.get(WINDOW);
    }

    /**
     * Sets the most bytes kept for a client, acknowledged ones left out.
     *
     * @param value 1024 to 256 * 1024 * 1024
     * @return this
     */
    public SessionOptions outbox(int value) {
        values.set(OUTBOX, value);
        return this;
    }

    /** {@return the most bytes kept for a client, acknowledged ones left out} */
    public int outbox() {
        return values.get(OUTBOX);
    }

    /**
     * Sets the most accepted frames that wait for their turn.
     *
     * @param value 1 to 100,000
     * @return this
     */
    public SessionOptions inbox(int value) {
        values.set(INBOX, value);
        return this;
    }

    /** {@return the most accepted frames that wait for their turn} */
    public int inbox() {
        return values.get(INBOX);
    }

    /**
     * Sets the most channels that one session may be in.
     *
     * @param value 1 to 100,000
     * @return this
     */
    public SessionOptions channels(int value) {
        values.set(CHANNELS, value);
        return this;
    }

    /** {@return the most channels that one session may be in} */
    public int channels() {
        return values.get(CHANNELS);
    }

    /**
     * Sets the most requests under way in one session, in each direction.
     *
     * @param value 1 to 10,000
     * @return this
     */
    public SessionOptions requests(int value) {
        values.set(REQUESTS, value);
        return this;
    }

    /** {@return the most requests under way in one session, in each direction} */
    public int requests() {
        return values.get(REQUESTS);
    }

    /**
     * Sets the most messages that await their confirmation in one session.
     *
     * @param value 1 to 100,000
     * @return this
     */
    public SessionOptions confirms(int value) {
        values.set(CONFIRMS, value);
        return this;
    }

    /** {@return the most messages that await their confirmation in one session} */
    public int confirms() {
        return values.get(CONFIRMS);
    }

    /**
     * Sets the longest time that a request may take.
     *
     * @param value 10 ms to 600,000 ms
     * @return this
     */
    public SessionOptions requestTimeout(Duration value) {
        values.set(REQUEST_TIMEOUT, value);
        return this;
    }

    /** {@return the longest time that a request may take} */
    public Duration requestTimeout() {
        return values.get(REQUEST_TIMEOUT);
    }

    /**
     * Sets how much a client may send.
     *
     * @param value never null
     * @return this
     */
    public SessionOptions rate(RateLimit value) {
        values.set(RATE, value);
        return this;
    }

    /** {@return how much a client may send} */
    public RateLimit rate() {
        return values.get(RATE);
    }

    /**
     * Checks what only makes sense together.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    void check() {
        int frame = frame();
        int window = window();
        int outbox = outbox();
        if (frame > window || window > outbox) {
            throw new IllegalArgumentException("The largest frame (" + frame + ") must fit the window (" + window
                    + "), and the window the outbox (" + outbox + "), or a frame could never be sent.");
        }
        if (frame > post()) {
            throw new IllegalArgumentException(
                    "The largest POST (" + post() + ") must hold the largest frame (" + frame + ").");
        }
        if (rate().byteBurst() < frame) {
            throw new IllegalArgumentException("The rate limit's byteBurst (" + rate().byteBurst()
                    + ") must hold the largest frame (" + frame + "), or such a frame could never be sent.");
        }
    }
}
