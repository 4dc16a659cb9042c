package dev.polywire.testing;

import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A Chromium without a window, driven over the Chrome DevTools Protocol: as much of it as the tests need. */
public final class Chromium implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String NAVIGATED = "Inspected target navigated";
    private static final Map<String, Integer> KEYS = Map.of("Tab", 9, "Enter", 13, "ArrowRight", 39, "ArrowLeft", 37);

    private final ChromiumProcess process;
    private final WebSocketClient client;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> answers = new ConcurrentHashMap<>();
    private final Map<String, Page> pages = new ConcurrentHashMap<>();

    private Chromium(ChromiumProcess process, WebSocketClient client, WebSocket socket) {
        this.process = process;
        this.client = client;
        this.socket = socket;
        socket.textMessageHandler(text -> received(new JsonObject(text)));
        socket.closeHandler(closed ->
                answers.values().forEach(answer -> answer.completeExceptionally(new IOException("Chromium has gone"))));
    }

    /**
     * Starts it, with a profile of its own that goes with it.
     *
     * @param vertx carries the connection to it
     * @param program what to run, from {@link Tools#require}
     * @return the browser, ready for pages
     * @throws Exception if it does not start
     */
    public static Chromium launch(Vertx vertx, Path program) throws Exception {
        ChromiumProcess process = ChromiumProcess.start(program);
        try {
            URI address = URI.create(process.endpoint().get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            WebSocketClient client = vertx.createWebSocketClient(
                    new WebSocketClientOptions().setMaxMessageSize(64 << 20).setMaxFrameSize(64 << 20));
            // With an Origin header Chromium would refuse.
            WebSocket socket = client.connect(new WebSocketConnectOptions()
                            .setHost(address.getHost())
                            .setPort(address.getPort())
                            .setURI(address.getPath())
                            .setAllowOriginHeader(false))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return new Chromium(process, client, socket);
        } catch (Exception e) {
            process.end();
            throw e;
        }
    }

    /**
     * Opens a page in a window of its own, for a page behind another one does not paint.
     *
     * @param url the page's address
     * @return the page, which may still be loading
     * @throws IOException if the browser fails
     */
    public Page open(String url) throws IOException {
        String target = call(
                        null,
                        "Target.createTarget",
                        new JsonObject().put("url", "about:blank").put("newWindow", true))
                .getString("targetId");
        String session = call(
                        null,
                        "Target.attachToTarget",
                        new JsonObject().put("targetId", target).put("flatten", true))
                .getString("sessionId");
        Page page = new Page(session, target);
        pages.put(session, page);
        page.call("Runtime.enable", new JsonObject());
        page.call("Log.enable", new JsonObject());
        page.call("Page.enable", new JsonObject());
        page.size(1280, 800, false);
        page.call("Page.navigate", new JsonObject().put("url", url));
        return page;
    }

    @Override
    public void close() throws IOException {
        try {
            call(null, "Browser.close", new JsonObject());
        } catch (IOException e) {
            // It may go before it answers.
        }
        client.close();
        process.end();
    }

    private JsonObject call(@Nullable String session, String method, JsonObject params) throws IOException {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonObject> answer = new CompletableFuture<>();
        answers.put(id, answer);
        JsonObject message =
                new JsonObject().put("id", id).put("method", method).put("params", params);
        if (session != null) {
            message.put("sessionId", session);
        }
        socket.writeTextMessage(message.encode());
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(method + ": " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException(method + " was not answered", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(method + " was interrupted", e);
        } finally {
            answers.remove(id);
        }
    }

    private void received(JsonObject message) {
        Integer id = message.getInteger("id");
        if (id == null) {
            Page page = pages.get(message.getString("sessionId", ""));
            if (page != null) {
                page.event(message.getString("method"), message.getJsonObject("params"));
            }
            return;
        }
        CompletableFuture<JsonObject> answer = answers.get(id);
        JsonObject error = message.getJsonObject("error");
        if (answer != null && error == null) {
            answer.complete(message.getJsonObject("result", new JsonObject()));
        } else if (answer != null) {
            answer.completeExceptionally(new IOException(error.encode()));
        }
    }

    /** One page. */
    public final class Page implements AutoCloseable {
        private final String session;
        private final String target;
        private final List<String> errors = new CopyOnWriteArrayList<>();

        private Page(String session, String target) {
            this.session = session;
            this.target = target;
        }

        /**
         * Evaluates an expression; a promise is awaited.
         *
         * @param expression JavaScript
         * @return its value, as JSON has it
         * @throws IOException if it throws
         */
        public Object evaluate(String expression) throws IOException {
            JsonObject answer = call(
                    "Runtime.evaluate",
                    new JsonObject()
                            .put("expression", expression)
                            .put("awaitPromise", true)
                            .put("returnByValue", true));
            JsonObject thrown = answer.getJsonObject("exceptionDetails");
            if (thrown != null) {
                throw new IOException(expression + ": "
                        + thrown.getJsonObject("exception", thrown).getString("description"));
            }
            return answer.getJsonObject("result").getValue("value");
        }

        /**
         * Waits, in the page, until a condition holds; if it navigates meanwhile, then in the page that follows.
         *
         * @param condition JavaScript; one that throws does not hold yet
         * @throws IOException if the browser fails
         */
        public void await(String condition) throws IOException {
            String wait = """
                new Promise((resolve) => {
                  const end = performance.now() + 20000;
                  const look = () => {
                    let met = false;
                    try { met = !!(%s); } catch (error) { met = false; }
                    if (met) resolve(true);
                    else if (performance.now() > end) resolve(document.body ? document.body.innerText.slice(0, 1500) : 'no page');
                    else setTimeout(look, 20);
                  };
                  look();
                })\
                """.formatted(condition);
            Object outcome = null;
            for (int navigations = 0; outcome == null; navigations++) {
                try {
                    outcome = evaluate(wait);
                } catch (IOException e) {
                    if (navigations == 10 || !String.valueOf(e.getMessage()).contains(NAVIGATED)) {
                        throw e;
                    }
                }
            }
            if (!Boolean.TRUE.equals(outcome)) {
                throw new AssertionError(
                        condition + " did not come true; errors: " + errors + "; the page says:\n" + outcome);
            }
        }

        /**
         * What went wrong in the page.
         *
         * @return what the console showed as an error, exceptions that nobody caught, and what could not be loaded
         */
        public List<String> errors() {
            return errors;
        }

        /**
         * Gives the page a size.
         *
         * @param width in CSS pixels
         * @param height in CSS pixels
         * @param phone whether it is a phone's screen
         * @throws IOException if the browser fails
         */
        public void size(int width, int height, boolean phone) throws IOException {
            call(
                    "Emulation.setDeviceMetricsOverride",
                    new JsonObject()
                            .put("width", width)
                            .put("height", height)
                            .put("deviceScaleFactor", phone ? 2 : 1)
                            .put("mobile", phone));
        }

        /**
         * Sets the preferred colour scheme.
         *
         * @param dark whether it is the dark one
         * @throws IOException if the browser fails
         */
        public void dark(boolean dark) throws IOException {
            call(
                    "Emulation.setEmulatedMedia",
                    new JsonObject()
                            .put(
                                    "features",
                                    new JsonArray()
                                            .add(new JsonObject()
                                                    .put("name", "prefers-color-scheme")
                                                    .put("value", dark ? "dark" : "light"))));
        }

        /**
         * Lets every page of an origin do something that a person would be asked about.
         *
         * @param origin such as {@code http://127.0.0.1:8080}
         * @param permission its name in the DevTools protocol, such as {@code notifications}
         * @throws IOException if the browser fails
         */
        public void permit(String origin, String permission) throws IOException {
            Chromium.this.call(
                    null,
                    "Browser.grantPermissions",
                    new JsonObject().put("origin", origin).put("permissions", new JsonArray().add(permission)));
        }

        /**
         * Presses a key as a person would.
         *
         * @param key its name, such as {@code Tab}
         * @throws IOException if the browser fails
         */
        public void key(String key) throws IOException {
            JsonObject press = new JsonObject().put("key", key).put("code", key);
            press.put("windowsVirtualKeyCode", KEYS.getOrDefault(key, 0));
            JsonObject down = press.copy().put("type", "rawKeyDown");
            if (key.equals("Enter")) {
                // Without its character a button is not pressed by it, nor a form sent.
                down.put("type", "keyDown").put("text", "\r");
            }
            call("Input.dispatchKeyEvent", down);
            call("Input.dispatchKeyEvent", press.put("type", "keyUp"));
        }

        /**
         * Takes a picture of the page.
         *
         * @param whole also what one would have to scroll to
         * @return a PNG
         * @throws IOException if the browser fails
         */
        public byte[] screenshot(boolean whole) throws IOException {
            JsonObject how = new JsonObject().put("format", "png").put("captureBeyondViewport", whole);
            return Base64.getDecoder()
                    .decode(call("Page.captureScreenshot", how).getString("data"));
        }

        @Override
        public void close() throws IOException {
            pages.remove(session);
            Chromium.this.call(null, "Target.closeTarget", new JsonObject().put("targetId", target));
        }

        /** Calls what else the DevTools protocol has for a page. */
        public JsonObject call(String method, JsonObject params) throws IOException {
            return Chromium.this.call(session, method, params);
        }

        private void event(String method, JsonObject params) {
            switch (method) {
                case "Runtime.exceptionThrown" ->
                    errors.add(params.getJsonObject("exceptionDetails").encode());
                case "Runtime.consoleAPICalled" -> {
                    if ("error".equals(params.getString("type"))) {
                        errors.add(params.getJsonArray("args").encode());
                    }
                }
                case "Log.entryAdded" -> {
                    JsonObject entry = params.getJsonObject("entry");
                    if ("error".equals(entry.getString("level"))) {
                        errors.add(entry.getString("text") + " " + entry.getString("url", ""));
                    }
                }
                default -> {}
            }
        }
    }
}
