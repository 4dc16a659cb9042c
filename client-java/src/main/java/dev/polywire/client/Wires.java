package dev.polywire.client;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ProxyOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client's wires are made with: it is closed with the client. */
final class Wires {
    private static final Logger LOG = LoggerFactory.getLogger(PolywireClient.class);
    private static final int POOL = 8;

    private final HttpClient http;
    private final WebSocketClient sockets;
    private final HttpWires.Target target;
    private final int most;

    Wires(Vertx vertx, HttpWires.Target target, ClientOptions options) {
        this.target = target;
        most = options.maxFrame();
        int patience = (int) options.welcomeTimeout().toMillis();
        HttpClientOptions plain = new HttpClientOptions().setConnectTimeout(patience);
        WebSocketClientOptions upgraded = new WebSocketClientOptions()
                .setConnectTimeout(patience)
                .setMaxFrameSize(most)
                .setMaxMessageSize(most)
                .setClosingTimeout(2);
        if (!options.trust().isEmpty()) {
            PemTrustOptions trust = new PemTrustOptions();
            options.trust().forEach(trust::addCertPath);
            plain.setTrustOptions(trust);
            upgraded.setTrustOptions(trust);
        }
        ProxyOptions proxy = options.proxy();
        if (proxy != null) {
            plain.setProxyOptions(proxy);
            upgraded.setProxyOptions(proxy);
        }
        http = vertx.httpClientBuilder()
                .with(plain)
                .with(new PoolOptions().setHttp1MaxSize(POOL))
                // Whoever waits for an answer is told; without this Vert.x writes each broken connection into the log,
                // as
                // an error.
                .withConnectHandler(made -> made.exceptionHandler(broken -> LOG.debug("A connection broke.", broken)))
                .build();
        sockets = vertx.createWebSocketClient(upgraded);
    }

    /** Reads where a server is. */
    static HttpWires.Target target(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("The address of a server is a URL, not \"" + url + "\".", e);
        }
        String scheme = String.valueOf(uri.getScheme());
        boolean tls = List.of("https", "wss").contains(scheme);
        if (uri.getHost() == null || (!tls && !List.of("http", "ws").contains(scheme))) {
            throw new IllegalArgumentException("The address of a server is http, https, ws or wss and a host.");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null || uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("The address of a server has no user, query or fragment.");
        }
        int port = uri.getPort() > 0 ? uri.getPort() : tls ? 443 : 80;
        return new HttpWires.Target(uri.getHost(), port, tls, uri.getRawPath().replaceAll("/+$", ""));
    }

    /** Returns what opens each wire. */
    Map<String, Wire.Opener> openers() {
        HttpWires shared = new HttpWires(http, target, most);
        return Map.of(
                "websocket", (context, on) -> new WebSocketWire(context, sockets, target, on),
                "sse", (context, on) -> new SseWire(context, shared, on),
                "longpoll", (context, on) -> new LongPollWire(context, shared, on));
    }

    void close() {
        http.close();
        sockets.close();
    }
}
