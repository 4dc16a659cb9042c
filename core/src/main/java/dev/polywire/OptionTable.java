package dev.polywire;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The options that one class has. An option is one declaration here (its name in JSON, its default, its range) and a setter and
 * a getter there; reading and writing JSON, copying and refusing go over the table. {@link OptionValues} has the values.
 *
 * <p>Their order is that of JSON and of {@code docs/options.md}. A class that grows too long for its file is given a part: an
 * object of its own within the JSON, with its own table, as {@link SessionOptions} is within {@link RealtimeOptions}.
 */
final class OptionTable {
    private final String what;
    private final List<Option<?>> options = new ArrayList<>();

    /**
     * Creates a table that is filled by what declares its options, all of them in one class's static fields.
     *
     * @param what how sentences call it, such as {@code session options}
     */
    OptionTable(String what) {
        this.what = what;
    }

    Option<Boolean> flag(String name, boolean standard) {
        return plain(name, standard, JsonOptions::bool, value -> {});
    }

    Option<Integer> number(String name, int standard, int low, int high) {
        return plain(name, standard, JsonOptions::integer, value -> range(name, value, low, high));
    }

    /** Declares an amount of memory, which may be more than two gigabytes. */
    Option<Long> bytes(String name, long standard, long low, long high) {
        return plain(name, standard, JsonOptions::whole, value -> range(name, value, low, high));
    }

    /** Declares a length of time; its name in JSON ends in {@code Ms}, that of its setter does not. */
    Option<Duration> millis(String nameMs, Duration standard, long low, long high) {
        String called = nameMs.substring(0, nameMs.length() - "Ms".length()) + " in milliseconds";
        Consumer<Duration> check = value -> range(called, TimeUnit.MILLISECONDS.convert(value), low, high);
        return add(nameMs, standard, JsonOptions::millis, Duration::toMillis, same -> same, check);
    }

    Option<String> text(String name, String standard, Consumer<String> check) {
        return plain(name, standard, JsonOptions::text, check);
    }

    Option<List<String>> texts(String name, List<String> standard, Consumer<List<String>> check) {
        return add(name, standard, JsonOptions::texts, JsonArray::new, List::copyOf, check);
    }

    <E extends Enum<E>> Option<E> choice(String name, E standard) {
        return add(
                name,
                standard,
                (in, key, otherwise) -> in.choice(key, otherwise, standard.getDeclaringClass()),
                value -> value.name().toLowerCase(Locale.ROOT),
                same -> same,
                value -> {});
    }

    /** Declares an object within the object, which has a table of its own or is otherwise able to read and write itself. */
    <P> Option<P> part(
            String name,
            P standard,
            Function<JsonObject, P> fromJson,
            Function<P, JsonObject> toJson,
            UnaryOperator<P> copier) {
        return add(
                name,
                standard,
                (in, key, otherwise) -> {
                    JsonObject json = in.object(key);
                    return json == null ? otherwise : fromJson.apply(json);
                },
                toJson::apply,
                copier,
                value -> {});
    }

    /** Declares a list of objects, empty when not said otherwise. */
    <P> Option<List<P>> objects(String name, Function<JsonObject, P> fromJson, Function<P, JsonObject> toJson) {
        return add(
                name,
                List.of(),
                (in, key, otherwise) -> in.objects(key).stream().map(fromJson).toList(),
                value -> new JsonArray(value.stream().map(toJson).toList()),
                List::copyOf,
                value -> {});
    }

    private <V> Option<V> plain(String name, V standard, Option.Reader<V> reader, Consumer<V> check) {
        return add(name, standard, reader, value -> value, same -> same, check);
    }

    private <V> Option<V> add(
            String name,
            V standard,
            Option.Reader<V> reader,
            Function<V, Object> writer,
            UnaryOperator<V> copier,
            Consumer<V> check) {
        Option<V> option = new Option<>(options.size(), name, standard, reader, writer, copier, check);
        options.add(option);
        return option;
    }

    List<Option<?>> options() {
        return options;
    }

    /** Begins to read, and refuses names that no option has. */
    JsonOptions reading(JsonObject json) {
        Set<String> names = new LinkedHashSet<>();
        options.forEach(option -> names.add(option.name()));
        return new JsonOptions(json, what, names);
    }

    /** Returns a check of texts. */
    static Consumer<String> notBlank(String called) {
        return value -> {
            if (value.isBlank()) {
                throw new IllegalArgumentException(called + " must not be blank.");
            }
        };
    }

    /** Returns a check of texts; the sentence goes on with what it was instead. */
    static Consumer<String> matching(String regex, String sentence) {
        return value -> {
            if (!value.matches(regex)) {
                throw new IllegalArgumentException(sentence + ", not " + value + ".");
            }
        };
    }

    /** Returns a check of lists. */
    static Consumer<List<String>> notEmpty(String sentence) {
        return value -> {
            if (value.isEmpty()) {
                throw new IllegalArgumentException(sentence);
            }
        };
    }

    private static void range(String name, long value, long low, long high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(
                    name + " must lie between " + low + " and " + high + ", not " + value + ".");
        }
    }
}
