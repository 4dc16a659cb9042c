package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SSLOptions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The options, in code and in JSON. */
class RedisOptionsTest {
    @Test
    @DisplayName("Options survive JSON, and copies are equal")
    void roundTrip() {
        RedisOptions options = new RedisOptions()
                .setMode(RedisOptions.Mode.SENTINEL)
                .setEndpoints(List.of("redis://a:1", "redis://[::1]:2"))
                .setMasterName("m")
                .setCredentials("u", "p")
                .setSentinelCredentials("su", "sp")
                .setSsl(new SSLOptions())
                .setPrefix("x:")
                .setCallTimeout(Duration.ofMillis(51))
                .setConnectTimeout(Duration.ofMillis(52))
                .setMaxQueued(101)
                .setMaxReconnectDelay(Duration.ofMillis(53))
                .setLinger(Duration.ofMillis(54))
                .setHeartbeat(Duration.ofMillis(55))
                .setDedupeWindow(Duration.ofMillis(1056))
                .setIdleCheck(Duration.ofMillis(157))
                .setWaitWhileAway(Duration.ofMillis(58))
                .setWaitReplicas(2)
                .setWaitReplicasTimeout(Duration.ofMillis(59));
        JsonObject json = options.toJson();
        JsonObject standard = new RedisOptions().toJson();
        for (String name : json.fieldNames()) {
            assertTrue(!json.getValue(name).equals(standard.getValue(name)), name + " has an unusual value");
        }
        assertEquals(json, new RedisOptions(json).toJson());
        assertEquals(json, new RedisOptions(options).toJson());
        assertEquals(standard, new RedisOptions(new JsonObject()).toJson());
    }

    @Test
    @DisplayName("What cannot be is refused with a sentence")
    void refusals() {
        for (JsonObject wrong : List.of(
                new JsonObject().put("mode", "mesh"),
                new JsonObject().put("mod", "cluster"),
                new JsonObject().put("endpoints", List.of()),
                new JsonObject().put("endpoints", List.of("http://a:1")),
                new JsonObject().put("endpoints", List.of("redis://a:70000")),
                new JsonObject().put("prefix", "a{b}"),
                new JsonObject().put("user", "u"),
                new JsonObject().put("sentinelUser", "u"),
                new JsonObject().put("callTimeoutMs", 1),
                new JsonObject().put("callTimeoutMs", "soon"),
                new JsonObject().put("waitReplicas", -1))) {
            String text = String.valueOf(assertThrows(IllegalArgumentException.class, () -> new RedisOptions(wrong))
                    .getMessage());
            assertTrue(text.endsWith(".") || text.contains("wrong type"), text);
        }
    }
}
