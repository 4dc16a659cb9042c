package dev.polywire.examples.livefeed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(VertxExtension.class)
class LiveFeedTest {
    private static final LiveFeedSettings ANYWHERE = LiveFeedSettings.parse("--port", "0");

    @Test
    void itServesThePageAndItsParts(Vertx vertx) throws Exception {
        LiveFeed feed = await(LiveFeed.start(vertx, ANYWHERE));
        try {
            var page = get(feed, "/");
            assertThat(page.statusCode()).isEqualTo(200);
            // The JDK's client can lose what comes close behind a consent to HTTP/2 without TLS, and hang.
            assertThat(page.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(page.body()).contains("<title>Polywire live feed</title>");
            assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src 'self'");
            // Also Chart.js, of the version that the page names.
            List<String> parts = Pattern.compile("<(?:script|link)[^>]* (?:src|href)=\"([^\"]+)")
                    .matcher(page.body())
                    .results()
                    .map(part -> "/" + part.group(1))
                    .toList();
            assertThat(parts).contains("/app.js", "/style.css").anyMatch(part -> part.endsWith("/chart.umd.js"));
            for (String part : parts) {
                assertThat(get(feed, part).statusCode()).as(part).isEqualTo(200);
            }
            assertThat(get(feed, "/realtime/client.js").statusCode()).isEqualTo(200);
            assertThat(get(feed, "/../pom.xml").statusCode()).isEqualTo(404);
            assertThat(new JsonObject(get(feed, "/feed.json").body()).getString("channel"))
                    .isEqualTo("metrics");
        } finally {
            await(feed.close());
        }
    }

    @Test
    void curlReadsItWithoutASession(Vertx vertx) throws Exception {
        LiveFeed feed = await(LiveFeed.start(vertx, ANYWHERE));
        try {
            JsonObject read =
                    new JsonObject(get(feed, "/realtime/poll?channel=metrics").body());
            JsonObject change = read.getJsonArray("messages").getJsonObject(0).getJsonObject("payload");
            assertThat(change.getJsonObject("patch").getJsonObject("sample").getJsonArray("cpu"))
                    .isNotEmpty();
            assertThat(change.getLong("to")).isPositive();
        } finally {
            await(feed.close());
        }
    }

    /** With the JDK's sockets, and with those of the demo: native ones where there are any, which fail in another way. */
    static List<VertxOptions> sockets() {
        return List.of(new VertxOptions(), LiveFeedMain.vertxOptions());
    }

    @ParameterizedTest
    @MethodSource("sockets")
    void aPortThatIsTakenIsToldInASentence(VertxOptions options, Vertx vertx) throws Exception {
        LiveFeed first = await(LiveFeed.start(vertx, ANYWHERE));
        try {
            assertThat(trouble(options, LiveFeedSettings.parse("--port", "" + first.port())))
                    .startsWith(
                            "Port " + first.port() + " of 127.0.0.1 cannot be taken: something else listens there.");
        } finally {
            await(first.close());
        }
    }

    @ParameterizedTest
    @MethodSource("sockets")
    void anAddressOfAnotherMachineIsToldInASentence(VertxOptions options) throws Exception {
        // 192.0.2.0/24 is for documentation: no machine has such an address.
        assertThat(trouble(options, LiveFeedSettings.parse("--port", "0", "--host", "192.0.2.1")))
                .startsWith("--host must be an address of this machine")
                .endsWith("not 192.0.2.1.");
    }

    /** What is told when it cannot be started. */
    private static String trouble(VertxOptions options, LiveFeedSettings settings) throws Exception {
        Vertx vertx = Vertx.vertx(options);
        try {
            Throwable failure = catchThrowable(() -> await(LiveFeed.start(vertx, settings)));
            assertThat(failure).isInstanceOf(ExecutionException.class);
            return LiveFeedMain.trouble(settings, failure.getCause());
        } finally {
            await(vertx.close());
        }
    }

    @Test
    void aSnapshotHoldsTheLatestAndNoMoreThanFits(Vertx vertx) throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        Source source = new Source() {
            @Override
            public String channel() {
                return "lines";
            }

            @Override
            public JsonObject about() {
                return new JsonObject().put("kind", "lines");
            }

            @Override
            public void run(Sink sink) throws InterruptedException {
                for (int i = 1; i <= 1000; i++) {
                    sink.put("line", new JsonObject().put("text", "x".repeat(1000)));
                }
                done.countDown();
            }
        };
        LiveFeed feed = await(LiveFeed.start(vertx, ANYWHERE, source));
        try {
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
            JsonObject snapshot = feed.snapshot();
            JsonArray recent = snapshot.getJsonArray("recent");
            assertThat(snapshot.getLong("last")).isEqualTo(1000);
            assertThat(recent.getJsonObject(recent.size() - 1).getLong("n")).isEqualTo(1000);
            assertThat(snapshot.toBuffer().length()).isBetween(Feed.SNAPSHOT_BYTES / 2, Feed.SNAPSHOT_BYTES + 1000);
            for (int i = 1; i < recent.size(); i++) {
                assertThat(recent.getJsonObject(i).getLong("n"))
                        .isEqualTo(recent.getJsonObject(i - 1).getLong("n") + 1);
            }
        } finally {
            await(feed.close());
        }
    }

    private static java.net.http.HttpResponse<String> get(LiveFeed feed, String path) throws Exception {
        // It offers to change to HTTP/2, as this client does by itself.
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + feed.port() + path))
                .timeout(Duration.ofSeconds(30))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
