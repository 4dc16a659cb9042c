package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Channels;
import dev.polywire.LimitOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SlowConsumerPolicy;
import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Reading with nothing but HTTP, as curl and a browser's own EventSource do. */
class BareReadTest {
    private final Wires wires = new Wires();
    // Without TLS, this client loses bytes when it changes to HTTP/2 on a busy machine.
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<InputStream> streams = new ArrayList<>();
    private Realtime realtime;
    private String base;

    /** One event of a stream. */
    private record Event(String id, String name, JsonObject data) {}

    @BeforeEach
    void serve() {
        realtime = Realtime.create(
                wires.vertx,
                new RealtimeOptions()
                        .allowAnonymous(true)
                        .namespace("news", new ChannelOptions().historySize(100))
                        .namespace(
                                "price",
                                new ChannelOptions()
                                        .slowConsumer(SlowConsumerPolicy.LATEST)
                                        .historySize(100))
                        .namespace("team", new ChannelOptions().historySize(100)));
        base = "http://127.0.0.1:" + wires.serve(realtime) + "/realtime";
    }

    @AfterEach
    void close() throws IOException {
        for (InputStream stream : streams) {
            stream.close();
        }
        wires.close();
    }

    private void publish(String channel, int... payloads) {
        for (int payload : payloads) {
            Await.get("a publish", realtime.channels().publish(channel, "n", payload));
        }
    }

    /** Reads a stream on a thread of its own until it is closed. */
    private List<Event> follow(String query, String lastEventId) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + "/sse?" + query));
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> reply = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(reply.statusCode()).isEqualTo(200);
        streams.add(reply.body());
        List<Event> events = new CopyOnWriteArrayList<>();
        Thread reader = new Thread(() -> read(reply.body(), events), "bare reader");
        reader.setDaemon(true);
        reader.start();
        Await.until("the opening event", () -> !events.isEmpty());
        return events;
    }

    private static void read(InputStream body, List<Event> events) {
        StringBuilder text = new StringBuilder();
        byte[] bytes = new byte[4096];
        try {
            for (int n; (n = body.read(bytes)) > 0; ) {
                text.append(new String(bytes, 0, n, StandardCharsets.UTF_8));
                for (int end; (end = text.indexOf("\n\n")) >= 0; text.delete(0, end + 2)) {
                    String id = "";
                    String name = "message";
                    String data = "{}";
                    for (String line : text.substring(0, end).split("\n")) {
                        if (line.startsWith("id: ")) {
                            id = line.substring(4);
                        } else if (line.startsWith("event: ")) {
                            name = line.substring(7);
                        } else if (line.startsWith("data: ")) {
                            data = line.substring(6);
                        }
                    }
                    if (!id.isEmpty()) {
                        events.add(new Event(id, name, new JsonObject(data)));
                    }
                }
            }
        } catch (IOException closed) {
            // The test has read enough.
        }
    }

    private static List<Object> payloads(List<Event> events) {
        return events.stream()
                .filter(event -> event.data().containsKey("payload"))
                .map(event -> event.data().getValue("payload"))
                .toList();
    }

    private JsonObject poll(String query, int status) throws IOException, InterruptedException {
        return get("/poll?" + query, status);
    }

    private JsonObject get(String path, int status) throws IOException, InterruptedException {
        HttpResponse<String> reply = http.send(
                HttpRequest.newBuilder(URI.create(base + path)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(status);
        return new JsonObject(reply.body());
    }

    @Test
    @DisplayName("R46: a stream of several channels resumes with Last-Event-ID exactly after what was read")
    void streamResumes() throws IOException, InterruptedException {
        List<Event> first = follow("channel=news:1&channel=team:7", null);
        assertThat(first.get(0).name()).isEqualTo("position");
        publish("news:1", 1, 2);
        publish("team:7", 70);
        Await.until("three events", () -> payloads(first).size() == 3);
        assertThat(payloads(first)).containsExactly(1, 2, 70);
        publish("news:1", 3);
        Await.until("the fourth", () -> payloads(first).size() == 4);
        streams.get(0).close();

        publish("team:7", 71);
        publish("news:1", 4);
        // From the second event on: what came after it in either channel, each in its order.
        List<Event> again = follow("channel=news:1&channel=team:7", first.get(2).id());
        publish("news:1", 5);
        Await.until("the rest", () -> payloads(again).size() == 5);
        assertThat(payloads(again)).containsExactlyInAnyOrder(70, 71, 3, 4, 5).containsSubsequence(3, 4, 5);
        assertThat(payloads(again)).containsSubsequence(70, 71);
    }

    @Test
    @DisplayName("R65: a stream that has lasted long enough ends, and goes on from its cursor")
    void age() throws IOException, InterruptedException {
        Realtime brief = Realtime.create(
                wires.vertx,
                new RealtimeOptions()
                        .name("brief")
                        .allowAnonymous(true)
                        .limits(new LimitOptions().connectionAge(Duration.ofSeconds(1)))
                        .namespace("news", new ChannelOptions().historySize(100)));
        base = "http://127.0.0.1:" + wires.serve(brief) + "/realtime";
        List<Event> events = follow("channel=news:1", null);
        Await.until("its end", () -> brief.stats().getInteger("bareReaders") == 0);
        Await.get("a publish", brief.channels().publish("news:1", "n", 1));
        List<Event> again = follow("channel=news:1", events.get(0).id());
        Await.until("what came meanwhile", () -> payloads(again).size() == 1);
        assertThat(payloads(events)).isEmpty();
    }

    @Test
    @DisplayName("R46: since=start begins with the history that is kept")
    void fromTheStart() throws IOException, InterruptedException {
        publish("news:1", 1, 2, 3);
        List<Event> events = follow("channel=news:1&since=start", null);
        publish("news:1", 4);
        Await.until("all", () -> payloads(events).size() == 4);
        assertThat(payloads(events)).containsExactly(1, 2, 3, 4);
    }

    @Test
    @DisplayName("R47: a poll waits for what comes next, and its cursor continues without loss or repeat")
    void pollsContinue() throws IOException, InterruptedException {
        publish("news:1", 1);
        JsonObject empty = poll("channel=news:1&wait=50", 200);
        assertThat(empty.getJsonArray("messages")).isEmpty();
        publish("news:1", 2, 3);
        JsonObject two = poll("channel=news:1&cursor=" + empty.getString("cursor"), 200);
        assertThat(read(two)).containsExactly(2, 3);
        publish("news:1", 4);
        JsonObject one = poll("channel=news:1&cursor=" + two.getString("cursor"), 200);
        assertThat(read(one)).containsExactly(4);
    }

    private static List<Object> read(JsonObject reply) {
        JsonArray messages = reply.getJsonArray("messages");
        return messages.stream()
                .map(message -> ((JsonObject) message).getValue("payload"))
                .toList();
    }

    @Test
    @DisplayName("R48: a cursor outlives the server, and what cannot be continued begins with a gap")
    void cursorsOutliveTheServer() throws IOException, InterruptedException {
        publish("news:1", 1);
        String cursor = poll("channel=news:1&since=start", 200).getString("cursor");
        Realtime next = Realtime.create(wires.vertx, realtime.options());
        base = "http://127.0.0.1:" + wires.serve(next) + "/realtime";
        JsonObject reply = poll("channel=news:1&cursor=" + cursor, 200);
        assertThat(reply.getJsonArray("messages").getJsonObject(0).getString("type"))
                .isEqualTo("gap");
    }

    @Test
    @DisplayName("R48: what is no cursor, no channel or no right is refused with a stable code")
    void refuses() throws IOException, InterruptedException {
        assertThat(poll("channel=news:1&cursor=nonsense", 400).getString("code"))
                .isEqualTo("bad_cursor");
        assertThat(poll("channel=no%20channel", 400).getString("code")).isEqualTo("bad_channel");
    }

    @Test
    @DisplayName("R45 R46 R47: a query that is not UTF-8, or a since that is unknown, is refused with a sentence")
    void refusesWhatItWouldReadAsSomethingElse() throws IOException, InterruptedException {
        for (String door : List.of("/sse?", "/poll?wait=0&")) {
            for (String query :
                    List.of("channel=%ff", "channel=a%C3&channel=b", "channel=%ED%A0%80", "channel=news:1&x=%ff")) {
                JsonObject refused = get(door + query, 400);
                assertThat(refused.getString("code")).as(query).isEqualTo("bad_frame");
                assertThat(refused.getString("message")).contains("UTF-8");
            }
            for (String since : List.of("foo", "", "17", "START")) {
                JsonObject refused = get(door + "channel=news:1&since=" + since, 400);
                assertThat(refused.getString("code")).as(since).isEqualTo("bad_frame");
                assertThat(refused.getString("message")).contains("\"start\"");
            }
        }
        assertThat(read(poll("channel=caf%C3%A9&wait=0", 200))).isEmpty();
        assertThat(read(poll("channel=%EF%BF%BD&wait=0", 200))).isEmpty();
    }

    @Test
    @DisplayName("R47: since=start begins a poll with the history that is kept, too")
    void pollsFromTheStart() throws IOException, InterruptedException {
        publish("news:1", 1, 2);
        JsonObject kept = poll("channel=news:1&since=start", 200);
        assertThat(read(kept)).containsExactly(1, 2);
        publish("news:1", 3);
        // The cursor wins: it is the same URL that is asked again.
        assertThat(read(poll("channel=news:1&since=start&cursor=" + kept.getString("cursor"), 200)))
                .containsExactly(3);
    }

    @Test
    @DisplayName(
            "R46 R47: in a channel of the policy latest the newest of each key come with since=start only, and by offset afterwards")
    void readsALatestChannel() throws IOException, InterruptedException {
        tick("a", 1);
        tick("b", 2);
        tick("a", 3);
        JsonObject top = poll("channel=price:x&wait=0", 200);
        assertThat(read(top)).isEmpty();
        JsonObject kept = poll("channel=price:x&since=start", 200);
        assertThat(read(kept)).containsExactly(2, 3);
        tick("b", 4);
        tick("a", 5);
        tick("b", 6);
        for (JsonObject from : List.of(top, kept)) {
            assertThat(read(poll("channel=price:x&cursor=" + from.getString("cursor"), 200)))
                    .containsExactly(5, 6);
        }
        List<Event> stream = follow("channel=price:x&since=start", null);
        tick("c", 7);
        Await.until("three events", () -> payloads(stream).size() == 3);
        assertThat(payloads(stream)).containsExactly(5, 6, 7);
    }

    private void tick(String key, int payload) {
        Await.get(
                "a publish",
                realtime.channels().publish(new Channels.Outgoing("price:x", "tick", payload, null, key, false, null)));
    }

    @Test
    @DisplayName("the client's file knows GET, as every endpoint knows its methods")
    void clientKnowsItsMethod() throws IOException, InterruptedException {
        HttpResponse<String> reply = http.send(
                HttpRequest.newBuilder(URI.create(base + "/client.js"))
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(reply.statusCode()).isEqualTo(405);
        assertThat(reply.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS");
        assertThat(new JsonObject(reply.body()).getString("code")).isEqualTo("method_not_allowed");
        assertThat(get("/no-such.js", 404).getString("code")).isEqualTo("not_found");
    }
}
