package dev.polywire.cluster.redis;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SSLOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@link RedisOptions} as JSON. */
final class RedisOptionsJson {
    /** Left out when there are none. */
    private static final Set<String> OPTIONAL = Set.of("user", "password", "sentinelUser", "sentinelPassword");

    private RedisOptionsJson() {}

    static void read(JsonObject json, RedisOptions options) {
        Set<String> names = new HashSet<>(OPTIONAL);
        names.addAll(write(options).fieldNames());
        for (String name : json.fieldNames()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("There is no Redis option " + name + ".");
            }
        }
        try {
            set(json, options);
        } catch (ClassCastException e) {
            throw new IllegalArgumentException("A Redis option has a value of the wrong type: " + e.getMessage(), e);
        }
    }

    private static void set(JsonObject json, RedisOptions options) {
        String kind = json.getString("mode", "standalone").toUpperCase(Locale.ROOT);
        try {
            options.setMode(RedisOptions.Mode.valueOf(kind));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("mode must be standalone, replicated, sentinel or cluster.", e);
        }
        JsonArray named = json.getJsonArray("endpoints");
        if (named != null) {
            List<String> uris = new ArrayList<>();
            named.forEach(uri -> uris.add((String) uri));
            options.setEndpoints(uris);
        }
        if (Boolean.TRUE.equals(json.getBoolean("ssl"))) {
            options.setSsl(new SSLOptions());
        }
        options.setMasterName(json.getString("masterName", options.getMasterName()))
                .setCredentials(json.getString("user"), json.getString("password"))
                .setSentinelCredentials(json.getString("sentinelUser"), json.getString("sentinelPassword"))
                .setPrefix(json.getString("prefix", options.getPrefix()))
                .setCallTimeout(millis(json, "callTimeoutMs", options.getCallTimeout()))
                .setConnectTimeout(millis(json, "connectTimeoutMs", options.getConnectTimeout()))
                .setMaxQueued(json.getInteger("maxQueued", options.getMaxQueued()))
                .setMaxReconnectDelay(millis(json, "maxReconnectDelayMs", options.getMaxReconnectDelay()))
                .setLinger(millis(json, "lingerMs", options.getLinger()))
                .setHeartbeat(millis(json, "heartbeatMs", options.getHeartbeat()))
                .setDedupeWindow(millis(json, "dedupeWindowMs", options.getDedupeWindow()))
                .setIdleCheck(millis(json, "idleCheckMs", options.getIdleCheck()))
                .setWaitWhileAway(millis(json, "waitWhileAwayMs", options.getWaitWhileAway()))
                .setWaitReplicas(json.getInteger("waitReplicas", options.getWaitReplicas()))
                .setWaitReplicasTimeout(millis(json, "waitReplicasTimeoutMs", options.getWaitReplicasTimeout()));
    }

    private static Duration millis(JsonObject json, String name, Duration otherwise) {
        return Duration.ofMillis(json.getLong(name, otherwise.toMillis()));
    }

    static JsonObject write(RedisOptions options) {
        JsonObject json = new JsonObject()
                .put("mode", options.getMode().name().toLowerCase(Locale.ROOT))
                .put("endpoints", new JsonArray(options.getEndpoints()))
                .put("masterName", options.getMasterName());
        put(json, "user", options.getUser());
        put(json, "password", options.getPassword());
        put(json, "sentinelUser", options.getSentinelUser());
        put(json, "sentinelPassword", options.getSentinelPassword());
        return json.put("ssl", options.getSsl() != null)
                .put("prefix", options.getPrefix())
                .put("callTimeoutMs", options.getCallTimeout().toMillis())
                .put("connectTimeoutMs", options.getConnectTimeout().toMillis())
                .put("maxQueued", options.getMaxQueued())
                .put("maxReconnectDelayMs", options.getMaxReconnectDelay().toMillis())
                .put("lingerMs", options.getLinger().toMillis())
                .put("heartbeatMs", options.getHeartbeat().toMillis())
                .put("dedupeWindowMs", options.getDedupeWindow().toMillis())
                .put("idleCheckMs", options.getIdleCheck().toMillis())
                .put("waitWhileAwayMs", options.getWaitWhileAway().toMillis())
                .put("waitReplicas", options.getWaitReplicas())
                .put("waitReplicasTimeoutMs", options.getWaitReplicasTimeout().toMillis());
    }

    private static void put(JsonObject json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
