package dev.polywire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares {@code docs/options.md} with the options themselves: names, defaults and ranges. */
class OptionsDocTest {
    private static final Path PAGE = Path.of("..", "docs", "options.md");

    /** What the page describes, under a heading with the same name. */
    enum Kind {
        RealtimeOptions(json -> new RealtimeOptions(json).toJson()),
        SessionOptions(json -> new SessionOptions(json).toJson()),
        AuthOptions(json -> new AuthOptions(json).toJson()),
        JwtOptions(json -> new JwtOptions(json).toJson()),
        RateLimit(json -> dev.polywire.RateLimit.fromJson(json).toJson()),
        LimitOptions(json -> new LimitOptions(json).toJson()),
        AddressOptions(json -> new AddressOptions(json).toJson()),
        OverloadOptions(json -> new OverloadOptions(json).toJson()),
        SharingOptions(json -> new SharingOptions(json).toJson()),
        ChannelOptions(json -> new ChannelOptions(json).toJson()),
        EventBusOptions(json -> new EventBusOptions(json).toJson()),
        BrokerOptions(json -> new BrokerOptions(json).toJson()),
        TlsOptions(json -> new TlsOptions(json).toJson());

        final Function<JsonObject, JsonObject> read;

        Kind(Function<JsonObject, JsonObject> read) {
            this.read = read;
        }

        JsonObject defaults() {
            return read.apply(new JsonObject());
        }
    }

    /** The options whose class is not called as they are. */
    private static final Map<String, String> CLASSES = Map.of("rate", "RateLimit", "limits", "LimitOptions");

    private record Row(String standard, String range) {}

    private static Map<String, Row> rows(Kind kind) throws IOException {
        Map<String, Row> rows = new LinkedHashMap<>();
        boolean mine = false;
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("## ")) {
                mine = line.equals("## " + kind);
            } else if (mine && line.startsWith("| `")) {
                String[] cells = line.split("\\|", -1);
                String name = cells[1].strip();
                Row row = new Row(cells[2].strip(), cells[3].strip());
                assertThat(rows.put(name.substring(1, name.length() - 1), row))
                        .as(name)
                        .isNull();
            }
        }
        return rows;
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("the page names every option, and no other")
    void names(Kind kind) throws IOException {
        assertThat(rows(kind).keySet())
                .containsExactlyElementsOf(kind.defaults().fieldNames());
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("the page tells the defaults that hold")
    void defaults(Kind kind) throws IOException {
        JsonObject defaults = kind.defaults();
        Set<String> parts = Set.of(
                "session",
                "auth",
                "jwt",
                "eventBus",
                "channel",
                "limits",
                "address",
                "overload",
                "sharing",
                "broker",
                "rate",
                "tls");
        for (Map.Entry<String, Row> row : rows(kind).entrySet()) {
            String expected = parts.contains(row.getKey()) && defaults.getValue(row.getKey()) instanceof JsonObject
                    ? "see [" + CLASSES.getOrDefault(row.getKey(), capital(row.getKey()) + "Options") + "]"
                    : "`" + Json.encode(defaults.getValue(row.getKey())) + "`";
            assertThat(row.getValue().standard()).as(row.getKey()).startsWith(expected);
        }
    }

    private static String capital(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("the ranges on the page are those that are enforced")
    void ranges(Kind kind) throws IOException {
        Pattern between = Pattern.compile("(\\d+) (?:to (\\d+)|or more)");
        for (Map.Entry<String, Row> row : rows(kind).entrySet()) {
            String name = row.getKey();
            Matcher range = between.matcher(row.getValue().range());
            boolean number = kind.defaults().getValue(name) instanceof Number;
            assertThat(range.matches()).as(name + " has a range of numbers").isEqualTo(number);
            if (!number) {
                continue;
            }
            long low = Long.parseLong(range.group(1));
            long high = range.group(2) == null ? Integer.MAX_VALUE : Long.parseLong(range.group(2));
            for (long fine : List.of(low, high)) {
                assertThatCode(() -> kind.read.apply(new JsonObject().put(name, fine)))
                        .as(name + " " + fine)
                        .doesNotThrowAnyException();
            }
            for (long bad : List.of(low - 1, high + 1)) {
                assertThatThrownBy(() -> kind.read.apply(new JsonObject().put(name, bad)))
                        .as(name + " " + bad)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageMatching("(?s)[A-Z\"a-z].*must .*\\.");
            }
        }
    }

    @Test
    @DisplayName("the JSON on the page is what it says it is")
    void example() throws IOException {
        Matcher block = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
        int found = 0;
        while (block.find()) {
            found++;
            RealtimeOptions options = new RealtimeOptions(new JsonObject(block.group(1))).check();
            assertThat(options.channelOptions("price:1").slowConsumer()).isEqualTo(SlowConsumerPolicy.LATEST);
        }
        assertThat(found).isPositive();
    }
}
