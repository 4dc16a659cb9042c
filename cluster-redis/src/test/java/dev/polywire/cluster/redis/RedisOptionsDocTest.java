package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares {@code docs/options.md} with the options of this module: names, defaults and ranges. */
class RedisOptionsDocTest {
    private static final Pattern RANGE = Pattern.compile("(\\d+) to (\\d+)");

    /** What the page describes, under a heading with the same name. */
    enum Kind {
        RedisOptions(json -> new RedisOptions(json).toJson()),
        NodeOptions(json -> new NodeOptions(json).toJson());

        final Function<JsonObject, JsonObject> read;

        Kind(Function<JsonObject, JsonObject> read) {
            this.read = read;
        }
    }

    private record Row(String standard, String range) {}

    private static Map<String, Row> rows(Kind kind) throws IOException {
        Map<String, Row> rows = new LinkedHashMap<>();
        boolean mine = false;
        for (String line : Files.readAllLines(Path.of("..", "docs", "options.md"))) {
            if (line.startsWith("## ")) {
                mine = line.equals("## " + kind);
            } else if (mine && line.startsWith("| `")) {
                String[] cells = line.split("\\|", -1);
                String name = cells[1].strip();
                rows.put(name.substring(1, name.length() - 1), new Row(cells[2].strip(), cells[3].strip()));
            }
        }
        return rows;
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("the page names every option with its default, and no other")
    void defaults(Kind kind) throws IOException {
        JsonObject defaults = kind.read.apply(new JsonObject());
        Map<String, Row> rows = rows(kind);
        // Those have none.
        if (kind == Kind.RedisOptions) {
            for (String name : List.of("user", "password", "sentinelUser", "sentinelPassword")) {
                assertEquals("", rows.remove(name).standard());
            }
        }
        assertEquals(List.copyOf(defaults.fieldNames()), List.copyOf(rows.keySet()));
        rows.forEach(
                (name, row) -> assertEquals("`" + Json.encode(defaults.getValue(name)) + "`", row.standard(), name));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("the ranges on the page are those that are enforced")
    void ranges(Kind kind) throws IOException {
        JsonObject defaults = kind.read.apply(new JsonObject());
        rows(kind).forEach((name, row) -> {
            Matcher range = RANGE.matcher(row.range());
            assertEquals(defaults.getValue(name) instanceof Number, range.matches(), name);
            if (!range.matches()) {
                return;
            }
            long low = Long.parseLong(range.group(1));
            long high = Long.parseLong(range.group(2));
            for (long fine : List.of(low, high)) {
                assertDoesNotThrow(() -> kind.read.apply(new JsonObject().put(name, fine)), name + " " + fine);
            }
            for (long bad : List.of(low - 1, high + 1)) {
                String text = String.valueOf(assertThrows(
                                IllegalArgumentException.class,
                                () -> kind.read.apply(new JsonObject().put(name, bad)),
                                name + " " + bad)
                        .getMessage());
                assertTrue(text.endsWith("."), text);
            }
        });
    }
}
