package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import dev.polywire.testing.SelfSigned;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of HTTP/2 that stop, while their connection goes on: none of them costs more than one of HTTP/1.1, nor the others anything. */
class SlowHttp2Test {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1]}";
    private static final int OUTBOX = 64 * 1024;

    @TempDir
    Path folder;

    private final Vertx outside = Vertx.vertx();
    private Prey prey;
    private HttpClient client;
    private int port;

    @BeforeEach
    void serve() {
        SelfSigned signed = SelfSigned.in(folder);
        prey = new Prey(new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions()
                        // Longer than the first handshake of TLS may hold up the loop, or the witnesses would be taken
                        // for gone.
                        .heartbeat(Duration.ofSeconds(3))
                        .frame(8192)
                        .window(16 * 1024)
                        .outbox(OUTBOX)));
        // A second door to the same engine; the witnesses came by the first.
        Router router = Router.router(prey.vertx);
        prey.realtime.mount(router);
        HttpServer server = Await.get(
                "a server",
                prey.vertx
                        .createHttpServer(prey.realtime
                                .options()
                                .applyTo(new HttpServerOptions()
                                        .setSsl(true)
                                        .setUseAlpn(true)
                                        .setKeyCertOptions(new PemKeyCertOptions()
                                                .addCertPath(
                                                        signed.certificate().toString())
                                                .addKeyPath(signed.key().toString()))))
                        .requestHandler(router)
                        .listen(0, "127.0.0.1"));
        port = server.actualPort();
        client = outside.createHttpClient(
                new HttpClientOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setTrustAll(true)
                        .setVerifyHost(false)
                        .setProtocolVersion(HttpVersion.HTTP_2),
                new PoolOptions().setHttp2MaxSize(1));
    }

    @AfterEach
    void close() {
        prey.close();
        Await.get("the end of Vert.x", outside.close());
    }

    private Future<HttpClientRequest> request(HttpMethod method, String below, String... headers) {
        RequestOptions options = new RequestOptions()
                .setMethod(method)
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI("/realtime" + below)
                .putHeader("Content-Type", "application/json");
        for (int i = 0; i < headers.length; i += 2) {
            options.putHeader(headers[i], headers[i + 1]);
        }
        return client.request(options);
    }

    private String ask(HttpMethod method, String below, String body, String... headers) {
        AtomicReference<Future<String>> reply = new AtomicReference<>();
        outside.getOrCreateContext()
                .runOnContext(run -> reply.set(request(method, below, headers)
                        .compose(request -> request.send(body))
                        .compose(HttpClientResponse::body)
                        .map(Buffer::toString)));
        Await.until("a reply", () -> reply.get() != null && reply.get().isComplete());
        return reply.get().result();
    }

    private String[] session() {
        JsonObject welcome = new JsonArray(ask(HttpMethod.POST, "/poll", HELLO)).getJsonObject(0);
        return new String[] {
            "Polywire-Session", welcome.getString("session"), "Polywire-Secret", welcome.getString("secret")
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sse", "/poll", "/send"})
    @DisplayName("bodies that never end are answered 408 within a heartbeat, fifty at a time on one connection")
    void bodies(String path) {
        String[] session = path.equals("/send") ? session() : new String[0];
        List<Integer> statuses = java.util.Collections.synchronizedList(new ArrayList<>());
        outside.getOrCreateContext().runOnContext(run -> {
            for (int i = 0; i < 50; i++) {
                request(HttpMethod.POST, path, session).onSuccess(request -> {
                    assertThat(request.version()).isEqualTo(HttpVersion.HTTP_2);
                    request.response().onSuccess(response -> statuses.add(response.statusCode()));
                    // It is left open, and so is lost when the server goes.
                    request.exceptionHandler(lost -> {});
                    request.setChunked(true).write("{\"type\":");
                });
            }
        });
        Await.until("fifty answers", () -> statuses.size() == 50);
        assertThat(statuses).containsOnly(408);
        prey.unharmed();
    }

    @Test
    @DisplayName(
            "R23 a stream that is never read costs its outbox and no more, and its session ends; others of its connection go on")
    void neverReads() {
        AtomicReference<String> session = new AtomicReference<>();
        AtomicBoolean other = new AtomicBoolean();
        outside.getOrCreateContext()
                .runOnContext(run -> request(HttpMethod.POST, "/sse")
                        .compose(request -> request.send(HELLO))
                        .onSuccess(response -> response.handler(bytes -> {
                            String text = bytes.toString();
                            int at = text.indexOf("{\"type\":\"welcome\"");
                            if (at >= 0 && session.get() == null) {
                                JsonObject welcome = new JsonObject(text.substring(at, text.indexOf('\n', at)));
                                response.pause();
                                request(
                                                HttpMethod.POST,
                                                "/send",
                                                "Polywire-Session",
                                                welcome.getString("session"),
                                                "Polywire-Secret",
                                                welcome.getString("secret"),
                                                "Polywire-First",
                                                "1")
                                        .compose(request -> request.send(
                                                Prey.subscribe("s", "room:1").toBuffer()))
                                        .onSuccess(done -> session.set(welcome.getString("session")));
                            }
                        })));
        Await.until("a session", () -> session.get() != null);
        Await.until("its subscription", () -> prey.realtime.channels().subscribers("room:1") == 1);
        outside.getOrCreateContext()
                .runOnContext(run -> request(HttpMethod.GET, "/sse?channel=square:1")
                        .compose(HttpClientRequest::send)
                        .onSuccess(response -> response.handler(bytes ->
                                other.compareAndSet(false, bytes.toString().contains("tick")))));
        Await.until("another reader", () -> prey.realtime.stats().getInteger("bareReaders") == 1);
        int most = 0;
        String text = "x".repeat(4000);
        for (int i = 0; i < 2000 && prey.realtime.sessions().get(session.get()) != null; i++) {
            Await.get("a publish", prey.realtime.channels().publish("room:1", "e", text));
            most = Math.max(most, prey.realtime.stats().getInteger("outboxBytes"));
        }
        Await.until("its end", () -> prey.realtime.sessions().get(session.get()) == null);
        assertThat(most).isBetween(1, 2 * OUTBOX);
        prey.unharmed();
        Await.until("the other stream's message", other::get);
    }

    @Test
    @DisplayName(
            "R46 a bare stream that is never read is cut off when what may be queued for it is exceeded, and its connection stays")
    void bareNeverReads() {
        AtomicBoolean lost = new AtomicBoolean();
        outside.getOrCreateContext()
                .runOnContext(run -> request(HttpMethod.GET, "/sse?channel=room:1")
                        .compose(HttpClientRequest::send)
                        .onSuccess(response -> {
                            response.exceptionHandler(cut -> {});
                            response.pause();
                            response.request().connection().closeHandler(closed -> lost.set(true));
                        }));
        Await.until("the reader", () -> prey.realtime.channels().subscribers("room:1") == 1);
        String text = "x".repeat(4000);
        int published = 0;
        while (published < 1000 && prey.realtime.stats().getInteger("bareReaders") > 0) {
            Await.get("a publish", prey.realtime.channels().publish("room:1", "e", text));
            published++;
        }
        // The windows of HTTP/2, what the response queues, and the reader's own queue: a few hundred kilobytes.
        assertThat(published).isLessThan(1000);
        prey.unharmed();
        assertThat(ask(HttpMethod.GET, "/poll?channel=square:1&wait=0", "")).contains("cursor");
        assertThat(lost).isFalse();
    }
}
