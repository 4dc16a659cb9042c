package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ProxyOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The client's options, in code and in JSON, and as {@code docs/options.md} describes them. */
class ClientOptionsTest {
    private static final Pattern RANGE = Pattern.compile("(\\d+) to (\\d+)");
    /** Those have no default. */
    private static final List<String> OPTIONAL = List.of("token", "capabilities", "proxy");

    private static Map<String, String[]> rows() throws IOException {
        Map<String, String[]> rows = new LinkedHashMap<>();
        boolean mine = false;
        for (String line : Files.readAllLines(Path.of("..", "docs", "options.md"))) {
            if (line.startsWith("## ")) {
                mine = line.equals("## ClientOptions");
            } else if (mine && line.startsWith("| `")) {
                String[] cells = line.split("\\|", -1);
                rows.put(cells[1].strip().replace("`", ""), new String[] {cells[2].strip(), cells[3].strip()});
            }
        }
        return rows;
    }

    @Test
    @DisplayName("an unusual value of each option is the same in code and in JSON")
    void roundTrip() {
        JsonObject json = new JsonObject()
                .put("token", "t")
                .put("transports", new JsonArray().add("longpoll").add("sse"))
                .put("capabilities", new JsonObject().put("metered", true))
                .put("maxAttempts", 3)
                .put("queueLimit", 7)
                .put("autoConfirm", true)
                .put("upgradeAfterMs", 11)
                .put("welcomeTimeoutMs", 12)
                .put("remember", false)
                .put("maxFrame", 70_000)
                .put("trust", new JsonArray().add("ca.pem"))
                .put("proxy", new ProxyOptions().setHost("proxy").setPort(8).toJson());
        assertThat(new ClientOptions(json).toJson()).isEqualTo(json);
        assertThat(new ClientOptions(new ClientOptions(json)).toJson()).isEqualTo(json);
        assertThat(new ClientOptions(new ClientOptions().tokens(() -> Future.succeededFuture("t"))).tokens())
                .isNotNull();
    }

    @Test
    @DisplayName("the page names every option with its default and the range that is enforced, and no other")
    void page() throws IOException {
        JsonObject defaults = new ClientOptions().toJson();
        Map<String, String[]> rows = rows();
        OPTIONAL.forEach(name -> assertThat(rows.remove(name)[0]).isEmpty());
        assertThat(List.copyOf(rows.keySet())).isEqualTo(List.copyOf(defaults.fieldNames()));
        rows.forEach((name, row) -> {
            assertThat(row[0]).as(name).isEqualTo("`" + Json.encode(defaults.getValue(name)) + "`");
            Matcher range = RANGE.matcher(row[1]);
            assertThat(range.matches()).as(name).isEqualTo(defaults.getValue(name) instanceof Number);
            if (range.matches()) {
                bounded(name, Long.parseLong(range.group(1)), Long.parseLong(range.group(2)));
            }
        });
    }

    private static void bounded(String name, long low, long high) {
        for (long fine : List.of(low, high)) {
            assertThatCode(() -> new ClientOptions(new JsonObject().put(name, fine)))
                    .as(name + " " + fine)
                    .doesNotThrowAnyException();
        }
        for (long bad : List.of(low - 1, high + 1)) {
            refused(new JsonObject().put(name, bad));
        }
    }

    private static void refused(JsonObject json) {
        assertThatThrownBy(() -> new ClientOptions(json))
                .as(json.encode())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(".");
    }

    @Test
    @DisplayName("what cannot be is refused with a sentence")
    void refusals() {
        refused(new JsonObject().put("tokn", "t"));
        refused(new JsonObject().put("token", 1));
        refused(new JsonObject().put("token", "two words"));
        refused(new JsonObject().put("transports", new JsonArray().add("pigeon")));
        refused(new JsonObject().put("transports", new JsonArray().add("sse").add("sse")));
        refused(new JsonObject().put("trust", new JsonArray().add(" ")));
        refused(new JsonObject().put("remember", "yes"));
    }
}
