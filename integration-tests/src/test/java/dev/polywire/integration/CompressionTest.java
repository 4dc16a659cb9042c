package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compression: off unless switched on, and never on an event stream, where it would hold events back. */
class CompressionTest {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1]}";

    private final Wires wires = new Wires();

    @AfterEach
    void close() {
        wires.close();
    }

    private int serve(boolean on) {
        return wires.serve(Realtime.create(
                wires.vertx,
                new RealtimeOptions()
                        .allowAnonymous(true)
                        .compression(on)
                        .namespace("room", new ChannelOptions().publish(ChannelOptions.Publishers.SUBSCRIBERS))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("permessage-deflate is negotiated exactly when it is switched on, and frames pass either way")
    void webSocket(boolean on) {
        int port = serve(on);
        WebSocketClient client = wires.keep(
                wires.vertx.createWebSocketClient(new WebSocketClientOptions().setTryUsePerMessageCompression(true)));
        WebSocket socket = Await.get("a WebSocket", client.connect(port, "127.0.0.1", "/realtime/websocket"));
        String extensions = socket.headers().get("Sec-WebSocket-Extensions");
        assertThat(extensions != null && extensions.contains("permessage-deflate"))
                .isEqualTo(on);
        List<JsonObject> frames = new CopyOnWriteArrayList<>();
        socket.textMessageHandler(text -> frames.add(new JsonObject(text)));
        socket.writeTextMessage(HELLO);
        Await.until("welcome", () -> frames.size() == 1);
        String text = "the same again and ".repeat(1000);
        socket.writeTextMessage(Wires.subscribe("s", "room:1").encode());
        socket.writeTextMessage(Wires.publish("p", "room:1", text).encode());
        Await.until("the message", () -> frames.stream().anyMatch(frame -> text.equals(frame.getValue("payload"))));
        Await.get("the end", socket.close());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("the browser client comes compressed, once, to whoever takes that, and not at all to whoever has it")
    void script(boolean on) throws IOException, InterruptedException {
        URI script = URI.create("http://127.0.0.1:" + serve(on) + "/realtime/client.js");
        // Without TLS, this client loses bytes when it changes to HTTP/2 on a busy machine.
        java.net.http.HttpClient http = java.net.http.HttpClient.newBuilder()
                .version(java.net.http.HttpClient.Version.HTTP_1_1)
                .build();
        HttpResponse<byte[]> plain = http.send(HttpRequest.newBuilder(script).build(), BodyHandlers.ofByteArray());
        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        HttpRequest.Builder zip = HttpRequest.newBuilder(script).header("Accept-Encoding", "br, GZIP;q=0.5");
        HttpResponse<byte[]> zipped = http.send(zip.build(), BodyHandlers.ofByteArray());
        assertThat(zipped.headers().allValues("Content-Encoding")).containsExactly("gzip");
        assertThat(zipped.headers().allValues("Vary")).contains("Accept-Encoding");
        assertThat(zipped.body()).hasSizeLessThan(plain.body().length / 2);
        assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes())
                .isEqualTo(plain.body());
        HttpResponse<byte[]> head =
                http.send(zip.method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofByteArray());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("Content-Length")).contains(String.valueOf(zipped.body().length));

        String tag = plain.headers().firstValue("ETag").orElseThrow();
        for (String known : List.of(tag, "\"other\", " + tag, tag.substring(2), "*")) {
            HttpResponse<byte[]> again = http.send(
                    HttpRequest.newBuilder(script)
                            .header("If-None-Match", known)
                            .build(),
                    BodyHandlers.ofByteArray());
            assertThat(again.statusCode()).as(known).isEqualTo(304);
            assertThat(again.headers().firstValue("ETag")).contains(tag);
        }
        HttpRequest other = HttpRequest.newBuilder(script)
                .header("If-None-Match", "\"other\"")
                .header("Accept-Encoding", "gzip;q=0")
                .build();
        assertThat(http.send(other, BodyHandlers.ofByteArray()).body()).isEqualTo(plain.body());
    }

    @Test
    @DisplayName(
            "a broadcast is compressed once and read by every client, whatever window it keeps, among messages that are not")
    void broadcast() {
        int port = serve(true);
        WebSocketClient client = wires.keep(
                wires.vertx.createWebSocketClient(new WebSocketClientOptions().setTryUsePerMessageCompression(true)));
        List<List<JsonObject>> heard = new ArrayList<>();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<JsonObject> frames = new CopyOnWriteArrayList<>();
            WebSocket socket = Await.get("a WebSocket", client.connect(port, "127.0.0.1", "/realtime/websocket"));
            socket.textMessageHandler(text -> frames.add(new JsonObject(text)));
            socket.writeTextMessage(HELLO);
            Await.until("welcome", () -> frames.size() == 1);
            socket.writeTextMessage(Wires.subscribe("s", "room:1").encode());
            Await.until(
                    "subscribed",
                    () -> frames.stream().anyMatch(frame -> "subscribed".equals(frame.getString("type"))));
            heard.add(frames);
            sockets.add(socket);
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            // Large ones that repeat what went before, and small ones between them that are sent as they are.
            texts.add(i % 3 == 0 ? "no. " + i : ("no. " + i + " is like the others, ").repeat(20 + i));
            sockets.get(i % 3)
                    .writeTextMessage(
                            Wires.publish("p" + i, "room:1", texts.get(i)).encode());
            int count = i + 1;
            for (List<JsonObject> frames : heard) {
                Await.until("message " + count, () -> payloads(frames).size() == count);
            }
        }
        for (List<JsonObject> frames : heard) {
            assertThat(payloads(frames)).isEqualTo(texts);
        }
        for (WebSocket socket : sockets) {
            Await.get("the end", socket.close());
        }
    }

    private static List<String> payloads(List<JsonObject> frames) {
        return frames.stream()
                .filter(frame -> "message".equals(frame.getString("type")))
                .map(frame -> frame.getString("payload"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("poll replies are compressed exactly when it is switched on; event streams never are")
    void http(boolean on) {
        int port = serve(on);
        HttpClient client = wires.keep(wires.vertx.createHttpClient());
        HttpClientResponse poll = post(client, port, "/realtime/poll");
        Future<Buffer> whole = poll.body();
        poll.resume();
        Buffer body = Await.get("a body", whole);
        assertThat("gzip".equals(poll.getHeader("Content-Encoding"))).isEqualTo(on);
        // The magic number of RFC 1952, section 2.3.1, or the bracket of an array.
        assertThat(body.getByte(0)).isEqualTo(on ? (byte) 0x1f : (byte) '[');
        HttpClientResponse stream = post(client, port, "/realtime/sse");
        assertThat(stream.getHeader("Content-Encoding")).isNotEqualTo("gzip");
        Promise<Buffer> first = Promise.promise();
        stream.handler(first::tryComplete);
        stream.resume();
        assertThat(Await.get("an event", first.future()).toString()).contains("welcome");
    }

    private static HttpClientResponse post(HttpClient client, int port, String path) {
        Future<HttpClientResponse> response = client.request(HttpMethod.POST, port, "127.0.0.1", path)
                .compose(request -> {
                    // Paused as soon as it comes: a listener that is added later may find the body gone.
                    Future<HttpClientResponse> paused = request.response().map(HttpClientResponse::pause);
                    request.putHeader("Content-Type", "application/json")
                            .putHeader("Accept-Encoding", "gzip")
                            .end(HELLO);
                    return paused;
                });
        return Await.get("a reply", response);
    }
}
