package dev.polywire.examples.livefeed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The live feed from two nodes with a real Redis behind them, and a proxy without stickiness before them. */
@ExtendWith(VertxExtension.class)
class LiveFeedNodesTest {
    @Test
    void eachNodeHasTheWholeFeed(Vertx vertx) {
        LiveFeed feed = Await.get(
                "the feed",
                LiveFeed.start(vertx, LiveFeedSettings.parse("--port", "0", "--rate", "20", "--nodes", "2")));
        try {
            Set<Integer> ports = new HashSet<>(Set.of(feed.port()));
            feed.nodes().nodes().forEach(node -> ports.add(node.port()));
            assertThat(ports).hasSize(3);
            assertThat(LiveFeedMain.addresses(feed.nodes()))
                    .contains(String.valueOf(feed.nodes().nodes().get(1).port()), "Redis: ");
            HttpClient client = vertx.createHttpClient();
            for (int port : ports) {
                JsonObject answer = Await.get(
                        "a poll at " + port,
                        client.request(HttpMethod.GET, port, "127.0.0.1", "/realtime/poll?channel=metrics")
                                .compose(request -> request.send().compose(response -> response.body()))
                                .map(body -> body.toJsonObject()));
                assertThat(answer.getJsonArray("messages")).isNotEmpty();
            }
            // Each of them gets its way through the proxy, as a page of the proxy; the second one to the other node.
            for (int i = 0; i < 2; i++) {
                assertThat(first(vertx, feed.port()).getString("type")).isEqualTo("welcome");
            }
        } finally {
            Await.get("its end", feed.close().map(true));
        }
        assertThat(Objects.requireNonNull(feed.nodes().redis()).own()).isTrue();
    }

    @Test
    void aPortThatIsTakenIsToldInASentence(Vertx vertx) {
        HttpServer first = Await.get(
                "a server",
                vertx.createHttpServer().requestHandler(request -> {}).listen(0, "127.0.0.1"));
        LiveFeedSettings settings = LiveFeedSettings.parse("--port", "" + first.actualPort(), "--nodes", "2");
        Throwable failure = Await.get(
                "a failure", LiveFeed.start(vertx, settings).transform(done -> Future.succeededFuture(done.cause())));
        assertThat(LiveFeedMain.trouble(settings, failure))
                .startsWith("Port " + first.actualPort() + " of 127.0.0.1 cannot be taken");
    }

    @Test
    void aPageSeesOneSessionWhicheverNodeHasIt(Vertx vertx) throws Exception {
        Path program = Tools.require("chromium");
        LiveFeed feed = Await.get(
                "the feed",
                LiveFeed.start(vertx, LiveFeedSettings.parse("--port", "0", "--rate", "20", "--nodes", "2")));
        try (Chromium chromium = Chromium.launch(vertx, program);
                Chromium.Page page = chromium.open("http://127.0.0.1:" + feed.port() + "/")) {
            page.await("document.querySelector('input[value=websocket]') !== null");
            for (String wire : List.of("websocket", "sse", "longpoll", "sse", "websocket")) {
                page.evaluate("document.querySelector('input[value=" + wire + "]').click()");
                page.await("document.querySelector('#state').dataset.wire === '" + wire + "'");
                page.await("/^node [12]$/.test(document.querySelector('#node').textContent)");
                more(page);
            }
            // A request in between, so that the next one is the other node's turn.
            for (int i = 0; i < 10 && !happened(page).contains("The session went from node"); i++) {
                page.evaluate("fetch('feed.json')");
                page.evaluate("document.getElementById('cut').click()");
                page.await("document.querySelector('#events li').textContent.match(/Back over|went from/)");
                more(page);
            }
            assertThat(happened(page))
                    .contains("The session went from node")
                    .doesNotContain("new session", "lost", "gap");
            assertThat(
                            page.evaluate(
                                    "document.querySelector('#lost').textContent + document.querySelector('#repeated').textContent"))
                    .isEqualTo("00");
            page.size(360, 740, true);
            assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(360);
        } finally {
            Await.get("its end", feed.close().map(true));
        }
    }

    private static String happened(Chromium.Page page) throws Exception {
        return (String) page.evaluate("document.getElementById('events').textContent");
    }

    private static void more(Chromium.Page page) throws Exception {
        String received = "Number(document.getElementById('received').textContent.replace(/,/g, ''))";
        page.await(received + " >= " + page.evaluate(received) + " + 10");
    }

    private static JsonObject first(Vertx vertx, int port) {
        CompletableFuture<JsonObject> first = new CompletableFuture<>();
        WebSocketClient client = vertx.createWebSocketClient();
        client.connect(new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setURI("/realtime/websocket")
                        .addHeader("Origin", "http://127.0.0.1:" + port)
                        .addSubProtocol("polywire.1.json"))
                .onFailure(first::completeExceptionally)
                .onSuccess(socket -> {
                    socket.textMessageHandler(text -> first.complete(new JsonObject(text)));
                    socket.writeTextMessage("{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}");
                });
        try {
            return Await.value("a welcome", Await.deadline(), () -> first.getNow(null));
        } finally {
            client.close();
        }
    }
}
