package dev.polywire.conformance;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The client's frames, as the tests write them. */
final class Frames {
    private Frames() {}

    static JsonObject of(String type) {
        return new JsonObject().put("type", type);
    }

    static JsonObject subscribe(String id, String... channels) {
        return of("subscribe").put("id", id).put("channels", new JsonArray(java.util.List.of(channels)));
    }

    static JsonObject unsubscribe(String id, String channel) {
        return of("unsubscribe").put("id", id).put("channels", new JsonArray().add(channel));
    }

    static JsonObject publish(String id, String channel, Object payload) {
        return publish(channel, payload).put("id", id);
    }

    static JsonObject publish(String channel, Object payload) {
        return of("publish").put("channel", channel).put("event", "n").put("payload", payload);
    }

    static JsonObject ping(String id, long count) {
        return of("ping").put("id", id).put("count", count);
    }

    static JsonObject bye(long sent) {
        return of("bye").put("sent", sent).put("reason", "done");
    }

    static boolean is(JsonObject frame, String type) {
        return type.equals(frame.getString("type"));
    }
}
