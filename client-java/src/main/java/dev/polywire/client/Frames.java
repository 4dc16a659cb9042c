package dev.polywire.client;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads frames: a member of the wrong type is as good as none, because a client ignores what it does not know (R2). */
final class Frames {
    private Frames() {}

    /** Reads one frame. What cannot be read has no type, and counts all the same (R1). */
    static JsonObject read(String text) {
        try {
            return new JsonObject(text);
        } catch (DecodeException | ClassCastException e) {
            return new JsonObject();
        }
    }

    static String type(JsonObject frame) {
        String type = text(frame, "type");
        return type == null ? "" : type;
    }

    static @Nullable String text(JsonObject frame, String name) {
        return frame.getValue(name) instanceof String text ? text : null;
    }

    static long number(JsonObject frame, String name, long otherwise) {
        return frame.getValue(name) instanceof Number number ? number.longValue() : otherwise;
    }

    static boolean flag(JsonObject frame, String name) {
        return Boolean.TRUE.equals(frame.getValue(name));
    }

    static @Nullable JsonObject object(JsonObject frame, String name) {
        return frame.getValue(name) instanceof JsonObject object ? object : null;
    }

    static @Nullable JsonArray array(JsonObject frame, String name) {
        return frame.getValue(name) instanceof JsonArray array ? array : null;
    }

    static List<JsonObject> objects(JsonArray array) {
        List<JsonObject> list = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            list.add(array.getValue(i) instanceof JsonObject object ? object : new JsonObject());
        }
        return list;
    }

    static @Nullable Position position(JsonObject frame) {
        JsonObject position = object(frame, "position");
        String epoch = position == null ? null : text(position, "epoch");
        if (position == null || epoch == null) {
            return null;
        }
        try {
            return new Position(epoch, number(position, "offset", 0));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static Member member(JsonObject member) {
        String session = text(member, "session");
        return new Member(
                session == null ? "" : session,
                text(member, "user"),
                member.getValue("state"),
                number(member, "since", 0));
    }

    static @Nullable List<Member> members(JsonObject frame) {
        JsonArray members = array(frame, "members");
        return members == null
                ? null
                : objects(members).stream().map(Frames::member).toList();
    }

    /**
     * Copies what an application hands over, so that it may go on with it on its own thread.
     *
     * @throws IllegalArgumentException when it is no JSON
     */
    static @Nullable Object payload(@Nullable Object value) {
        if (value == null || value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value;
        }
        try {
            if (value instanceof JsonObject object) {
                return object.copy();
            }
            if (value instanceof JsonArray array) {
                return array.copy();
            }
            if (value instanceof List<?> list) {
                return new JsonArray(list).copy();
            }
            if (value instanceof Map<?, ?> map) {
                JsonObject object = new JsonObject();
                map.forEach((name, one) -> object.put(String.valueOf(name), one));
                return object.copy();
            }
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException("What is sent holds something that is not JSON: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                "What is sent is JSON: a JsonObject, JsonArray, Map, List, String, Number, Boolean or null, not a "
                        + value.getClass().getName() + ".");
    }

    /** Counts the bytes of a text in UTF-8. */
    static long bytes(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a pair stands for two of its four bytes.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }
}
