package dev.polywire;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads options from JSON and refuses, with a sentence, what it does not know or cannot be. */
final class JsonOptions {
    private final JsonObject json;
    private final String what;

    JsonOptions(JsonObject json, String what, Set<String> known) {
        this.json = json;
        this.what = what;
        for (String name : json.fieldNames()) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("\"" + name + "\" is no option of the " + what
                        + ", which must be one of " + new TreeSet<>(known) + ".");
            }
        }
    }

    int integer(String name, int otherwise) {
        long value = whole(name, otherwise);
        if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
            throw wrong(name, "a number below 2^31");
        }
        return (int) value;
    }

    long whole(String name, long otherwise) {
        Object value = json.getValue(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Integer || value instanceof Long) {
            return ((Number) value).longValue();
        }
        throw wrong(name, "a whole number");
    }

    Duration millis(String name, Duration otherwise) {
        return Duration.ofMillis(whole(name, otherwise.toMillis()));
    }

    boolean bool(String name, boolean otherwise) {
        Object value = json.getValue(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw wrong(name, "true or false");
    }

    String text(String name, String otherwise) {
        Object value = json.getValue(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof String text) {
            return text;
        }
        throw wrong(name, "a string");
    }

    <E extends Enum<E>> E choice(String name, E otherwise, Class<E> type) {
        String text = text(name, otherwise.name());
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equalsIgnoreCase(text)) {
                return constant;
            }
        }
        throw wrong(name, "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT));
    }

    List<String> texts(String name, List<String> otherwise) {
        Object value = json.getValue(name);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof JsonArray array)) {
            throw wrong(name, "an array of strings");
        }
        List<String> texts = new ArrayList<>();
        for (Object element : array) {
            if (!(element instanceof String text)) {
                throw wrong(name, "an array of strings");
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    List<JsonObject> objects(String name) {
        Object value = json.getValue(name);
        List<JsonObject> objects = new ArrayList<>();
        if (value != null && !(value instanceof JsonArray)) {
            throw wrong(name, "an array of objects");
        }
        for (Object element : value == null ? new JsonArray() : (JsonArray) value) {
            if (!(element instanceof JsonObject object)) {
                throw wrong(name, "an array of objects");
            }
            objects.add(object);
        }
        return objects;
    }

    @Nullable
    JsonObject object(String name) {
        Object value = json.getValue(name);
        if (value == null || value instanceof JsonObject) {
            return (JsonObject) value;
        }
        throw wrong(name, "an object");
    }

    private IllegalArgumentException wrong(String name, String right) {
        return new IllegalArgumentException("\"" + name + "\" in the " + what + " must be " + right + ".");
    }
}
