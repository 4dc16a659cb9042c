package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.testing.Tools;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs the browser client's own tests in Node: those of its state machines, and those against a real server over every wire. */
class BrowserClientTest {
    private static final Path CLIENT = Path.of("..", "client").toAbsolutePath().normalize();

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    @DisplayName("the client's state machines keep the protocol's rules on a virtual clock")
    void unit() throws IOException, InterruptedException {
        runTests(tests("test"), Map.of());
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    @DisplayName("the client works against a real server over every wire")
    void endToEnd() throws IOException, InterruptedException {
        Vertx vertx = Vertx.vertx();
        try {
            OpenServer server = Await.get("a server", OpenServer.start(vertx, OpenServer.options(), 0));
            runTests(tests("test/e2e"), Map.of("POLYWIRE_URL", "http://127.0.0.1:" + server.port() + "/realtime"));
        } finally {
            Await.get("the end of Vert.x", vertx.close());
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    @DisplayName("the client's JSDoc types hold, strictly")
    void types() throws IOException, InterruptedException {
        Path local = CLIENT.resolve("node_modules/typescript/bin/tsc");
        // "npm ci" in client/ brings it; one on the PATH does as well.
        List<String> compiler = Files.exists(local)
                ? List.of(Tools.require("node").toString(), local.toString())
                : List.of(Tools.require("tsc").toString());
        List<String> command = new ArrayList<>(compiler);
        command.addAll(List.of("-p", "."));
        assertThat(run(command, Map.of())).isEmpty();
    }

    private static List<String> tests(String folder) throws IOException {
        try (Stream<Path> files = Files.list(CLIENT.resolve(folder))) {
            List<String> names = files.map(file -> CLIENT.relativize(file).toString())
                    .filter(name -> name.endsWith(".test.js"))
                    .sorted()
                    .toList();
            assertThat(names).isNotEmpty();
            return names;
        }
    }

    private static void runTests(List<String> tests, Map<String, String> environment)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Tools.require("node").toString(), "--experimental-websocket", "--no-warnings", "--test"));
        command.addAll(tests);
        // A runner that found nothing to run would be green, too.
        assertThat(run(command, environment)).containsPattern("pass [1-9]").containsPattern("fail 0");
    }

    /** Runs a program in the client's folder, which must end well, and returns what it said. */
    private static String run(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("polywire-client", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(CLIENT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process program = builder.start();
        try {
            boolean ended = program.waitFor(4, TimeUnit.MINUTES);
            String said = Files.readString(log);
            assertThat(ended && program.exitValue() == 0).as(said).isTrue();
            return said;
        } finally {
            program.destroyForcibly();
            Files.delete(log);
        }
    }
}
