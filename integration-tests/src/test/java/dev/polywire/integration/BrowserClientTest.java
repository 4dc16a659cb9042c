package dev.polywire.integration;

import static dev.polywire.integration.NodeProgram.CLIENT;
import static dev.polywire.integration.NodeProgram.run;
import static dev.polywire.integration.NodeProgram.runTests;
import static dev.polywire.integration.NodeProgram.tests;
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
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Runs the browser client's own tests in Node: those of its state machines, and those against a real server over every wire. */
class BrowserClientTest {
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

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    @DisplayName(
            "what is published: made of these sources, its size, the files in it, and its types as an application sees them")
    void packaged() throws IOException, InterruptedException {
        for (String part : List.of("esbuild", "terser")) {
            Tools.require(CLIENT.resolve("node_modules").resolve(part), "run `npm ci` in client/");
        }
        Tools.require("npm");
        runTests(tests("test/package"), Map.of());
    }
}
