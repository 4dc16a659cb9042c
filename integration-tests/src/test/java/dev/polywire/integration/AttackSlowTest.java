package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.session.Assembly;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Attacks by taking one's time, byte by byte over a socket, on an engine with one event loop and a clock that the test moves. */
class AttackSlowTest {
    /** More than the operating system takes off the server's hands. */
    private static final int LARGE = 24 << 20;

    private static final long GRACE = SessionOptions.DEFAULT_GRACE.toMillis();

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final Realtime realtime = new Assembly(vertx, options(), clock::get);
    private final int port = serve();

    private static RealtimeOptions options() {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions().window(2 * LARGE).outbox(2 * LARGE));
    }

    private int serve() {
        Router router = Router.router(vertx);
        realtime.mount(router);
        HttpServer server = Await.get(
                "a server", vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
        return server.actualPort();
    }

    @AfterEach
    void close() {
        Await.get("the end of Vert.x", vertx.close());
    }

    private Socket socket() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(10_000);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        return socket;
    }

    private static String head(String request, int length, String... headers) {
        return request + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                + (length < 0 ? "" : "Content-Type: application/json\r\nContent-Length: " + length + "\r\n")
                + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n") + "\r\n";
    }

    private static String[] of(JsonObject welcome, String... more) {
        String[] headers = java.util.Arrays.copyOf(more, more.length + 2);
        headers[more.length] = "Polywire-Session: " + welcome.getString("session");
        headers[more.length + 1] = "Polywire-Secret: " + welcome.getString("secret");
        return headers;
    }

    private static void write(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** Sends a whole request and returns the body of the answer, whose status it checks. */
    private String ask(int status, String request, String body, String... headers) throws IOException {
        try (Socket socket = socket()) {
            write(socket, head(request, body.length(), headers) + body);
            return answer(socket, status);
        }
    }

    private static String answer(Socket socket, int status) throws IOException {
        String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(all).startsWith("HTTP/1.1 " + status);
        return all.substring(all.indexOf("\r\n\r\n") + 4);
    }

    private JsonObject open() throws IOException {
        String reply = ask(200, "POST /realtime/poll", "{\"type\":\"hello\",\"versions\":[1]}");
        JsonObject welcome = new JsonArray(reply).getJsonObject(0);
        // So that it is not taken for an orphan.
        ask(200, "POST /realtime/send", "{\"type\":\"received\",\"count\":0}", of(welcome));
        return welcome;
    }

    private boolean alive(JsonObject welcome) {
        return realtime.sessions().get(welcome.getString("session")) != null;
    }

    @Test
    @DisplayName("hole 12, R16: a download of 40 s outlasts the grace, which runs from the last byte of the reply")
    void slowDownload() throws IOException {
        JsonObject slow = open();
        Await.get("a send", realtime.sessions().get(slow.getString("session")).send("e", "x".repeat(LARGE)));
        try (Socket socket = socket()) {
            write(socket, head("GET /realtime/poll?wait=0", -1, of(slow, "Polywire-Attach: 1")));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(12), StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 200");
            // Its grace is the later of the two, were both counted from the answer: the one event loop takes one after
            // the other.
            JsonObject witness = open();

            clock.addAndGet(GRACE + 10_000);

            Await.until("the end of one that has no poll", () -> !alive(witness));
            assertThat(alive(slow)).isTrue();
            assertThat(in.readAllBytes()).hasSizeGreaterThan(LARGE);
        }
        long last = clock.get();
        Await.until("its end", () -> {
            clock.addAndGet(500);
            return !alive(slow);
        });
        assertThat(clock.get() - last).isGreaterThanOrEqualTo(GRACE);
    }

    @Test
    @DisplayName("R14: a POST whose session ends while its body is on its way is answered 404 with the reason")
    void slowUpload() throws IOException {
        JsonObject welcome = open();
        String body = "[{\"type\":\"noop\"},{\"type\":\"noop\"}]";
        try (Socket socket = socket()) {
            String head = head("POST /realtime/send", body.length(), of(welcome, "Polywire-First: 1"));
            write(socket, head + body.substring(0, 20));
            Await.get(
                    "a close",
                    realtime.sessions().get(welcome.getString("session")).close(CloseReason.DISCONNECTED));
            write(socket, body.substring(20));
            assertThat(new JsonObject(answer(socket, 404)).getString("code")).isEqualTo("disconnected");
        }
    }

    @Test
    @DisplayName("R38: a pong that is due between two polls comes with the next one")
    void pongBetweenPolls() throws IOException {
        JsonObject welcome = open();
        ask(200, "POST /realtime/send", "{\"type\":\"ping\",\"id\":\"between\"}", of(welcome));
        try (Socket socket = socket()) {
            write(socket, head("GET /realtime/poll?wait=0", -1, of(welcome, "Polywire-Attach: 1")));
            JsonArray frames = new JsonArray(answer(socket, 200));
            assertThat(frames.getJsonObject(0).getString("type")).isEqualTo("welcome");
            assertThat(frames.getJsonObject(1).getString("type")).isEqualTo("pong");
            assertThat(frames.getJsonObject(1).getString("id")).isEqualTo("between");
        }
    }
}
