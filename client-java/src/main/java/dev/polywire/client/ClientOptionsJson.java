package dev.polywire.client;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ProxyOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@link ClientOptions} as JSON. */
final class ClientOptionsJson {
    /** Left out when there are none. */
    private static final Set<String> OPTIONAL = Set.of("token", "capabilities", "proxy");

    private ClientOptionsJson() {}

    static void read(JsonObject json, ClientOptions options) {
        Set<String> names = new HashSet<>(OPTIONAL);
        names.addAll(write(options).fieldNames());
        for (String name : json.fieldNames()) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException("There is no client option " + name + ".");
            }
        }
        try {
            set(json, options);
        } catch (ClassCastException e) {
            throw new IllegalArgumentException(
                    "A client option has a value of the wrong type: " + e.getMessage() + ".", e);
        }
    }

    private static void set(JsonObject json, ClientOptions options) {
        JsonObject proxy = json.getJsonObject("proxy");
        // getString() would take a number, too.
        options.token((String) json.getValue("token"))
                .transports(texts(json.getJsonArray("transports"), options.transports()))
                .capabilities(json.getValue("capabilities"))
                .maxAttempts(json.getInteger("maxAttempts", options.maxAttempts()))
                .queueLimit(json.getInteger("queueLimit", options.queueLimit()))
                .autoConfirm(json.getBoolean("autoConfirm", options.autoConfirm()))
                .upgradeAfter(millis(json, "upgradeAfterMs", options.upgradeAfter()))
                .welcomeTimeout(millis(json, "welcomeTimeoutMs", options.welcomeTimeout()))
                .remember(json.getBoolean("remember", options.remember()))
                .maxFrame(json.getInteger("maxFrame", options.maxFrame()))
                .trust(texts(json.getJsonArray("trust"), options.trust()))
                .proxy(proxy == null ? null : new ProxyOptions(proxy));
    }

    private static List<String> texts(@Nullable JsonArray array, List<String> otherwise) {
        if (array == null) {
            return otherwise;
        }
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add((String) text));
        return texts;
    }

    private static Duration millis(JsonObject json, String name, Duration otherwise) {
        return Duration.ofMillis(json.getLong(name, otherwise.toMillis()));
    }

    static JsonObject write(ClientOptions options) {
        JsonObject json = new JsonObject();
        put(json, "token", options.token());
        json.put("transports", new JsonArray(options.transports()));
        put(json, "capabilities", Frames.payload(options.capabilities()));
        json.put("maxAttempts", options.maxAttempts())
                .put("queueLimit", options.queueLimit())
                .put("autoConfirm", options.autoConfirm())
                .put("upgradeAfterMs", options.upgradeAfter().toMillis())
                .put("welcomeTimeoutMs", options.welcomeTimeout().toMillis())
                .put("remember", options.remember())
                .put("maxFrame", options.maxFrame())
                .put("trust", new JsonArray(options.trust()));
        ProxyOptions proxy = options.proxy();
        put(json, "proxy", proxy == null ? null : proxy.toJson());
        return json;
    }

    private static void put(JsonObject json, String name, @Nullable Object value) {
        if (value != null) {
            json.put(name, value);
        }
    }
}
