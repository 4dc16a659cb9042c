package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.testing.Tools;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What of the documentation is checked by other people's tools: the programs in {@code docs/tools}. */
class DocsToolsTest {
    private static final Path FOLDER =
            Path.of("..", "docs", "tools").toAbsolutePath().normalize();

    @Test
    @DisplayName("the AsyncAPI document is one, by the parser of the AsyncAPI project")
    void asyncApi() throws IOException, InterruptedException {
        assertThat(run(List.of("asyncapi.js"), Map.of())).contains("AsyncAPI 3.0.0: 35 messages");
    }

    @Test
    @DisplayName("the recipes run with Vue and Svelte, against a real server")
    void recipes() throws IOException, InterruptedException {
        Vertx vertx = Vertx.vertx();
        try {
            OpenServer server = Await.get("a server", OpenServer.start(vertx, OpenServer.options(), 0));
            Map<String, String> url = Map.of("POLYWIRE_URL", "http://127.0.0.1:" + server.port() + "/realtime");
            assertThat(run(List.of("--test", "recipes.test.js"), url))
                    .contains("pass 3")
                    .contains("fail 0");
        } finally {
            Await.get("the end of Vert.x", vertx.close());
        }
    }

    private static String run(List<String> arguments, Map<String, String> environment)
            throws IOException, InterruptedException {
        Tools.requireFolder(FOLDER.resolve("node_modules"), "npm ci in docs/tools brings it");
        List<String> command =
                new ArrayList<>(List.of(Tools.require("node").toString(), "--experimental-websocket", "--no-warnings"));
        command.addAll(arguments);
        return NodeProgram.run(FOLDER, command, environment);
    }
}
