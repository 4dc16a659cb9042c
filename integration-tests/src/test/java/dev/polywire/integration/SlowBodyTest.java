package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A body that never ends holds no request for ever. */
class SlowBodyTest {
    private final Wires wires = new Wires();

    @AfterEach
    void close() {
        wires.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sse", "/poll", "/send"})
    @DisplayName("a body that takes longer than a heartbeat is answered 408")
    void timesOut(String path) throws IOException, InterruptedException {
        int port = wires.serve(Realtime.create(
                wires.vertx,
                new RealtimeOptions()
                        .allowAnonymous(true)
                        .session(new SessionOptions().heartbeat(Duration.ofMillis(200)))));
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(10_000);
            String session = path.equals("/send") ? session(port) : "";
            String head = "POST /realtime" + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                    + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n" + session + "\r\n{\"ty";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[1024];
            int length = socket.getInputStream().read(answer);
            assertThat(new String(answer, 0, length, StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 408")
                    .contains("request_timeout");
        }
    }

    /** Opens a session, without which a POST is refused before its body, and returns the headers that name it. */
    private static String session(int port) throws IOException, InterruptedException {
        HttpRequest open = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/realtime/poll"))
                .version(HttpClient.Version.HTTP_1_1) // without TLS, this client loses bytes when it changes to HTTP/2
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}"))
                .build();
        String body = HttpClient.newHttpClient()
                .send(open, HttpResponse.BodyHandlers.ofString())
                .body();
        JsonObject welcome = new JsonArray(body).getJsonObject(0);
        return "Polywire-Session: " + welcome.getString("session") + "\r\nPolywire-Secret: "
                + welcome.getString("secret") + "\r\n";
    }
}
