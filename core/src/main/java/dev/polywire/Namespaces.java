package dev.polywire;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/** The options of channels by namespace: what stands before the first {@code :} of a channel's name. */
final class Namespaces {
    private final Map<String, ChannelOptions> options = new LinkedHashMap<>();

    Namespaces() {}

    Namespaces(Namespaces other) {
        other.options.forEach(this::put);
    }

    Namespaces(JsonObject json) {
        JsonOptions in = new JsonOptions(json, "namespaces", json.fieldNames());
        for (String namespace : json.fieldNames()) {
            JsonObject own = in.object(namespace);
            put(namespace, own == null ? new ChannelOptions() : new ChannelOptions(own));
        }
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        options.forEach((namespace, own) -> json.put(namespace, own.toJson()));
        return json;
    }

    /** Keeps a copy. */
    void put(String namespace, ChannelOptions value) {
        if (!namespace.matches("[A-Za-z0-9._/-]{1,64}")) {
            throw new IllegalArgumentException(
                    "A namespace has 1 to 64 letters, digits or . _ - /, not " + namespace + ".");
        }
        options.put(namespace, new ChannelOptions(value));
    }

    /** Returns the options of a channel's namespace, or else the general ones. */
    ChannelOptions of(String channel, ChannelOptions general) {
        int colon = channel.indexOf(':');
        ChannelOptions own = options.get(colon < 0 ? channel : channel.substring(0, colon));
        return own == null ? general : own;
    }

    Map<String, ChannelOptions> all() {
        return Map.copyOf(options);
    }
}
