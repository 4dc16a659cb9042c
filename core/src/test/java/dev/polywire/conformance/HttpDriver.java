package dev.polywire.conformance;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What the drivers of SSE and long polling share: the {@code Polywire-} headers and {@code POST /send}. */
public abstract class HttpDriver implements ClientDriver {
    private static final long POST_TIMEOUT = 5000;

    private final HttpClient client;
    private final Vertx vertx;
    private final String host;
    private final int port;
    private final String path;

    HttpDriver(Vertx vertx, HttpClientOptions options, String host, int port, String path) {
        this.vertx = vertx;
        this.host = host;
        this.port = port;
        this.path = path;
        client = vertx.createHttpClient(
                new HttpClientOptions(options).setSoLinger(0).setKeepAliveTimeout(5),
                new PoolOptions().setHttp1MaxSize(1000).setHttp2MaxSize(1));
    }

    @Override
    public final boolean duplex() {
        return false;
    }

    @Override
    public final Future<Answer> post(@Nullable String session, @Nullable String secret, long first, Buffer body) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Content-Type", "application/json");
        if (session != null) {
            headers.add("Polywire-Session", session);
        }
        if (secret != null) {
            headers.add("Polywire-Secret", secret);
        }
        if (first > 0) {
            headers.add("Polywire-First", Long.toString(first));
        }
        return request(HttpMethod.POST, "/send", headers, body);
    }

    /**
     * Makes any request below the mount path; for tests of what an endpoint refuses.
     *
     * @param method the method
     * @param below for example {@code /send}
     * @param headers all of them
     * @param body the body, or null
     * @return the answer, whatever its status
     */
    public final Future<Answer> request(HttpMethod method, String below, MultiMap headers, @Nullable Buffer body) {
        Promise<Answer> promise = Promise.promise();
        // On a context, or the reply may be read before anybody has asked for its body.
        vertx.getOrCreateContext().runOnContext(run -> {
            Future<HttpClientRequest> requested = begin(method, below, headers);
            requested
                    .compose(request -> body == null ? request.send() : request.send(body))
                    .compose(response -> response.body().map(all -> new Answer(response.statusCode(), all.toString())))
                    .timeout(POST_TIMEOUT, TimeUnit.MILLISECONDS)
                    .onFailure(late -> requested.onSuccess(HttpClientRequest::reset))
                    .onComplete(promise);
        });
        return promise.future();
    }

    final Future<HttpClientRequest> begin(HttpMethod method, String below, MultiMap headers) {
        return client.request(new RequestOptions()
                .setMethod(method)
                .setHost(host)
                .setPort(port)
                .setURI(path + below)
                .setHeaders(headers));
    }

    /** Opens a connection: sends the request, and hands a good reply to the reader. */
    final Link open(HttpMethod method, String below, Opening opening, Listener listener, Reader reader) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        ClientMachine.Attempt resume = opening.resume();
        if (resume != null) {
            headers.add("Polywire-Session", String.valueOf(resume.session()))
                    .add("Polywire-Secret", String.valueOf(resume.secret()))
                    .add("Polywire-Attach", Long.toString(resume.attach()))
                    .add("Polywire-Received", Long.toString(resume.received()))
                    .add("Polywire-Confirmed", Long.toString(resume.confirmed()));
        }
        Buffer hello = method == HttpMethod.GET ? null : opening.hello() == null ? Buffer.buffer() : opening.hello();
        if (hello != null) {
            headers.add("Content-Type", "application/json");
        }
        HttpLink link = new HttpLink(vertx, listener);
        opening.extra().headers().forEach(headers::add);
        String query = opening.extra().query();
        begin(method, query.isEmpty() ? below : below + (below.indexOf('?') < 0 ? "?" : "&") + query, headers)
                .compose(request -> {
                    link.opened(request);
                    return hello == null ? request.send() : request.send(hello);
                })
                .onFailure(failure -> link.end(new End(0, String.valueOf(failure.getMessage()), false)))
                .onSuccess(response -> {
                    response.exceptionHandler(
                            failure -> link.end(new End(0, String.valueOf(failure.getMessage()), false)));
                    if (response.statusCode() == 200) {
                        reader.read(response, link);
                    } else {
                        response.body()
                                .onSuccess(body -> link.end(new End(response.statusCode(), body.toString(), false)));
                    }
                });
        return link;
    }

    @Override
    public final Future<Void> close() {
        return client.close();
    }

    /** Turns a good reply into frames. */
    interface Reader {
        void read(HttpClientResponse response, HttpLink link);
    }

    /** One request that is under way. */
    static final class HttpLink implements Link {
        private final Vertx vertx;
        private final Listener listener;
        private @Nullable HttpClientRequest request;
        private boolean wanted = true;
        private boolean ended;

        private HttpLink(Vertx vertx, Listener listener) {
            this.vertx = vertx;
            this.listener = listener;
        }

        private void opened(HttpClientRequest opened) {
            request = opened;
            if (!wanted) {
                opened.reset();
            }
        }

        void frame(String text) {
            if (!ended) {
                listener.frame(text);
            }
        }

        void end(End end) {
            if (!ended) {
                ended = true;
                listener.closed(end);
            }
        }

        @Override
        public void send(Buffer frame) {
            throw new UnsupportedOperationException("Frames go up by POST.");
        }

        @Override
        public void cut() {
            wanted = false;
            HttpClientRequest open = request;
            if (open != null && !ended) {
                if (open.version() == HttpVersion.HTTP_2) {
                    open.reset(); // its connection carries others, too
                } else {
                    open.connection().close(); // with SO_LINGER 0, so the server sees a reset
                }
            }
            vertx.runOnContext(later -> end(new End(0, "cut", false)));
        }

        @Override
        public void close() {
            cut();
        }
    }
}
