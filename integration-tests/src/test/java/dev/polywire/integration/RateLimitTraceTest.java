package dev.polywire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.RateLimit;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.KitServer;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.WebSocketDriver;
import dev.polywire.transport.longpoll.LongPollTransport;
import dev.polywire.transport.sse.SseTransport;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The same frames at the same times are accepted and refused alike, whatever wire they come by. */
class RateLimitTraceTest {
    private static final int FRAMES = 1000;

    /** Frames that come at one moment. */
    private record Moment(long after, List<JsonObject> frames) {}

    @Test
    @DisplayName("R28 one trace of a thousand frames is treated alike on all wires")
    void sameOnAllWires() {
        long seed = Long.getLong("polywire.seed", 20261120L);
        List<Moment> trace = trace(new Random(seed));
        Vertx vertx = Vertx.vertx();
        try {
            List<String> overWebSocket =
                    run(vertx, trace, port -> new WebSocketDriver(vertx, "127.0.0.1", port, KitServer.PATH));
            List<String> overSse = run(vertx, trace, port -> new SseDriver(vertx, "127.0.0.1", port, KitServer.PATH));
            List<String> overLongPoll =
                    run(vertx, trace, port -> new LongPollDriver(vertx, "127.0.0.1", port, KitServer.PATH));
            assertEquals(FRAMES, overWebSocket.size());
            assertEquals(overWebSocket, overSse);
            assertEquals(overWebSocket, overLongPoll);
            long refused = overWebSocket.stream()
                    .filter(each -> each.contains("rate_limited"))
                    .count();
            assertTrue(refused > FRAMES / 10 && refused < FRAMES * 9 / 10, refused + " refused says little");
        } finally {
            Await.get("the end of Vert.x", vertx.close());
        }
    }

    private static List<Moment> trace(Random random) {
        List<Moment> trace = new ArrayList<>();
        for (int i = 0; i < FRAMES; ) {
            List<JsonObject> frames = new ArrayList<>();
            for (int k = 1 + random.nextInt(12); k > 0 && i < FRAMES; k--) {
                JsonObject frame = new JsonObject().put("type", "publish").put("id", "f" + i++);
                // Some are no good, some may not: they cost as much.
                frame.put("channel", random.nextInt(10) == 0 ? "secret:x" : "open:x");
                if (random.nextInt(10) > 0) {
                    frame.put("payload", "p".repeat(random.nextInt(5) == 0 ? 900 : random.nextInt(200)));
                }
                frames.add(frame);
            }
            trace.add(new Moment(random.nextInt(400), frames));
        }
        return trace;
    }

    private static List<String> run(Vertx vertx, List<Moment> trace, IntFunction<ClientDriver> drivers) {
        RealtimeOptions options = KitServer.options(List.of("websocket", "sse", "longpoll"));
        options.session(options.session()
                .heartbeat(Duration.ofMinutes(10))
                .orphanTimeout(Duration.ofMinutes(1))
                .frame(1200)
                .rate(new RateLimit(20, 40, 4096, 8192, FRAMES)));
        KitServer server = KitServer.inVirtualTime(
                vertx, options, List.of(new WebSocketTransport(), new SseTransport(), new LongPollTransport()));
        ClientDriver driver = drivers.apply(server.port());
        Map<String, String> answers = new ConcurrentHashMap<>();
        ReferenceClient client = new ReferenceClient(vertx, driver)
                .acknowledging(false)
                .keeping(false)
                .listener(frame -> answers.put(
                        frame.getString("id"),
                        frame.getString("type") + " " + frame.getString("code") + " " + frame.getLong("frame") + " "
                                + frame.getLong("retryAfter")));
        try {
            client.connect();
            List<String> list = new ArrayList<>();
            for (Moment moment : trace) {
                server.advance(moment.after);
                moment.frames.forEach(client::send);
                for (JsonObject frame : moment.frames) {
                    String id = frame.getString("id");
                    list.add(id + " " + Await.value("an answer to " + id, Await.deadline(), () -> answers.get(id)));
                }
            }
            return list;
        } finally {
            client.close();
            driver.close();
            server.close();
        }
    }
}
