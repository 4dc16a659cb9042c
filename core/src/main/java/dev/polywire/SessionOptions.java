package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Set;

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

    private static final Set<String> KEYS = Set.of(
            "graceMs",
            "heartbeatMs",
            "helloTimeoutMs",
            "orphanTimeoutMs",
            "frame",
            "post",
            "depth",
            "window",
            "outbox",
            "inbox",
            "channels",
            "requests",
            "confirms",
            "requestTimeoutMs",
            "rate");

    private Duration grace = DEFAULT_GRACE;
    private Duration heartbeat = DEFAULT_HEARTBEAT;
    private Duration helloTimeout = DEFAULT_HELLO_TIMEOUT;
    private Duration orphanTimeout = DEFAULT_ORPHAN_TIMEOUT;
    private int frame = DEFAULT_FRAME;
    private int post = DEFAULT_POST;
    private int depth = DEFAULT_DEPTH;
    private int window = DEFAULT_WINDOW;
    private int outbox = DEFAULT_OUTBOX;
    private int inbox = DEFAULT_INBOX;
    private int channels = DEFAULT_CHANNELS;
    private int requests = DEFAULT_REQUESTS;
    private int confirms = DEFAULT_CONFIRMS;
    private Duration requestTimeout = DEFAULT_REQUEST_TIMEOUT;
    private RateLimit rate = RateLimit.DEFAULT;

    /** Creates the defaults. */
    public SessionOptions() {}

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public SessionOptions(SessionOptions other) {
        grace = other.grace;
        heartbeat = other.heartbeat;
        helloTimeout = other.helloTimeout;
        orphanTimeout = other.orphanTimeout;
        frame = other.frame;
        post = other.post;
        depth = other.depth;
        window = other.window;
        outbox = other.outbox;
        inbox = other.inbox;
        channels = other.channels;
        requests = other.requests;
        confirms = other.confirms;
        requestTimeout = other.requestTimeout;
        rate = other.rate;
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}, durations in milliseconds.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public SessionOptions(JsonObject json) {
        JsonOptions in = new JsonOptions(json, "session options", KEYS);
        grace(in.millis("graceMs", grace));
        heartbeat(in.millis("heartbeatMs", heartbeat));
        helloTimeout(in.millis("helloTimeoutMs", helloTimeout));
        orphanTimeout(in.millis("orphanTimeoutMs", orphanTimeout));
        frame(in.integer("frame", frame));
        post(in.integer("post", post));
        depth(in.integer("depth", depth));
        window(in.integer("window", window));
        outbox(in.integer("outbox", outbox));
        inbox(in.integer("inbox", inbox));
        channels(in.integer("channels", channels));
        requests(in.integer("requests", requests));
        confirms(in.integer("confirms", confirms));
        requestTimeout(in.millis("requestTimeoutMs", requestTimeout));
        JsonObject rateJson = in.object("rate");
        if (rateJson != null) {
            rate(RateLimit.fromJson(rateJson));
        }
    }

    /**
     * Returns all options.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return new JsonObject()
                .put("graceMs", grace.toMillis())
                .put("heartbeatMs", heartbeat.toMillis())
                .put("helloTimeoutMs", helloTimeout.toMillis())
                .put("orphanTimeoutMs", orphanTimeout.toMillis())
                .put("frame", frame)
                .put("post", post)
                .put("depth", depth)
                .put("window", window)
                .put("outbox", outbox)
                .put("inbox", inbox)
                .put("channels", channels)
                .put("requests", requests)
                .put("confirms", confirms)
                .put("requestTimeoutMs", requestTimeout.toMillis())
                .put("rate", rate.toJson());
    }

    /**
     * Sets how long a session is kept without a connection.
     *
     * @param value 100 ms to 3,600,000 ms
     * @return this
     */
    public SessionOptions grace(Duration value) {
        JsonOptions.range("grace in milliseconds", value.toMillis(), 100, 3_600_000);
        grace = value;
        return this;
    }

    /**
     * Returns how long a session is kept without a connection.
     *
     * @return 100 ms to 3,600,000 ms
     */
    public Duration grace() {
        return grace;
    }

    /**
     * Sets how often a peer is asked whether it is there; also the longest wait of a poll.
     *
     * @param value 100 ms to 600,000 ms
     * @return this
     */
    public SessionOptions heartbeat(Duration value) {
        JsonOptions.range("heartbeat in milliseconds", value.toMillis(), 100, 600_000);
        heartbeat = value;
        return this;
    }

    /**
     * Returns how often a peer is asked whether it is there; also the longest wait of a poll.
     *
     * @return 100 ms to 600,000 ms
     */
    public Duration heartbeat() {
        return heartbeat;
    }

    /**
     * Sets how long a connection may take to say hello.
     *
     * @param value 10 ms to 60,000 ms
     * @return this
     */
    public SessionOptions helloTimeout(Duration value) {
        JsonOptions.range("helloTimeout in milliseconds", value.toMillis(), 10, 60_000);
        helloTimeout = value;
        return this;
    }

    /**
     * Returns how long a connection may take to say hello.
     *
     * @return 10 ms to 60,000 ms
     */
    public Duration helloTimeout() {
        return helloTimeout;
    }

    /**
     * Sets how long a new session waits for anything to follow its welcome.
     *
     * @param value 10 ms to 60,000 ms
     * @return this
     */
    public SessionOptions orphanTimeout(Duration value) {
        JsonOptions.range("orphanTimeout in milliseconds", value.toMillis(), 10, 60_000);
        orphanTimeout = value;
        return this;
    }

    /**
     * Returns how long a new session waits for anything to follow its welcome.
     *
     * @return 10 ms to 60,000 ms
     */
    public Duration orphanTimeout() {
        return orphanTimeout;
    }

    /**
     * Sets the largest frame from a client, in bytes.
     *
     * @param value 256 to 16 * 1024 * 1024
     * @return this
     */
    public SessionOptions frame(int value) {
        JsonOptions.range("frame", value, 256, 16 * 1024 * 1024);
        frame = value;
        return this;
    }

    /**
     * Returns the largest frame from a client, in bytes.
     *
     * @return 256 to 16 * 1024 * 1024
     */
    public int frame() {
        return frame;
    }

    /**
     * Sets the largest body of a POST, in bytes.
     *
     * @param value 256 to 64 * 1024 * 1024
     * @return this
     */
    public SessionOptions post(int value) {
        JsonOptions.range("post", value, 256, 64 * 1024 * 1024);
        post = value;
        return this;
    }

    /**
     * Returns the largest body of a POST, in bytes.
     *
     * @return 256 to 64 * 1024 * 1024
     */
    public int post() {
        return post;
    }

    /**
     * Sets how deep the JSON of a frame may nest.
     *
     * @param value 2 to 1000
     * @return this
     */
    public SessionOptions depth(int value) {
        JsonOptions.range("depth", value, 2, 1000);
        depth = value;
        return this;
    }

    /**
     * Returns how deep the JSON of a frame may nest.
     *
     * @return 2 to 1000
     */
    public int depth() {
        return depth;
    }

    /**
     * Sets the most bytes on the way to a client that it has not acknowledged.
     *
     * @param value 1024 to 64 * 1024 * 1024
     * @return this
     */
    public SessionOptions window(int value) {
        JsonOptions.range("window", value, 1024, 64 * 1024 * 1024);
        window = value;
        return this;
    }

    /**
     * Returns the most bytes on the way to a client that it has not acknowledged.
     *
     * @return 1024 to 64 * 1024 * 1024
     */
    public int window() {
        return window;
    }

    /**
     * Sets the most bytes kept for a client, acknowledged ones left out.
     *
     * @param value 1024 to 256 * 1024 * 1024
     * @return this
     */
    public SessionOptions outbox(int value) {
        JsonOptions.range("outbox", value, 1024, 256 * 1024 * 1024);
        outbox = value;
        return this;
    }

    /**
     * Returns the most bytes kept for a client, acknowledged ones left out.
     *
     * @return 1024 to 256 * 1024 * 1024
     */
    public int outbox() {
        return outbox;
    }

    /**
     * Sets the most accepted frames that wait for their turn.
     *
     * @param value 1 to 100,000
     * @return this
     */
    public SessionOptions inbox(int value) {
        JsonOptions.range("inbox", value, 1, 100_000);
        inbox = value;
        return this;
    }

    /**
     * Returns the most accepted frames that wait for their turn.
     *
     * @return 1 to 100,000
     */
    public int inbox() {
        return inbox;
    }

    /**
     * Sets the most channels that one session may be in.
     *
     * @param value 1 to 100,000
     * @return this
     */
    public SessionOptions channels(int value) {
        JsonOptions.range("channels", value, 1, 100_000);
        channels = value;
        return this;
    }

    /**
     * Returns the most channels that one session may be in.
     *
     * @return 1 to 100,000
     */
    public int channels() {
        return channels;
    }

    /**
     * Sets the most requests under way in one session, in each direction.
     *
     * @param value 1 to 10,000
     * @return this
     */
    public SessionOptions requests(int value) {
        JsonOptions.range("requests", value, 1, 10_000);
        requests = value;
        return this;
    }

    /**
     * Returns the most requests under way in one session, in each direction.
     *
     * @return 1 to 10,000
     */
    public int requests() {
        return requests;
    }

    /**
     * Sets the most messages that await their confirmation in one session.
     *
     * @param value 1 to 100,000
     * @return this
     */
    public SessionOptions confirms(int value) {
        JsonOptions.range("confirms", value, 1, 100_000);
        confirms = value;
        return this;
    }

    /**
     * Returns the most messages that await their confirmation in one session.
     *
     * @return 1 to 100,000
     */
    public int confirms() {
        return confirms;
    }

    /**
     * Sets the longest time that a request may take.
     *
     * @param value 10 ms to 600,000 ms
     * @return this
     */
    public SessionOptions requestTimeout(Duration value) {
        JsonOptions.range("requestTimeout in milliseconds", value.toMillis(), 10, 600_000);
        requestTimeout = value;
        return this;
    }

    /**
     * Returns the longest time that a request may take.
     *
     * @return 10 ms to 600,000 ms
     */
    public Duration requestTimeout() {
        return requestTimeout;
    }

    /**
     * Sets how much a client may send.
     *
     * @param value never null
     * @return this
     */
    public SessionOptions rate(RateLimit value) {
        rate = value;
        return this;
    }

    /**
     * Returns how much a client may send.
     *
     * @return never null
     */
    public RateLimit rate() {
        return rate;
    }

    /**
     * Checks what only makes sense together.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    void check() {
        if (frame > window || window > outbox) {
            throw new IllegalArgumentException("The largest frame (" + frame + ") must fit the window (" + window
                    + "), and the window the outbox (" + outbox + "), or a frame could never be sent.");
        }
        if (frame > post) {
            throw new IllegalArgumentException(
                    "The largest POST (" + post + ") must hold the largest frame (" + frame + ").");
        }
        if (rate.byteBurst() < frame) {
            throw new IllegalArgumentException("The rate limit's byteBurst (" + rate.byteBurst()
                    + ") must hold the largest frame (" + frame + "), or such a frame could never be sent.");
        }
    }
}
