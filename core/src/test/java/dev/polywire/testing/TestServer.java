package dev.polywire.testing;

import static dev.polywire.testing.RecordingGateway.await;

import dev.polywire.spi.SessionGateway;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/** A server on a free port of the loopback interface with transports under {@code /realtime}, and a client for it. */
public final class TestServer implements AutoCloseable {

    /** The Vert.x of server and client. */
    public final Vertx vertx = Vertx.vertx();

    /** A client of HTTP/1.1. */
    public final HttpClient client = vertx.createHttpClient(new HttpClientOptions());

    /** A client of HTTP/2 without TLS. */
    public final HttpClient client2 = vertx.createHttpClient(
            new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));

    private final HttpServer server;

    private TestServer(HttpServerOptions options, Consumer<Router> host, Consumer<Router> mount) {
        Router router = Router.router(vertx);
        host.accept(router);
        Router own = Router.router(vertx);
        mount.accept(own);
        router.route("/realtime/*").subRouter(own);
        server = await(vertx.createHttpServer(options).requestHandler(router).listen(0, "127.0.0.1"));
    }

    /** Starts a server that has nothing but the mount. */
    public static TestServer start(SessionGateway gateway, BiConsumer<Router, SessionGateway> mount) {
        return start(new HttpServerOptions(), router -> {}, router -> mount.accept(router, gateway));
    }

    /** Starts a server whose host application adds handlers of its own in front. */
    public static TestServer start(HttpServerOptions options, Consumer<Router> host, Consumer<Router> mount) {
        return new TestServer(options, host, mount);
    }

    /** The server's port. */
    public int port() {
        return server.actualPort();
    }

    /** A whole reply. */
    public record Reply(int status, MultiMap headers, String body) {

        /** The body's {@code code}. */
        public String code() {
            return new JsonObject(body).getString("code");
        }
    }

    /** A reply that is still coming. */
    public static final class Stream {
        /** The head. */
        public final HttpClientResponse response;

        private final StringBuilder text = new StringBuilder();
        private final Promise<Void> ended = Promise.promise();

        Stream(HttpClientResponse response) {
            this.response = response;
            response.exceptionHandler(ended::tryFail);
            response.endHandler(end -> ended.tryComplete());
            response.handler(this::add);
        }

        /** Waits until the text so far is this. */
        public synchronized void expect(String wanted) {
            long end = System.nanoTime() + 10_000_000_000L;
            try {
                while (!text.toString().equals(wanted)) {
                    long left = (end - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        throw new AssertionError("Wanted <" + wanted + "> but have <" + text + ">");
                    }
                    wait(left);
                }
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }

        /** Completes at the regular end. */
        public Future<Void> ended() {
            return ended.future();
        }

        private synchronized void add(Buffer chunk) {
            text.append(chunk);
            notifyAll();
        }
    }

    /** Sends a request and waits for the reply. Headers are names and values in turn. */
    public Reply request(HttpMethod method, String path, Buffer body, String... headers) {
        // Who asks for the body only when the head has come, from another thread, may come too late for it.
        return await(sent(
                client,
                method,
                path,
                body,
                headers,
                response -> response.compose(head -> head.body()
                        .map(all ->
                                new Reply(head.statusCode(), head.headers(), all.toString(StandardCharsets.UTF_8))))));
    }

    /** Sends JSON by POST and waits for the reply. */
    public Reply post(String path, String body, String... headers) {
        return request(HttpMethod.POST, path, Buffer.buffer(body), with(headers, "Content-Type", "application/json"));
    }

    /** Asks by GET and waits for the reply. */
    public Reply get(String path, String... headers) {
        return request(HttpMethod.GET, path, Buffer.buffer(), headers);
    }

    /** Sends a request and waits for the head of the reply. */
    public Stream stream(HttpClient by, HttpMethod method, String path, String body, String... headers) {
        return await(sent(
                by,
                method,
                path,
                Buffer.buffer(body),
                with(headers, "Content-Type", "application/json"),
                response -> response.map(Stream::new)));
    }

    /** Opens a socket that takes in little, and sends the beginning of what it has to say. */
    public Socket stalled(byte[] bytes) {
        try {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.setSoTimeout(10_000);
            socket.connect(new InetSocketAddress("127.0.0.1", port()));
            socket.getOutputStream().write(bytes);
            return socket;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Reads until the other side has ended or reset the connection. */
    public static long drain(Socket socket) throws IOException {
        byte[] chunk = new byte[65536];
        long total = 0;
        try (socket) {
            int read;
            while ((read = socket.getInputStream().read(chunk)) >= 0) {
                total += read;
            }
        } catch (java.net.SocketTimeoutException open) {
            throw new AssertionError("The connection is still open.", open);
        } catch (java.net.SocketException reset) {
            return total;
        }
        return total;
    }

    @Override
    public void close() {
        await(vertx.close());
    }

    private <T> Future<T> sent(
            HttpClient by,
            HttpMethod method,
            String path,
            Buffer body,
            String[] headers,
            Function<Future<HttpClientResponse>, Future<T>> then) {
        return by.request(method, port(), "127.0.0.1", "/realtime" + path).compose(request -> {
            for (int i = 0; i < headers.length; i += 2) {
                request.putHeader(headers[i], headers[i + 1]);
            }
            Future<T> answer = then.apply(request.response());
            request.end(body);
            return answer;
        });
    }

    private static String[] with(String[] headers, String name, String value) {
        String[] more = java.util.Arrays.copyOf(headers, headers.length + 2);
        more[headers.length] = name;
        more[headers.length + 1] = value;
        return more;
    }
}
