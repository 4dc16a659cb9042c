package dev.polywire;

import dev.polywire.spi.Broker;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;

/** How the channels of one namespace behave. A namespace is what stands before the first {@code :} of a channel's name. */
public final class ChannelOptions {
    /** Messages kept when not said otherwise: none. */
    public static final int DEFAULT_HISTORY_SIZE = 0;

    /** How long a message is kept. */
    public static final Duration DEFAULT_HISTORY_AGE = Duration.ofMinutes(5);

    /** The most messages that a channel may keep. */
    public static final int MAX_HISTORY_SIZE = 100_000;

    /** The longest time that a message may be kept. */
    public static final Duration MAX_HISTORY_AGE = Duration.ofDays(365);

    /** How often a message that asks for confirmation is delivered. */
    public static final int DEFAULT_CONFIRM_ATTEMPTS = 5;

    /** How long a confirmation is awaited before the next attempt. */
    public static final Duration DEFAULT_CONFIRM_TIMEOUT = Duration.ofSeconds(10);

    private static final Set<String> KEYS = Set.of(
            "historySize",
            "historyAgeMs",
            "presence",
            "joinLeave",
            "publish",
            "slowConsumer",
            "confirmAttempts",
            "confirmTimeoutMs");

    /** Which clients may publish. The server's own application always may. */
    public enum Publishers {
        /** No client. */
        NOBODY,
        /** Clients that are subscribed to the channel. */
        SUBSCRIBERS,
        /** Any client that the authoriser lets. */
        ANYONE
    }

    private int historySize = DEFAULT_HISTORY_SIZE;
    private Duration historyAge = DEFAULT_HISTORY_AGE;
    private boolean presence;
    private boolean joinLeave = true;
    private Publishers publish = Publishers.NOBODY;
    private SlowConsumerPolicy slowConsumer = SlowConsumerPolicy.DISCONNECT;
    private int confirmAttempts = DEFAULT_CONFIRM_ATTEMPTS;
    private Duration confirmTimeout = DEFAULT_CONFIRM_TIMEOUT;

    /** Creates the defaults: no history, no presence, only the server publishes. */
    public ChannelOptions() {}

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public ChannelOptions(ChannelOptions other) {
        this(other.toJson());
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public ChannelOptions(JsonObject json) {
        JsonOptions in = new JsonOptions(json, "channel options", KEYS);
        historySize(in.integer("historySize", historySize));
        historyAge(in.millis("historyAgeMs", historyAge));
        presence(in.bool("presence", presence));
        joinLeave(in.bool("joinLeave", joinLeave));
        publish(in.choice("publish", publish, Publishers.class));
        slowConsumer(in.choice("slowConsumer", slowConsumer, SlowConsumerPolicy.class));
        confirmAttempts(in.integer("confirmAttempts", confirmAttempts));
        confirmTimeout(in.millis("confirmTimeoutMs", confirmTimeout));
    }

    /**
     * Returns all options.
     *
     * @return a new object
     */
    public JsonObject toJson() {
        return new JsonObject()
                .put("historySize", historySize)
                .put("historyAgeMs", historyAge.toMillis())
                .put("presence", presence)
                .put("joinLeave", joinLeave)
                .put("publish", publish.name().toLowerCase(Locale.ROOT))
                .put("slowConsumer", slowConsumer.name().toLowerCase(Locale.ROOT))
                .put("confirmAttempts", confirmAttempts)
                .put("confirmTimeoutMs", confirmTimeout.toMillis());
    }

    /**
     * Returns how history is kept, in the broker's terms.
     *
     * @return {@link Broker.Keep#NOTHING} without history
     */
    public Broker.Keep keep() {
        return historySize == 0
                ? Broker.Keep.NOTHING
                : new Broker.Keep(historySize, historyAge, slowConsumer == SlowConsumerPolicy.LATEST);
    }

    /**
     * Sets how many messages are kept; with {@link SlowConsumerPolicy#LATEST}, of how many keys the newest one is.
     *
     * @param messages 0 (none) to {@value #MAX_HISTORY_SIZE}
     * @return this
     */
    public ChannelOptions historySize(int messages) {
        if (messages < 0 || messages > MAX_HISTORY_SIZE) {
            throw new IllegalArgumentException(
                    "historySize must lie between 0 and " + MAX_HISTORY_SIZE + ", not " + messages + ".");
        }
        historySize = messages;
        return this;
    }

    /**
     * Returns how many messages are kept.
     *
     * @return 0 for none
     */
    public int historySize() {
        return historySize;
    }

    /**
     * Sets how long a message is kept.
     *
     * @param age one second to {@link #MAX_HISTORY_AGE}
     * @return this
     */
    public ChannelOptions historyAge(Duration age) {
        if (age.toMillis() < 1000 || age.compareTo(MAX_HISTORY_AGE) > 0) {
            throw new IllegalArgumentException("historyAge must lie between one second and 365 days, not " + age
                    + "; historySize 0 switches history off.");
        }
        historyAge = age;
        return this;
    }

    /**
     * Returns how long a message is kept.
     *
     * @return one second to {@link #MAX_HISTORY_AGE}
     */
    public Duration historyAge() {
        return historyAge;
    }

    /**
     * Sets whether members are tracked.
     *
     * @param on true to track
     * @return this
     */
    public ChannelOptions presence(boolean on) {
        presence = on;
        return this;
    }

    /**
     * Returns whether members are tracked.
     *
     * @return false by default
     */
    public boolean presence() {
        return presence;
    }

    /**
     * Sets whether subscribers hear of members that come, change and leave; without it they can only ask.
     *
     * @param on true to tell them
     * @return this
     */
    public ChannelOptions joinLeave(boolean on) {
        joinLeave = on;
        return this;
    }

    /**
     * Returns whether subscribers hear of members that come, change and leave.
     *
     * @return true by default; without meaning when presence is off
     */
    public boolean joinLeave() {
        return joinLeave;
    }

    /**
     * Sets which clients may publish.
     *
     * @param who nobody, by default
     * @return this
     */
    public ChannelOptions publish(Publishers who) {
        publish = who;
        return this;
    }

    /**
     * Returns which clients may publish.
     *
     * @return never null
     */
    public Publishers publish() {
        return publish;
    }

    /**
     * Sets what happens when a subscriber is too slow.
     *
     * @param policy disconnect, by default
     * @return this
     */
    public ChannelOptions slowConsumer(SlowConsumerPolicy policy) {
        slowConsumer = policy;
        return this;
    }

    /**
     * Returns what happens when a subscriber is too slow.
     *
     * @return never null
     */
    public SlowConsumerPolicy slowConsumer() {
        return slowConsumer;
    }

    /**
     * Sets how often a message that asks for confirmation is delivered in all.
     *
     * @param attempts 1 to 100
     * @return this
     */
    public ChannelOptions confirmAttempts(int attempts) {
        if (attempts < 1 || attempts > 100) {
            throw new IllegalArgumentException("confirmAttempts must lie between 1 and 100, not " + attempts + ".");
        }
        confirmAttempts = attempts;
        return this;
    }

    /**
     * Returns how often a message that asks for confirmation is delivered in all.
     *
     * @return 1 to 100
     */
    public int confirmAttempts() {
        return confirmAttempts;
    }

    /**
     * Sets how long a confirmation is awaited.
     *
     * @param timeout 100 ms to 3,600,000 ms
     * @return this
     */
    public ChannelOptions confirmTimeout(Duration timeout) {
        JsonOptions.range("confirmTimeout in milliseconds", timeout.toMillis(), 100, 3_600_000);
        confirmTimeout = timeout;
        return this;
    }

    /**
     * Returns how long a confirmation is awaited.
     *
     * @return 100 ms to 3,600,000 ms
     */
    public Duration confirmTimeout() {
        return confirmTimeout;
    }
}
