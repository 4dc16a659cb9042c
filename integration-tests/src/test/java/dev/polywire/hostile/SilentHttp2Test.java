package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.RealtimeVerticle;
import dev.polywire.SessionOptions;
import dev.polywire.TlsOptions;
import dev.polywire.conformance.Await;
import dev.polywire.testing.SelfSigned;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections of HTTP/2 that carry no request, at the server of a {@code RealtimeVerticle}. */
class SilentHttp2Test {
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private static final String SETTINGS = "\0\0\0\4\0\0\0\0\0";

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private Realtime realtime;
    private HttpClient client;
    private int port;

    @BeforeEach
    void deploy() {
        SelfSigned signed = SelfSigned.in(folder);
        realtime = Realtime.create(
                vertx,
                new RealtimeOptions()
                        .allowAnonymous(true)
                        .host("127.0.0.1")
                        .port(0)
                        .tls(new TlsOptions()
                                .certificate(signed.certificate().toString())
                                .key(signed.key().toString()))
                        .session(new SessionOptions()
                                .helloTimeout(Duration.ofMillis(400))
                                .heartbeat(Duration.ofMillis(400)))
                        .namespace("news", new ChannelOptions()));
        RealtimeVerticle verticle = (RealtimeVerticle) realtime.verticle().get();
        Await.get("a deployment", vertx.deployVerticle(verticle));
        port = verticle.actualPort();
        client = vertx.createHttpClient(new HttpClientOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setTrustAll(true)
                .setVerifyHost(false)
                .setProtocolVersion(HttpVersion.HTTP_2));
    }

    @AfterEach
    void close() {
        Await.get("the end of Vert.x", vertx.close());
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(strings = {"", "PRI * HTTP/2.0\r\n", PREFACE, PREFACE + SETTINGS})
    @DisplayName("one that says nothing, or no more than what HTTP/2 begins with, is closed")
    void silent(String said) throws IOException, GeneralSecurityException {
        try (SSLSocket socket = connect()) {
            socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            // Its settings and its goodbye; the end comes before the socket's patience is over.
            socket.getInputStream().readAllBytes();
        }
    }

    private SSLSocket connect() throws IOException, GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(10_000);
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
        return socket;
    }

    @Test
    @DisplayName("one that is done with its request is closed when nothing has come for two heartbeats")
    void done() {
        AtomicBoolean closed = new AtomicBoolean();
        int status = Await.get(
                "a reply",
                request("/realtime")
                        .compose(request -> watched(request, closed).send())
                        .compose(response -> response.body().map(body -> response.statusCode())));
        assertThat(status).isEqualTo(200);
        Await.until("its end", closed::get);
    }

    @Test
    @DisplayName("one with a stream that is open is left alone, though no other request comes")
    void busy() {
        AtomicBoolean closed = new AtomicBoolean();
        Buffer heard = Buffer.buffer();
        AtomicBoolean there = new AtomicBoolean();
        Await.get(
                "a stream",
                request("/realtime/sse?channel=news:1")
                        .compose(request -> watched(request, closed).send())
                        .onSuccess(response -> response.handler(bytes -> {
                            heard.appendBuffer(bytes);
                            there.set(heard.toString().contains("here"));
                        })));
        AtomicBoolean later = new AtomicBoolean();
        // Four heartbeats: longer than any connection without a request may last.
        vertx.setTimer(1600, tick -> later.set(true));
        Await.until("its time", later::get);
        assertThat(closed).isFalse();
        Await.get("a publish", realtime.channels().publish("news:1", "n", "here"));
        Await.until("the message", there::get);
    }

    private Future<HttpClientRequest> request(String path) {
        return client.request(HttpMethod.GET, port, "127.0.0.1", path);
    }

    private static HttpClientRequest watched(HttpClientRequest request, AtomicBoolean closed) {
        HttpConnection connection = request.connection();
        assertThat(request.version()).isEqualTo(HttpVersion.HTTP_2);
        connection.closeHandler(gone -> closed.set(true));
        return request;
    }

    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
