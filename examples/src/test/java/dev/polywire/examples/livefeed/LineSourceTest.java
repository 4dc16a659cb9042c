package dev.polywire.examples.livefeed;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LineSourceTest {
    private final List<JsonObject> bodies = new ArrayList<>();
    private final List<String> events = new ArrayList<>();

    @Test
    void linesAreTextOrJson() throws Exception {
        run("GET /index.html 200\n{\"status\":200,\"ms\":1.5}\r\n{not json\n\n[1,2]\nlast");

        assertThat(bodies)
                .containsExactly(
                        new JsonObject().put("text", "GET /index.html 200"),
                        new JsonObject()
                                .put("data", new JsonObject().put("status", 200).put("ms", 1.5)),
                        new JsonObject().put("text", "{not json"),
                        new JsonObject().put("text", "[1,2]"),
                        new JsonObject().put("text", "last"),
                        new JsonObject().put("lines", 5L));
        assertThat(events).containsExactly("line", "line", "line", "line", "line", "end");
    }

    @Test
    void nothingIsAnEndToo() throws Exception {
        run("");

        assertThat(bodies).containsExactly(new JsonObject().put("lines", 0L));
    }

    @Test
    void aLineWithoutEndIsCut() throws Exception {
        run("x".repeat(LineSource.LONGEST - 1) + "\uD83D\uDE00".repeat(10) + "\nnext\n");

        assertThat(bodies.get(0).getString("text")).isEqualTo("x".repeat(LineSource.LONGEST - 1) + "…");
        assertThat(bodies.get(1).getString("text")).isEqualTo("next");
    }

    @Test
    void everyLineWaitsForItsTurn() throws Exception {
        AtomicInteger turns = new AtomicInteger();
        new LineSource("test", 10, () -> stream("a\n\nb\n"), turns::incrementAndGet)
                .run((event, body) -> bodies.add(body));

        assertThat(turns).hasValue(2);
    }

    @Test
    void aPaceIsNeitherFasterNorMuchSlower() throws Exception {
        Pace pace = Pace.perSecond(100);
        long began = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            pace.await();
        }

        assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(190_000_000L);
    }

    private void run(String text) throws Exception {
        new LineSource("test", 10, () -> stream(text), () -> {}).run((event, body) -> {
            events.add(event);
            bodies.add(body);
        });
    }

    private static ByteArrayInputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
