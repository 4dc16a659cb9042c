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
    void aPaceIsNeitherFasterNorSlower() throws Exception {
        Hands clock = new Hands();
        Pace pace = Pace.perSecond(100, clock);
        for (int i = 0; i < 20; i++) {
            pace.await();
            assertThat(clock.now).isEqualTo(i * 10_000_000L);
            // What a step itself takes is not waited for on top.
            clock.now += 3_000_000;
        }
    }

    @Test
    void aPaceThatWasHeldUpCatchesUpForASecondAtMost() throws Exception {
        Hands clock = new Hands();
        Pace pace = Pace.perSecond(100, clock);
        pace.await();
        clock.now += 60_000_000_000L;
        long late = clock.now;
        for (int i = 0; i <= 100; i++) {
            pace.await();
            assertThat(clock.now).as("step %d", i).isEqualTo(late);
        }
        pace.await();
        assertThat(clock.now).isEqualTo(late + 10_000_000);
    }

    /** A clock that moves when it is slept by, and by hand. */
    private static final class Hands implements Pace.Clock {
        long now;

        @Override
        public long now() {
            return now;
        }

        @Override
        public void sleep(long nanos) {
            now += nanos;
        }
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
