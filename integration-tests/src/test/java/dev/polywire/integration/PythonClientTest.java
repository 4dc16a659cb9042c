package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ChaosProxy;
import dev.polywire.conformance.ChaosProxy.Direction;
import dev.polywire.testing.MemoryCluster;
import dev.polywire.testing.MemoryNode;
import dev.polywire.testing.Tools;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client in {@code examples/clients/python}, which was written from docs/protocol.md alone, meets a real server and bad wires. */
class PythonClientTest {
    private static final Path CLIENT =
            Path.of("..", "examples", "clients", "python").toAbsolutePath().normalize();
    private static final Path FOLLOW =
            Path.of("src", "test", "python", "follow.py").toAbsolutePath();

    private final Vertx vertx = Vertx.vertx();
    private int published;

    @TempDir
    Path folder;

    @AfterEach
    void end() {
        Await.get("the end of Vert.x", vertx.close());
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "longpoll"})
    @DisplayName(
            "the Python client resumes over each wire, also where its first one is not offered, and nothing is lost or repeated in either direction")
    void resumes(String wire) throws IOException, InterruptedException {
        RealtimeOptions options = OpenServer.options().transports(List.of(wire));
        OpenServer server = Await.get("a server", OpenServer.start(vertx, options, 0));
        ChaosProxy proxy = new ChaosProxy(vertx, server.port(), 1);
        Process client = start(proxy.port(), "websocket,longpoll");
        try {
            alive(server.realtime());
            List<Runnable> cuts = List.of(
                    proxy::reset, () -> proxy.cutMidWrite(Direction.DOWN), () -> proxy.cutMidWrite(Direction.UP));
            for (Runnable cut : cuts) {
                int resets = proxy.resets();
                publish(server.realtime(), 20);
                Await.until(
                        "the cut",
                        () -> { // a poll's connection may be over before it is cut
                            cut.run();
                            return proxy.resets() > resets;
                        });
                publish(server.realtime(), 20);
                alive(server.realtime());
            }
            JsonObject told = end(client, server.realtime());
            exactly(told);
            assertThat(told.getJsonArray("sessions"))
                    .as("one session all the time")
                    .hasSize(1);
        } finally {
            client.destroyForcibly();
            proxy.close();
        }
    }

    @Test
    @DisplayName(
            "the Python client opens a new session when its server was killed, and goes on in its channels from where it was")
    void killedServer() throws IOException, InterruptedException {
        MemoryNode shared = new MemoryCluster().node(); // what is published outlives the servers; their sessions do not
        Vertx first = Vertx.vertx();
        OpenServer killed = Await.get(
                "a server",
                OpenServer.start(first, OpenServer.options(), 0, it -> it.cluster(shared.broker(), shared.presence())));
        int port = killed.port();
        Process client = start(port, "websocket,longpoll");
        try {
            alive(killed.realtime());
            publish(killed.realtime(), 20);
            Await.get("the first server's death", first.close());
            OpenServer next = Await.get(
                    "another server",
                    OpenServer.start(
                            vertx, OpenServer.options(), port, it -> it.cluster(shared.broker(), shared.presence())));
            publish(next.realtime(), 20);
            alive(next.realtime());
            publish(next.realtime(), 20);
            JsonObject told = end(client, next.realtime());
            exactly(told);
            assertThat(told.getJsonArray("sessions")).hasSize(2).doesNotHaveDuplicates();
            assertThat(told.getJsonArray("recovered"))
                    .isEqualTo(new JsonArray().addNull().add(true));
        } finally {
            client.destroyForcibly();
        }
    }

    @Test
    @DisplayName(
            "the Python client subscribes again also when the session before ended first, and leaves nobody waiting when it is closed")
    void sessionsThatEndTooSoon() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Tools.require("python3").toString(),
                        FOLLOW.resolveSibling("sessions.py").toString(),
                        CLIENT.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("told").toFile())
                .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        String told = Files.readString(folder.resolve("told"));
        assertThat(process.exitValue()).as(told).isZero();
        String again = "[{\"type\":\"subscribe\",\"id\":\"again\",\"channels\":[\"test:a\"],\"positions\":{\"test:a\":"
                + "{\"epoch\":\"e\",\"offset\":7}}}]";
        assertThat(new JsonObject(told))
                .isEqualTo(new JsonObject(
                        "{\"again\":[" + again + "," + again + "],\"code\":\"closed\",\"after\":\"closed\"}"));
    }

    @Test
    @DisplayName("the Python client has less than 150 lines")
    void size() throws IOException {
        assertThat(Files.readAllLines(CLIENT.resolve("polywire.py")))
                .hasSizeLessThan(150)
                .allMatch(line -> line.length() < 130);
    }

    private Process start(int port, String wires) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Tools.require("python3").toString(),
                        FOLLOW.toString(),
                        CLIENT.toString(),
                        "http://127.0.0.1:" + port + "/realtime",
                        wires)
                .redirectError(folder.resolve("errors").toFile())
                .redirectOutput(folder.resolve("told").toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.toLowerCase(java.util.Locale.ROOT).endsWith("_proxy"));
        return builder.start();
    }

    /** Waits until the client gets through: it publishes one message after the other. */
    private void alive(Realtime realtime) {
        int before = ups(realtime);
        Await.until("a sign of life from the client", Duration.ofSeconds(30), () -> ups(realtime) > before + 2);
    }

    private static int ups(Realtime realtime) {
        return Await.get("history", realtime.channels().history("test:up", null, 1000))
                .messages()
                .size();
    }

    private void publish(Realtime realtime, int count) {
        for (int i = 0; i < count; i++) {
            Await.get("a message", realtime.channels().publish("test:down", "n", published++));
        }
    }

    private JsonObject end(Process client, Realtime realtime) throws IOException, InterruptedException {
        Await.get("a message", realtime.channels().publish("test:down", "n", "stop"));
        boolean ended = client.waitFor(30, TimeUnit.SECONDS);
        String errors = Files.readString(folder.resolve("errors"));
        assertThat(ended && client.exitValue() == 0).as(errors).isTrue();
        // An attempt to connect that failed is told, and nothing else went wrong.
        assertThat(errors.lines().filter(line -> !line.startsWith("WARNING:root:no connection: ")))
                .isEmpty();
        return new JsonObject(Files.readString(folder.resolve("told")));
    }

    private void exactly(JsonObject told) {
        assertThat(told.getJsonArray("got")).isEqualTo(upTo(published));
        assertThat(told.getJsonArray("up")).isEqualTo(upTo(told.getInteger("published")));
        assertThat(told.getJsonObject("echo")).isEqualTo(new JsonObject("{\"ü\":[null]}"));
        assertThat(told.getString("end")).isEqualTo("normal");
    }

    private static JsonArray upTo(int count) {
        return new JsonArray(IntStream.range(0, count).boxed().toList());
    }
}
