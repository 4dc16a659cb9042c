package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was found by attacking the endpoints over plain HTTP. */
class AttackHttpTest {
    private static final int MESSAGES = 1200;

    private final Wires wires = new Wires();
    private final AtomicLong later = new AtomicLong();
    private final Realtime realtime =
            Realtime.create(wires.vertx, options(), () -> System.nanoTime() / 1_000_000 + later.get());
    private final int port = wires.serve(realtime);

    @AfterEach
    void close() {
        wires.close();
    }

    private static RealtimeOptions options() {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions().frame(4096).window(8 * 1024).outbox(32 * 1024))
                .namespace("room", new ChannelOptions().historySize(5000));
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/realtime" + path))
                .version(HttpClient.Version.HTTP_1_1) // without TLS, this client loses bytes when it changes to HTTP/2
                .timeout(Duration.ofSeconds(10));
    }

    private static HttpResponse<String> ask(HttpRequest.Builder request) {
        try {
            return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static HttpRequest.Builder with(HttpRequest.Builder request, JsonObject welcome) {
        return request.header("Content-Type", "application/json")
                .header("Polywire-Session", welcome.getString("session"))
                .header("Polywire-Secret", welcome.getString("secret"));
    }

    private JsonObject open() {
        String hello = "{\"type\":\"hello\",\"versions\":[1]}";
        HttpResponse<String> reply =
                ask(to("/poll").header("Content-Type", "application/json").POST(BodyPublishers.ofString(hello)));
        return new JsonArray(reply.body()).getJsonObject(0);
    }

    private void bye(JsonObject welcome) {
        String bye = "{\"type\":\"bye\",\"sent\":5}";
        assertThat(ask(with(to("/send"), welcome).POST(BodyPublishers.ofString(bye)))
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/poll?channel=%C3%28a&channel=", "/sse?channel=", "/poll?wait="})
    @DisplayName("section 10: a query that cannot be decoded is a bad_frame, not a fault of the server")
    void query(String path) throws IOException {
        String request = "GET /realtime" + path + "%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String reply = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(reply).startsWith("HTTP/1.1 400").contains("\"bad_frame\"");
        }
    }

    @Test
    @DisplayName("R40 a new stream makes a bye before it void, also one that was said twice")
    void byeTwice() {
        JsonObject welcome = open();
        bye(welcome);
        bye(welcome);
        HttpRequest stream = with(to("/sse"), welcome)
                .header("Polywire-Attach", "1")
                .POST(BodyPublishers.noBody())
                .build();
        HttpClient.newHttpClient().sendAsync(stream, BodyHandlers.ofInputStream());
        Await.until("the stream", () -> {
            Session session = realtime.sessions().get(welcome.getString("session"));
            return session != null && session.transport().equals("sse");
        });
        JsonObject other = open();
        bye(other);

        later.addAndGet(6_000);

        Await.until("the end of the other session", () -> realtime.sessions().get(other.getString("session")) == null);
        assertThat(realtime.sessions().get(welcome.getString("session"))).isNotNull();
    }

    private void publish(String channel, int from, int to) {
        for (int i = from; i < to; i++) {
            Await.get("a publish", realtime.channels().publish(channel, "e", i + "x".repeat(100)));
        }
    }

    private List<JsonObject> poll(List<String> cursor, String query) {
        HttpResponse<String> reply =
                ask(to("/poll?wait=0&" + query + (cursor.isEmpty() ? "" : "&cursor=" + cursor.get(0))));
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        JsonObject body = new JsonObject(reply.body());
        cursor.clear();
        cursor.add(body.getString("cursor"));
        return body.getJsonArray("messages").stream()
                .map(JsonObject.class::cast)
                .toList();
    }

    private static List<Integer> numbers(List<JsonObject> messages, String channel) {
        return messages.stream()
                .filter(message -> channel.equals(message.getString("channel")))
                .map(message -> message.getString("payload", "gap"))
                .map(text -> Integer.valueOf(text.substring(0, text.indexOf('x'))))
                .toList();
    }

    @Test
    @DisplayName("R46 R49 a bare read of more history than may be queued is given in parts, and none is left out")
    void fromStart() {
        publish("room:1", 0, MESSAGES);
        List<JsonObject> all = new ArrayList<>();
        List<String> cursor = new ArrayList<>();
        int polls = 0;
        for (List<JsonObject> some = poll(cursor, "channel=room:1&since=start");
                !some.isEmpty();
                some = poll(cursor, "channel=room:1")) {
            all.addAll(some);
            polls++;
        }
        assertThat(polls).isGreaterThan(1);
        assertThat(numbers(all, "room:1"))
                .isEqualTo(IntStream.range(0, MESSAGES).boxed().toList());
    }

    @Test
    @DisplayName(
            "R48 R49 a cursor of several channels goes on without loss when together they are more than may be queued")
    void severalChannels() {
        List<String> channels = List.of("room:1", "room:2", "room:3", "room:4");
        String query = "channel=" + String.join("&channel=", channels);
        List<String> cursor = new ArrayList<>();
        assertThat(poll(cursor, query)).isEmpty();
        channels.forEach(channel -> publish(channel, 0, 70));
        List<JsonObject> all = new ArrayList<>();
        for (List<JsonObject> some = poll(cursor, query); !some.isEmpty(); some = poll(cursor, query)) {
            all.addAll(some);
        }
        for (String channel : channels) {
            assertThat(numbers(all, channel))
                    .isEqualTo(IntStream.range(0, 70).boxed().toList());
        }
    }

    @Test
    @DisplayName("R46 R49 a stream that reads more history than may be queued ends after a part, with where to go on")
    void streamFromStart() {
        publish("room:1", 0, MESSAGES);
        HttpResponse<String> reply = ask(to("/sse?channel=room:1&since=start"));
        assertThat(reply.statusCode()).isEqualTo(200);
        List<String> ids =
                reply.body().lines().filter(line -> line.startsWith("id: ")).toList();
        assertThat(ids).hasSizeGreaterThan(50);
        List<String> cursor = new ArrayList<>();
        cursor.add(ids.get(ids.size() - 1).substring(4));
        assertThat(numbers(poll(cursor, "channel=room:1"), "room:1")).startsWith(ids.size() - 1);
        Await.until("no reader", () -> realtime.stats().getInteger("bareReaders") == 0);
    }
}
