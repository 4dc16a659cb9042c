package dev.polywire.cluster.redis;

import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SSLOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is, and how nodes use it. The same in code and in JSON, where a length of time is a number of milliseconds whose name ends in
 * {@code Ms}. What cannot be is refused with an {@link IllegalArgumentException} whose message is a sentence. Not for several threads at a time.
 */
public final class RedisOptions {
    /** How the servers are arranged. */
    public enum Mode {
        /** One server. */
        STANDALONE,
        /** A master and replicas, all of them named; the master is whichever says that it is one. */
        REPLICATED,
        /** Sentinels are named, and say who the master is. */
        SENTINEL,
        /** A Redis Cluster; some of its nodes are named, and say who the others are. */
        CLUSTER
    }

    private Mode mode = Mode.STANDALONE;
    private List<String> endpoints = List.of("redis://127.0.0.1:6379");
    private String masterName = "mymaster";
    private @Nullable String user;
    private @Nullable String password;
    private @Nullable String sentinelUser;
    private @Nullable String sentinelPassword;
    private @Nullable SSLOptions ssl;
    private String prefix = "polywire:";
    private Duration callTimeout = Duration.ofSeconds(2);
    private Duration connectTimeout = Duration.ofSeconds(2);
    private int maxQueued = 10_000;
    private Duration maxReconnectDelay = Duration.ofSeconds(2);
    private Duration linger = Duration.ofSeconds(2);
    private Duration heartbeat = Duration.ofSeconds(2);
    private Duration dedupeWindow = Duration.ofMinutes(5);
    private Duration idleCheck = Duration.ofSeconds(5);
    private Duration waitWhileAway = Duration.ZERO;
    private int waitReplicas;
    private Duration waitReplicasTimeout = Duration.ofSeconds(1);

    /** Creates the defaults: one server on this machine. */
    public RedisOptions() {}

    /**
     * Copies.
     *
     * @param other the options to copy; shares nothing with this afterwards
     */
    public RedisOptions(RedisOptions other) {
        mode = other.mode;
        endpoints = other.endpoints;
        masterName = other.masterName;
        user = other.user;
        password = other.password;
        sentinelUser = other.sentinelUser;
        sentinelPassword = other.sentinelPassword;
        ssl = other.getSsl();
        prefix = other.prefix;
        callTimeout = other.callTimeout;
        connectTimeout = other.connectTimeout;
        maxQueued = other.maxQueued;
        maxReconnectDelay = other.maxReconnectDelay;
        linger = other.linger;
        heartbeat = other.heartbeat;
        dedupeWindow = other.dedupeWindow;
        idleCheck = other.idleCheck;
        waitWhileAway = other.waitWhileAway;
        waitReplicas = other.waitReplicas;
        waitReplicasTimeout = other.waitReplicasTimeout;
    }

    /**
     * Reads JSON; what is left out keeps its default. TLS in JSON is {@code "ssl": true}, which trusts what the Java runtime trusts.
     *
     * @param json as {@link #toJson} writes it
     */
    public RedisOptions(JsonObject json) {
        RedisOptionsJson.read(json, this);
    }

    /** Returns the options as JSON, the password included. */
    public JsonObject toJson() {
        return RedisOptionsJson.write(this);
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

    /** Returns how the servers are arranged; standalone when not said otherwise. */
    public Mode getMode() {
        return mode;
    }

    /** Sets how the servers are arranged. */
    public RedisOptions setMode(Mode value) {
        mode = value;
        return this;
    }

    /** Returns where Redis is, or the sentinels are. */
    public List<String> getEndpoints() {
        return endpoints;
    }

    /** Sets where Redis is, or the sentinels are: one or more of {@code redis://host:port}. */
    public RedisOptions setEndpoints(List<String> value) {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("endpoints must name at least one server.");
        }
        for (String uri : value) {
            if (!uri.matches("redis://[^/@\\s]+:\\d{1,5}/?") || URI.create(uri).getPort() > 65_535) {
                throw new IllegalArgumentException(
                        "An endpoint is redis://host:port, with credentials and TLS given as options.");
            }
        }
        endpoints = List.copyOf(value);
        return this;
    }

    /** Returns what sentinels call the master. */
    public String getMasterName() {
        return masterName;
    }

    /** Sets what sentinels call the master. */
    public RedisOptions setMasterName(String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException("masterName must not be blank.");
        }
        masterName = value;
        return this;
    }

    /** Returns the user of Redis' access lists, or null. */
    public @Nullable String getUser() {
        return user;
    }

    /** Returns the password, or null. */
    public @Nullable String getPassword() {
        return password;
    }

    /** Sets who connects: a user of Redis' access lists, or null for the default one, and the password, or null for none. Sentinels are not told. */
    public RedisOptions setCredentials(@Nullable String name, @Nullable String secret) {
        refuseUserAlone(name, secret);
        user = name;
        password = secret;
        return this;
    }

    private static void refuseUserAlone(@Nullable String name, @Nullable String secret) {
        if (name != null && secret == null) {
            throw new IllegalArgumentException("A user needs a password.");
        }
    }

    /** Returns the user of the sentinels' access lists, or null. */
    public @Nullable String getSentinelUser() {
        return sentinelUser;
    }

    /** Returns the password for sentinels, or null. */
    public @Nullable String getSentinelPassword() {
        return sentinelPassword;
    }

    /** Sets who connects to sentinels, which have users and passwords of their own: as {@link #setCredentials}. */
    public RedisOptions setSentinelCredentials(@Nullable String name, @Nullable String secret) {
        refuseUserAlone(name, secret);
        sentinelUser = name;
        sentinelPassword = secret;
        return this;
    }

    /** Returns a copy of how connections are encrypted, or null when they are not. */
    public @Nullable SSLOptions getSsl() {
        return ssl == null ? null : ssl.copy();
    }

    /** Sets how connections are encrypted, or null when they are not. Host names are checked. */
    public RedisOptions setSsl(@Nullable SSLOptions value) {
        ssl = value == null ? null : value.copy();
        return this;
    }

    /** Returns what all keys and channels in Redis begin with. */
    public String getPrefix() {
        return prefix;
    }

    /** Sets what all keys and channels in Redis begin with: 1 to 64 characters, none of them a brace or a space. */
    public RedisOptions setPrefix(String value) {
        if (!value.matches("[^{}\\s]{1,64}")) {
            throw new IllegalArgumentException("prefix must have 1 to 64 characters, none of them a brace or a space.");
        }
        prefix = value;
        return this;
    }

    /** Returns how long one call to Redis may take. */
    public Duration getCallTimeout() {
        return callTimeout;
    }

    /** Sets how long one call to Redis may take, 50 ms to 60 s; 2 s when not said otherwise. */
    public RedisOptions setCallTimeout(Duration value) {
        callTimeout = within("callTimeout", value, 50, 60_000);
        return this;
    }

    /** Returns how long it may take to connect. */
    public Duration getConnectTimeout() {
        return connectTimeout;
    }

    /** Sets how long it may take to connect, 50 ms to 60 s; 2 s when not said otherwise. */
    public RedisOptions setConnectTimeout(Duration value) {
        connectTimeout = within("connectTimeout", value, 50, 60_000);
        return this;
    }

    /** Returns how many calls may be under way per connection. */
    public int getMaxQueued() {
        return maxQueued;
    }

    /** Sets how many calls may be under way per connection, 100 to 1,000,000; further ones fail at once. 10,000 when not said otherwise. */
    public RedisOptions setMaxQueued(int value) {
        maxQueued = within("maxQueued", value, 100, 1_000_000);
        return this;
    }

    /** Returns the longest pause between two attempts to connect. */
    public Duration getMaxReconnectDelay() {
        return maxReconnectDelay;
    }

    /** Sets the longest pause between two attempts to connect, 50 ms to 60 s; 2 s when not said otherwise. Pauses are jittered. */
    public RedisOptions setMaxReconnectDelay(Duration value) {
        maxReconnectDelay = within("maxReconnectDelay", value, 50, 60_000);
        return this;
    }

    /** Returns how long a subscription that nobody uses any more is kept. */
    public Duration getLinger() {
        return linger;
    }

    /** Sets how long a subscription that nobody uses any more is kept, 0 to 60 s, so that coming and going costs Redis nothing. */
    public RedisOptions setLinger(Duration value) {
        linger = within("linger", value, 0, 60_000);
        return this;
    }

    /** Returns how often a node publishes to itself. */
    public Duration getHeartbeat() {
        return heartbeat;
    }

    /** Sets how often a node publishes to itself to prove that messages arrive, 50 ms to 60 s; 2 s when not said otherwise. */
    public RedisOptions setHeartbeat(Duration value) {
        heartbeat = within("heartbeat", value, 50, 60_000);
        return this;
    }

    /** Returns how long the ids of publishes are remembered. */
    public Duration getDedupeWindow() {
        return dedupeWindow;
    }

    /** Sets how long the ids of publishes are remembered, 1 s to 1 day; 5 minutes, which the protocol promises, when not said otherwise. */
    public RedisOptions setDedupeWindow(Duration value) {
        dedupeWindow = within("dedupeWindow", value, 1000, 86_400_000);
        return this;
    }

    /** Returns how often quiet channels are looked at. */
    public Duration getIdleCheck() {
        return idleCheck;
    }

    /** Sets how often quiet channels are compared with Redis, 100 ms to 10 minutes; 5 s when not said otherwise. */
    public RedisOptions setIdleCheck(Duration value) {
        idleCheck = within("idleCheck", value, 100, 600_000);
        return this;
    }

    /** Returns how long a publish with history waits for Redis while it is away. */
    public Duration getWaitWhileAway() {
        return waitWhileAway;
    }

    /** Sets how long a publish with history waits for Redis while it is away, 0 to 60 s; 0, the default, fails at once. */
    public RedisOptions setWaitWhileAway(Duration value) {
        waitWhileAway = within("waitWhileAway", value, 0, 60_000);
        return this;
    }

    /** Returns how many replicas must have a stored message before it is acknowledged. */
    public int getWaitReplicas() {
        return waitReplicas;
    }

    /** Sets how many replicas must have a stored message before it is acknowledged, 0 to 10; 0 when not said otherwise. */
    public RedisOptions setWaitReplicas(int value) {
        waitReplicas = within("waitReplicas", value, 0, 10);
        return this;
    }

    /** Returns how long that may take. */
    public Duration getWaitReplicasTimeout() {
        return waitReplicasTimeout;
    }

    /** Sets how long to wait for the replicas, 10 ms to 60 s; below the time limit of calls. */
    public RedisOptions setWaitReplicasTimeout(Duration value) {
        waitReplicasTimeout = within("waitReplicasTimeout", value, 10, 60_000);
        return this;
    }
}
