package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.LimitOptions;
import dev.polywire.RateLimit;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.KitServer;
import dev.polywire.transport.longpoll.LongPollTransport;
import dev.polywire.transport.sse.SseTransport;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, as HTTP tells it. */
class AdmissionTest {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}";
    private static final int BURST = 10;

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(1000));
    private @Nullable KitServer server;

    /** What a request was answered, and how to go away. */
    private record Reply(int status, MultiMap headers, Buffer body, HttpClientRequest request) {
        String code() {
            return body.toJsonObject().getString("code");
        }

        void assertLater(int expected, String code) {
            assertThat(status).isEqualTo(expected);
            assertThat(code()).isEqualTo(code);
            long millis = body.toJsonObject().getLong("retryAfter");
            assertThat(millis).isPositive();
            assertThat(headers.get("Retry-After")).isEqualTo(Long.toString((millis + 999) / 1000));
        }
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
        Await.get("the end of Vert.x", vertx.close());
    }

    private KitServer start(Consumer<LimitOptions> change) {
        RealtimeOptions options = KitServer.options(List.of("websocket", "sse", "longpoll"));
        change.accept(options.limits());
        server = KitServer.inVirtualTime(
                vertx, options, List.of(new WebSocketTransport(), new SseTransport(), new LongPollTransport()));
        return server;
    }

    /** Sends a request and returns the head of its reply, and the body unless that is a stream. */
    private Reply ask(HttpMethod method, String below, MultiMap headers, @Nullable String body) {
        Promise<Reply> promise = Promise.promise();
        vertx.getOrCreateContext()
                .runOnContext(run -> client.request(new RequestOptions()
                                .setMethod(method)
                                .setHost("127.0.0.1")
                                .setPort(server.port())
                                .setURI(KitServer.PATH + below)
                                .setHeaders(headers))
                        .compose(request -> (body == null ? request.send() : request.send(body)).compose(response -> {
                            boolean stream = String.valueOf(response.getHeader("Content-Type"))
                                    .startsWith("text/event-stream");
                            return (stream ? io.vertx.core.Future.succeededFuture(Buffer.buffer()) : response.body())
                                    .map(all -> new Reply(response.statusCode(), response.headers(), all, request));
                        }))
                        .onComplete(promise));
        return Await.get(method + " " + below, promise.future());
    }

    private Reply open(String below, String... headers) {
        MultiMap all = headers(headers).add("Content-Type", "application/json");
        return ask(HttpMethod.POST, below, all, HELLO);
    }

    private static MultiMap headers(String... pairs) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (int i = 0; i < pairs.length; i += 2) {
            headers.add(pairs[i], pairs[i + 1]);
        }
        return headers;
    }

    private Reply upgrade() {
        return ask(
                HttpMethod.GET,
                "/websocket",
                headers(
                        "Connection", "upgrade",
                        "Upgrade", "websocket",
                        "Sec-WebSocket-Version", "13",
                        "Sec-WebSocket-Key", "MDEyMzQ1Njc4OWFiY2RlZg=="),
                null);
    }

    @Test
    @DisplayName("R60 429 and Retry-After come before any body and before the upgrade, whatever the wire")
    void retryAfter() {
        KitServer here = start(limits -> limits.address().connects(1));
        for (int i = 0; i < BURST; i++) {
            assertThat(open("/poll").status()).isEqualTo(200);
        }
        upgrade().assertLater(429, "rate_limited");
        open("/poll").assertLater(429, "rate_limited");
        open("/sse").assertLater(429, "rate_limited");
        MultiMap promised = headers("Content-Type", "application/json", "Content-Length", "1000");
        Promise<Integer> status = Promise.promise();
        vertx.getOrCreateContext()
                .runOnContext(run -> client.request(HttpMethod.POST, here.port(), "127.0.0.1", KitServer.PATH + "/poll")
                        .compose(request -> {
                            request.headers().addAll(promised);
                            return request.writeHead().compose(sent -> request.response());
                        })
                        .map(response -> response.statusCode())
                        .onComplete(status));
        assertThat(Await.get("an answer before the body", status.future())).isEqualTo(429);
        ask(HttpMethod.GET, "/sse?channel=open:x", headers(), null).assertLater(429, "rate_limited");
        ask(HttpMethod.GET, "/poll?channel=open:x", headers(), null).assertLater(429, "rate_limited");
        assertThat(here.realtime().stats().getInteger("refusedConnects")).isEqualTo(6);
        here.advance(1000);
        assertThat(open("/sse").status()).isEqualTo(200);
    }

    @Test
    @DisplayName("R60 a POST or a poll that names no session is a connection, and is answered before its body")
    void strangers() {
        KitServer here = start(limits -> limits.address().connects(1));
        String[] none = {
            "Content-Type",
            "application/json",
            "Polywire-Session",
            "none",
            "Polywire-Secret",
            "none",
            "Polywire-Attach",
            "1"
        };
        for (int i = 0; i < BURST / 2; i++) {
            assertThat(ask(HttpMethod.POST, "/send", headers(none), "[]").status())
                    .isEqualTo(404);
            assertThat(ask(HttpMethod.GET, "/poll", headers(none), null).status())
                    .isEqualTo(404);
        }
        here.advance(1000 * BURST);
        // Nor are they charged twice where a poll is meant and nothing is said.
        for (int i = 0; i < BURST; i++) {
            assertThat(ask(HttpMethod.POST, "/poll", headers(none), "").status())
                    .isEqualTo(400);
        }
        ask(HttpMethod.POST, "/send", headers(none), "[]").assertLater(429, "rate_limited");
        ask(HttpMethod.GET, "/poll", headers(none), null).assertLater(429, "rate_limited");
        here.advance(1000);
        assertThat(ask(HttpMethod.POST, "/send", headers("Content-Type", "application/json"), "[]")
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "[]", "{\"type\":\"noop\"}"})
    @DisplayName("R28 POSTs without frames to be charged are charged themselves, and frames are not charged for them")
    void trifles(String body) {
        RealtimeOptions options = KitServer.options(List.of("longpoll"));
        options.session().rate(new RateLimit(1, 5, 1 << 20, 1 << 20, 10));
        server = KitServer.inVirtualTime(vertx, options, List.of(new LongPollTransport()));
        JsonObject welcome = open("/poll").body().toJsonArray().getJsonObject(0);
        MultiMap named = headers(
                "Content-Type",
                "application/json",
                "Polywire-Session",
                welcome.getString("session"),
                "Polywire-Secret",
                welcome.getString("secret"));
        for (int i = 0; i < 5; i++) {
            assertThat(ask(HttpMethod.POST, "/send", named, body).status()).isEqualTo(body.equals("[]") ? 200 : 400);
        }
        ask(HttpMethod.POST, "/send", named, body).assertLater(429, "rate_limited");
        MultiMap first = headers().addAll(named).add("Polywire-First", "1");
        assertThat(ask(HttpMethod.POST, "/send", first, "{\"type\":\"noop\"}")
                        .body()
                        .toJsonObject()
                        .getInteger("received"))
                .isEqualTo(1);
        for (int i = 1; i < 10; i++) {
            assertThat(ask(HttpMethod.POST, "/send", named, body).status()).isEqualTo(429);
        }
        assertThat(ask(HttpMethod.POST, "/send", named, body).code()).isEqualTo("denied");
    }

    @Test
    @DisplayName("R63 a bare poll that waits takes a place until its client goes away")
    void bareReads() {
        KitServer here = start(limits -> limits.address().polls(2));
        Promise<HttpClientRequest> waiting = Promise.promise();
        vertx.getOrCreateContext()
                .runOnContext(run -> client.request(
                                HttpMethod.GET, here.port(), "127.0.0.1", KitServer.PATH + "/poll?channel=open:x")
                        .onSuccess(request -> {
                            request.send();
                            waiting.complete(request);
                        })
                        .onFailure(waiting::fail));
        HttpClientRequest first = Await.get("a poll", waiting.future());
        Await.until("the reader", () -> here.realtime().stats().getInteger("bareReaders") == 1);
        Reply stream = ask(HttpMethod.GET, "/sse?channel=open:x", headers(), null);
        assertThat(stream.status()).isEqualTo(200);
        ask(HttpMethod.GET, "/poll?channel=open:x&wait=0", headers(), null).assertLater(429, "rate_limited");
        open("/poll").assertLater(429, "rate_limited");
        assertThat(open("/sse").status()).as("a stream of a session is no read").isEqualTo(200);
        first.connection().close();
        Await.until("room", () -> here.realtime().stats().getInteger("bareReaders") == 1);
        assertThat(ask(HttpMethod.GET, "/poll?channel=open:x&wait=0", headers(), null)
                        .status())
                .isEqualTo(200);
        assertThat(open("/poll").status()).isEqualTo(200);
        assertThat(open("/poll").status()).as("an answered poll takes no place").isEqualTo(200);
    }

    @Test
    @DisplayName("R66 an overloaded node answers 503 with Retry-After to new sessions and bare reads")
    void overload() {
        KitServer here = start(limits -> limits.overload().heapPercent(90));
        here.heap(0.95);
        open("/poll").assertLater(503, "unavailable");
        open("/sse").assertLater(503, "unavailable");
        ask(HttpMethod.GET, "/sse?channel=open:x", headers(), null).assertLater(503, "unavailable");
        ask(HttpMethod.GET, "/poll?channel=open:x", headers(), null).assertLater(503, "unavailable");
        JsonObject stats = here.realtime().stats();
        assertThat(stats.getInteger("refusedByOverload")).isEqualTo(4);
        assertThat(stats.getInteger("overloads")).isEqualTo(1);
        assertThat(stats.getInteger("heapPercent")).isEqualTo(95);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("a client behind a trusted proxy is an address of its own; nobody else's header counts")
    void proxies(boolean trusted) {
        KitServer here = start(
                limits -> limits.address().opens(1).trustedProxies(List.of(trusted ? "127.0.0.1" : "192.0.2.0/24")));
        for (int i = 0; i < BURST; i++) {
            assertThat(open("/poll", "X-Forwarded-For", "6.6.6." + i + ", 198.51.100.1")
                            .status())
                    .isEqualTo(200);
        }
        open("/poll", "X-Forwarded-For", "6.6.6.99, 198.51.100.1").assertLater(429, "rate_limited");
        assertThat(open("/poll", "X-Forwarded-For", "198.51.100.1, 198.51.100.2")
                        .status())
                .isEqualTo(trusted ? 200 : 429);
        assertThat(here.realtime().stats().getInteger("addresses")).isEqualTo(trusted ? 2 : 1);
    }
}
