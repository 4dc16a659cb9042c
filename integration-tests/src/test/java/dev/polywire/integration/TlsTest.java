package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.RealtimeVerticle;
import dev.polywire.TlsOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.WebSocketDriver;
import dev.polywire.testing.SelfSigned;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.PfxOptions;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS, and HTTP/2 over it: the same sessions, and many streams on one connection. */
class TlsTest {
    private static final int STREAMS = 50;
    private static final int MESSAGES = 200;

    @TempDir
    static Path folder;

    private static SelfSigned signed;

    private final Vertx vertx = Vertx.vertx();
    private final List<ReferenceClient> clients = new ArrayList<>();
    private final List<ClientDriver> drivers = new ArrayList<>();

    @BeforeAll
    static void certificate() {
        signed = SelfSigned.in(folder);
    }

    @AfterEach
    void close() {
        clients.forEach(ReferenceClient::close);
        drivers.forEach(driver -> Await.get("a driver's end", driver.close()));
        Await.get("the end of Vert.x", vertx.close());
    }

    private static RealtimeOptions options() {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .host("127.0.0.1")
                .port(0)
                .namespace("room", new ChannelOptions().publish(ChannelOptions.Publishers.SUBSCRIBERS));
    }

    private static HttpClientOptions client(HttpVersion version) {
        return new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(version == HttpVersion.HTTP_2)
                .setProtocolVersion(version)
                .setTrustOptions(trusting());
    }

    private static PemTrustOptions trusting() {
        return new PemTrustOptions().addCertPath(signed.certificate().toString());
    }

    private ClientDriver driver(String wire, HttpVersion version, int port) {
        ClientDriver driver = switch (wire) {
            case "sse" -> new SseDriver(vertx, client(version), "127.0.0.1", port, "/realtime");
            case "longpoll" -> new LongPollDriver(vertx, client(version), "127.0.0.1", port, "/realtime");
            default ->
                new WebSocketDriver(
                        vertx,
                        new WebSocketClientOptions().setSsl(true).setTrustOptions(trusting()),
                        "127.0.0.1",
                        port,
                        "/realtime");
        };
        drivers.add(driver);
        return driver;
    }

    private ReferenceClient client(ClientDriver driver) {
        ReferenceClient client = new ReferenceClient(vertx, driver);
        clients.add(client);
        return client;
    }

    private int deploy(Realtime realtime, HttpServerOptions http) {
        AtomicReference<RealtimeVerticle> verticle = new AtomicReference<>();
        Await.get(
                "a deployment",
                vertx.deployVerticle(
                        () -> {
                            RealtimeVerticle made =
                                    (RealtimeVerticle) realtime.verticle(http).get();
                            verticle.set(made);
                            return made;
                        },
                        new DeploymentOptions()));
        return verticle.get().actualPort();
    }

    private void converse(ReferenceClient client) {
        client.connect();
        client.ask(Wires.subscribe("s", "room:1"));
        client.ask(Wires.publish("p", "room:1", "over TLS"));
        client.await("the message", frame -> "over TLS".equals(frame.getValue("payload")));
        client.cut();
        assertThat(client.connect().getBoolean("resumed")).isTrue();
        client.ask(Wires.publish("q", "room:1", "after a cut"));
        client.await("the message", frame -> "after a cut".equals(frame.getValue("payload")));
    }

    @ParameterizedTest
    @CsvSource({"websocket,HTTP_1_1", "sse,HTTP_1_1", "sse,HTTP_2", "longpoll,HTTP_1_1", "longpoll,HTTP_2"})
    @DisplayName(
            "a verticle with PEM files in its options serves each wire over TLS, also over HTTP/2, and sessions resume")
    void pem(String wire, HttpVersion version) {
        JsonObject json = new JsonObject()
                .put("certificate", signed.certificate().toString())
                .put("key", signed.key().toString());
        Realtime realtime = Realtime.create(vertx, options().tls(new TlsOptions(json)));
        converse(client(driver(wire, version, deploy(realtime, new HttpServerOptions()))));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("a key store does as well, and HTTP/2 is offered unless switched off")
    void keyStore(boolean http2) {
        TlsOptions tls = new TlsOptions()
                .keyStore(signed.keyStore().toString())
                .password(SelfSigned.PASSWORD)
                .http2(http2);
        int port = deploy(Realtime.create(vertx, options().tls(tls)), new HttpServerOptions());
        assertThat(version(port)).isEqualTo(http2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1);
    }

    private HttpVersion version(int port) {
        io.vertx.core.http.HttpClient client = vertx.createHttpClient(client(HttpVersion.HTTP_2));
        return Await.get(
                "a reply",
                client.request(io.vertx.core.http.HttpMethod.GET, port, "127.0.0.1", "/realtime")
                        .compose(request -> request.send())
                        .map(response -> {
                            assertThat(response.statusCode()).isEqualTo(200);
                            return response.version();
                        })
                        .onComplete(done -> client.close()));
    }

    @Test
    @DisplayName("options of the HTTP server are passed on, and TLS is set up in one place only")
    void passedThrough() {
        HttpServerOptions http = new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(
                        new PfxOptions().setPath(signed.keyStore().toString()).setPassword(SelfSigned.PASSWORD));
        Realtime realtime = Realtime.create(vertx, options());
        assertThat(version(deploy(realtime, http))).isEqualTo(HttpVersion.HTTP_2);
        Realtime both = Realtime.create(
                vertx, options().name("both").tls(new TlsOptions().keyStore("x").password("y")));
        assertThatThrownBy(() -> both.verticle(http))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not by both");
    }

    /** Serves an engine by a server that counts its connections. */
    private int counted(Realtime realtime, Set<HttpConnection> connections) {
        Router router = Router.router(vertx);
        realtime.mount(router);
        HttpServerOptions http = realtime.options()
                .applyTo(new HttpServerOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setKeyCertOptions(new PfxOptions()
                                .setPath(signed.keyStore().toString())
                                .setPassword(SelfSigned.PASSWORD)));
        HttpServer server = Await.get(
                "a server",
                vertx.createHttpServer(http)
                        .connectionHandler(connections::add)
                        .requestHandler(router)
                        .listen(0, "127.0.0.1"));
        return server.actualPort();
    }

    @Test
    @DisplayName(
            "R12 R21: fifty streams on one connection of HTTP/2 lose, repeat and reorder nothing, also those that are cut")
    void manyStreams() {
        long seed = Long.getLong("polywire.seed", new Random().nextLong());
        Random random = new Random(seed);
        Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
        Realtime realtime = Realtime.create(vertx, options());
        int port = counted(realtime, connections);
        ClientDriver shared = driver("sse", HttpVersion.HTTP_2, port);
        for (int i = 0; i < STREAMS; i++) {
            ReferenceClient client = client(shared);
            client.connect();
            client.ask(Wires.subscribe("s", "room:1"));
        }
        for (int i = 1; i <= MESSAGES; i++) {
            Await.get("a publish", realtime.channels().publish("room:1", "e", i));
            if (i % 10 == 0) {
                ReferenceClient cut = clients.get(random.nextInt(STREAMS));
                cut.cut();
                assertThat(cut.connect().getBoolean("resumed")).isTrue();
            }
        }
        List<Object> all = IntStream.rangeClosed(1, MESSAGES)
                .boxed()
                .map(Object.class::cast)
                .toList();
        for (ReferenceClient client : clients) {
            Await.until(
                    "all messages, -Dpolywire.seed=" + seed, () -> heard(client).size() >= MESSAGES);
            assertThat(heard(client)).as("-Dpolywire.seed=" + seed).isEqualTo(all);
        }
        assertThat(connections).hasSize(1);
        assertThat(realtime.stats().getInteger("sessions")).isEqualTo(STREAMS);
    }

    private static List<Object> heard(ReferenceClient client) {
        return client.frames().stream()
                .filter(frame -> "message".equals(frame.getString("type")))
                .map(frame -> frame.getValue("payload"))
                .toList();
    }

    @Test
    @DisplayName("polls and POSTs of many sessions share one connection of HTTP/2 as well")
    void manyPolls() {
        Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
        Realtime realtime = Realtime.create(vertx, options());
        ClientDriver shared = driver("longpoll", HttpVersion.HTTP_2, counted(realtime, connections));
        for (int i = 0; i < 20; i++) {
            ReferenceClient client = client(shared);
            client.connect();
            client.ask(Wires.subscribe("s", "room:1"));
        }
        for (int i = 0; i < 20; i++) {
            clients.get(i).ask(Wires.publish("p", "room:1", i));
        }
        for (ReferenceClient client : clients) {
            Await.until("all messages", () -> heard(client).size() >= 20);
            assertThat(heard(client))
                    .isEqualTo(IntStream.range(0, 20)
                            .boxed()
                            .map(Object.class::cast)
                            .toList());
        }
        assertThat(connections).hasSize(1);
    }

    @Test
    @DisplayName("with a file that is missing the verticle does not start")
    void missing() {
        Realtime realtime = Realtime.create(
                vertx, options().tls(new TlsOptions().certificate("no.pem").key("no.key")));
        assertThatThrownBy(() -> deploy(realtime, new HttpServerOptions())).hasMessageContaining("no.");
    }
}
