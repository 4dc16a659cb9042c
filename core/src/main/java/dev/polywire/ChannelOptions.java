package dev.polywire;

import dev.polywire.spi.Broker;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/** How the channels of one namespace behave. A namespace is what stands before the first {@code :} of a channel's name. */
public final class ChannelOptions {
    /** Messages kept when not said otherwise: none. */
    public static final int DEFAULT_HISTORY_SIZE = 0;

    /** How long a message is kept. */
    public static final Duration DEFAULT_HISTORY_AGE = Duration.ofMinutes(5);

    /** How many bytes a channel's history may take, when not said otherwise. */
    public static final long DEFAULT_HISTORY_BYTES = Broker.Keep.DEFAULT_BYTES;

    /** The most messages that a channel may keep. */
    public static final int MAX_HISTORY_SIZE = 100_000;

    /** The longest time that a message may be kept. */
    public static final Duration MAX_HISTORY_AGE = Duration.ofDays(365);

    /** How often a message that asks for confirmation is delivered. */
    public static final int DEFAULT_CONFIRM_ATTEMPTS = 5;

    /** How long a confirmation is awaited before the next attempt. */
    public static final Duration DEFAULT_CONFIRM_TIMEOUT = Duration.ofSeconds(10);

    private static final OptionTable OPTIONS = new OptionTable("channel options");
    private static final Option<Integer> HISTORY_SIZE =
            OPTIONS.number("historySize", DEFAULT_HISTORY_SIZE, 0, MAX_HISTORY_SIZE);
    private static final Option<Duration> HISTORY_AGE =
            OPTIONS.millis("historyAgeMs", DEFAULT_HISTORY_AGE, 1000, MAX_HISTORY_AGE.toMillis());
    private static final Option<Long> HISTORY_BYTES =
            OPTIONS.bytes("historyBytes", DEFAULT_HISTORY_BYTES, 1024, 1L << 40);
    private static final Option<Boolean> PRESENCE = OPTIONS.flag("presence", false);
    private static final Option<Boolean> JOIN_LEAVE = OPTIONS.flag("joinLeave", true);
    private static final Option<Publishers> PUBLISH = OPTIONS.choice("publish", Publishers.NOBODY);
    private static final Option<Subscribers> SUBSCRIBE = OPTIONS.choice("subscribe", Subscribers.DEFAULT);
    private static final Option<Readers> READ = OPTIONS.choice("read", Readers.ANYONE);
    private static final Option<SlowConsumerPolicy> SLOW_CONSUMER =
            OPTIONS.choice("slowConsumer", SlowConsumerPolicy.DISCONNECT);
    private static final Option<Integer> CONFIRM_ATTEMPTS =
            OPTIONS.number("confirmAttempts", DEFAULT_CONFIRM_ATTEMPTS, 1, 100);
    private static final Option<Duration> CONFIRM_TIMEOUT =
            OPTIONS.millis("confirmTimeoutMs", DEFAULT_CONFIRM_TIMEOUT, 100, 3_600_000);

    private static final Option<Duration> MAX_BATCH_DELAY = OPTIONS.millis("maxBatchDelayMs", Duration.ZERO, 0, 1000);

    /** Which clients may publish. The server's own application always may. */
    public enum Publishers {
        /** No client. */
        NOBODY,
        /** Clients that are subscribed to the channel. */
        SUBSCRIBERS,
        /** Any client that the authoriser lets. */
        ANYONE
    }

    /** Which clients may subscribe, and read without a subscription. The authoriser can only refuse what this allows. */
    public enum Subscribers {
        /** In the namespace {@code user}, {@link #OWNER}; in all others, {@link #ANYONE}. */
        DEFAULT,
        /** Any client that the authoriser lets. */
        ANYONE,
        /** Clients whose user is known. */
        AUTHENTICATED,
        /** The user whose id is what follows the first {@code :} of the channel's name. */
        OWNER,
        /** Clients that show a token for this very channel; see {@link SubscriptionTokens}. */
        TOKEN,
        /** No client. */
        NOBODY
    }

    /** Which clients may ask for a channel's history and members. */
    public enum Readers {
        /** Clients that may subscribe, whether they are subscribed or not. */
        ANYONE,
        /** Clients that are subscribed to the channel. */
        SUBSCRIBERS,
        /** No client. What comes with a subscribe (members, what was missed) comes all the same. */
        NOBODY
    }

    private final OptionValues values;

    /** Creates the defaults: no history, no presence, only the server publishes. */
    public ChannelOptions() {
        values = new OptionValues(OPTIONS);
    }

    /**
     * Copies other options.
     *
     * @param other what to copy
     */
    public ChannelOptions(ChannelOptions other) {
        values = new OptionValues(other.values);
    }

    /**
     * Reads options from JSON; names are those of {@link #toJson}.
     *
     * @param json the options; what is left out keeps its default
     * @throws IllegalArgumentException for an unknown name or an impossible value, saying what would be right
     */
    public ChannelOptions(JsonObject json) {
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
     * Returns how history is kept, in the broker's terms.
     *
     * @return {@link Broker.Keep#NOTHING} without history
     */
    public Broker.Keep keep() {
        return historySize() == 0
                ? Broker.Keep.NOTHING
                : new Broker.Keep(
                        historySize(), historyAge(), slowConsumer() == SlowConsumerPolicy.LATEST, historyBytes());
    }

    /**
     * Sets how many messages are kept; with {@link SlowConsumerPolicy#LATEST}, of how many keys the newest one is.
     *
     * @param messages 0 (none) to {@value #MAX_HISTORY_SIZE}
     * @return this
     */
    public ChannelOptions historySize(int messages) {
        values.set(HISTORY_SIZE, messages);
        return this;
    }

    /**
     * Returns how many messages are kept.
     *
     * @return 0 for none
     */
    public int historySize() {
        return values.get(HISTORY_SIZE);
    }

    /**
     * Sets how long a message is kept.
     *
     * @param age one second to {@link #MAX_HISTORY_AGE}
     * @return this
     */
    public ChannelOptions historyAge(Duration age) {
        values.set(HISTORY_AGE, age);
        return this;
    }

    /**
     * Returns how long a message is kept.
     *
     * @return one second to {@link #MAX_HISTORY_AGE}
     */
    public Duration historyAge() {
        return values.get(HISTORY_AGE);
    }

    /**
     * Sets how many bytes the kept messages may take: those of their payloads, and {@value dev.polywire.spi.Broker.Keep#OVERHEAD}
     * for each. Older ones give way, and a message that is larger by itself is not kept.
     *
     * @param bytes 1024 to 2^40
     * @return this
     */
    public ChannelOptions historyBytes(long bytes) {
        values.set(HISTORY_BYTES, bytes);
        return this;
    }

    /**
     * Returns how many bytes the kept messages may take.
     *
     * @return 1024 to 2^40
     */
    public long historyBytes() {
        return values.get(HISTORY_BYTES);
    }

    /**
     * Sets whether members are tracked.
     *
     * @param on true to track
     * @return this
     */
    public ChannelOptions presence(boolean on) {
        values.set(PRESENCE, on);
        return this;
    }

    /**
     * Returns whether members are tracked.
     *
     * @return false by default
     */
    public boolean presence() {
        return values.get(PRESENCE);
    }

    /**
     * Sets whether subscribers hear of members that come, change and leave; without it they can only ask.
     *
     * @param on true to tell them
     * @return this
     */
    public ChannelOptions joinLeave(boolean on) {
        values.set(JOIN_LEAVE, on);
        return this;
    }

    /**
     * Returns whether subscribers hear of members that come, change and leave.
     *
     * @return true by default; without meaning when presence is off
     */
    public boolean joinLeave() {
        return values.get(JOIN_LEAVE);
    }

    /**
     * Sets which clients may publish.
     *
     * @param who nobody, by default
     * @return this
     */
    public ChannelOptions publish(Publishers who) {
        values.set(PUBLISH, who);
        return this;
    }

    /**
     * Returns which clients may publish.
     *
     * @return never null
     */
    public Publishers publish() {
        return values.get(PUBLISH);
    }

    /**
     * Sets which clients may subscribe.
     *
     * @param who by default, anyone, and in the namespace {@code user} the user whom the channel is named after
     * @return this
     */
    public ChannelOptions subscribe(Subscribers who) {
        values.set(SUBSCRIBE, who);
        return this;
    }

    /**
     * Returns which clients may subscribe.
     *
     * @return never null
     */
    public Subscribers subscribe() {
        return values.get(SUBSCRIBE);
    }

    /**
     * Sets which clients may ask for history and members.
     *
     * @param who anyone who may subscribe, by default
     * @return this
     */
    public ChannelOptions read(Readers who) {
        values.set(READ, who);
        return this;
    }

    /**
     * Returns which clients may ask for history and members.
     *
     * @return never null
     */
    public Readers read() {
        return values.get(READ);
    }

    /**
     * Sets what happens when a subscriber is too slow.
     *
     * @param policy disconnect, by default
     * @return this
     */
    public ChannelOptions slowConsumer(SlowConsumerPolicy policy) {
        values.set(SLOW_CONSUMER, policy);
        return this;
    }

    /**
     * Returns what happens when a subscriber is too slow.
     *
     * @return never null
     */
    public SlowConsumerPolicy slowConsumer() {
        return values.get(SLOW_CONSUMER);
    }

    /**
     * Sets how often a message that asks for confirmation is delivered in all.
     *
     * @param attempts 1 to 100
     * @return this
     */
    public ChannelOptions confirmAttempts(int attempts) {
        values.set(CONFIRM_ATTEMPTS, attempts);
        return this;
    }

    /**
     * Returns how often a message that asks for confirmation is delivered in all.
     *
     * @return 1 to 100
     */
    public int confirmAttempts() {
        return values.get(CONFIRM_ATTEMPTS);
    }

    /**
     * Sets how long a confirmation is awaited.
     *
     * @param timeout 100 ms to 3,600,000 ms
     * @return this
     */
    public ChannelOptions confirmTimeout(Duration timeout) {
        values.set(CONFIRM_TIMEOUT, timeout);
        return this;
    }

    /**
     * Returns how long a confirmation is awaited.
     *
     * @return 100 ms to 3,600,000 ms
     */
    public Duration confirmTimeout() {
        return values.get(CONFIRM_TIMEOUT);
    }

    /**
     * Sets how long a message may wait for others before they are sent together: under a steady load one write then carries more, and
     * costs less per message. Without it only what is due in the same turn of an event loop is sent together.
     *
     * @param delay 0 to 1000 ms
     * @return this
     */
    public ChannelOptions maxBatchDelay(Duration delay) {
        values.set(MAX_BATCH_DELAY, delay);
        return this;
    }

    /**
     * Returns how long a message may wait for others.
     *
     * @return zero by default
     */
    public Duration maxBatchDelay() {
        return values.get(MAX_BATCH_DELAY);
    }

    /** Refuses a history that all channels together must not have. */
    void checkHistory(String what, BrokerOptions broker) {
        if (historySize() > 0 && historyBytes() > broker.historyMemory()) {
            throw new IllegalArgumentException("historyBytes of the " + what + " (" + historyBytes()
                    + ") must not be more than broker.historyMemory (" + broker.historyMemory()
                    + "), which is for all channels.");
        }
    }
}
