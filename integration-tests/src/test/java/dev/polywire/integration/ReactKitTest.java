package dev.polywire.integration;

import static dev.polywire.integration.NodeProgram.CLIENT;
import static dev.polywire.integration.NodeProgram.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The React hooks with real React, in jsdom and in Chromium, against a real server over every wire. */
class ReactKitTest {
    private static final String PAGE = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>React</title><link rel="icon" href="data:,">
            <body><script type="module" src="/SCRIPT"></script></body></html>""";

    private static final List<String> NAMES = List.of("websocket", "sse", "longpoll");

    private static final Wires WIRES = new Wires();

    @TempDir
    static Path folder;

    private static String url;

    @BeforeAll
    static void serve() {
        for (String part : List.of("react", "react-dom", "jsdom", "swr", "@tanstack/react-query", "esbuild")) {
            Tools.require(CLIENT.resolve("node_modules").resolve(part), "run `npm ci` in client/");
        }
        ChannelOptions open = new ChannelOptions()
                .publish(ChannelOptions.Publishers.ANYONE)
                .historySize(1000)
                .presence(true);
        Realtime realtime = Realtime.create(
                WIRES.vertx, OpenServer.options().namespace("chat", open).namespace("orders", open));
        realtime.request("echo", (session, payload) -> Future.succeededFuture(payload));
        realtime.request(
                "orders.list",
                (session, payload) -> Future.succeededFuture(new JsonObject().put("for", payload.value())));
        int port = WIRES.serve(realtime.options(), router -> {
            router.get("/page")
                    .handler(ctx -> ctx.response()
                            .putHeader("Content-Type", "text/html")
                            .end(PAGE.replace("SCRIPT", ctx.request().query())));
            for (String script : List.of("page.js", "page18.js")) {
                router.get("/" + script)
                        .handler(ctx -> ctx.response()
                                .putHeader("Content-Type", "text/javascript")
                                .sendFile(folder.resolve(script).toString()));
            }
            realtime.mount(router);
        });
        url = "http://127.0.0.1:" + port;
    }

    @AfterAll
    static void close() {
        WIRES.close();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    @DisplayName("in jsdom, on a server, and as the guide has them")
    void node() throws IOException, InterruptedException {
        NodeProgram.runTests(NodeProgram.tests("test/react"), Map.of("POLYWIRE_URL", url + "/realtime"));
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    @DisplayName("in Chromium, with the current React on every wire and with the oldest one on one")
    void chromium() throws Exception {
        Path program = Tools.require("chromium");
        Path oldest = CLIENT.resolve("test/react/react18/node_modules");
        Tools.require(oldest, "run `npm ci` in client/");
        bundle("page.js");
        bundle(
                "page18.js",
                "--alias:react=" + oldest.resolve("react"),
                "--alias:react-dom=" + oldest.resolve("react-dom"),
                "--alias:react-dom/server=" + oldest.resolve("react-dom/server.browser.js"));
        try (Chromium browser = Chromium.launch(WIRES.vertx, program)) {
            List<String> failures = new ArrayList<>(scenarios(browser, "page.js", "19.", NAMES));
            failures.addAll(scenarios(browser, "page18.js", "18.", List.of("sse")));
            assertThat(failures).isEmpty();
        }
    }

    /** Runs all scenarios in a page, one after the other, and returns what failed. */
    private static List<String> scenarios(Chromium browser, String script, String version, List<String> wires)
            throws IOException {
        List<String> failures = new ArrayList<>();
        try (Chromium.Page page = browser.open(url + "/page?" + script)) {
            page.await("globalThis.kit");
            assertThat((String) page.evaluate("kit.version")).startsWith(version);
            JsonArray titles = new JsonArray((String) page.evaluate("JSON.stringify(kit.titles)"));
            assertThat(titles).hasSizeGreaterThan(10);
            for (String wire : wires) {
                for (int i = 0; i < titles.size(); i++) {
                    Object failure = page.evaluate("kit.run(%d, '%s/realtime', '%s')".formatted(i, url, wire));
                    if (!"".equals(failure)) {
                        failures.add(version + " " + wire + ", " + titles.getString(i) + ": " + failure);
                    }
                }
            }
        }
        return failures;
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    @DisplayName("the hooks' JSDoc types hold, strictly")
    void types() throws IOException, InterruptedException {
        Path compiler = Tools.require(CLIENT.resolve("node_modules/typescript/bin/tsc"), "run `npm ci` in client/");
        assertThat(run(List.of(Tools.require("node").toString(), compiler.toString(), "-p", "react"), Map.of()))
                .isEmpty();
    }

    /** Makes one script of React, the libraries, the client and the scenarios. */
    private static void bundle(String name, String... more) throws IOException, InterruptedException {
        Path script = folder.resolve(name);
        List<String> command = new ArrayList<>(List.of(
                CLIENT.resolve("node_modules/esbuild/bin/esbuild").toString(),
                "test/react/page.js",
                "--bundle",
                "--format=esm",
                "--log-level=warning",
                "--define:process.env.NODE_ENV=\"development\"",
                "--outfile=" + script));
        command.addAll(List.of(more));
        run(command, Map.of());
        assertThat(Files.size(script)).isPositive();
    }
}
