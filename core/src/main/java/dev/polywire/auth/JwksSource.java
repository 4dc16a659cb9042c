package dev.polywire.auth;

import dev.polywire.JwtOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches a JSON Web Key Set: at the start, on an interval, and when a token names a key that is not known, but then not more
 * often than {@link #COOLDOWN}. One fetch at a time, whoever wants it. Safe for all threads.
 */
final class JwksSource {
    /** How long after a fetch no unknown key makes another, milliseconds: anybody can name one. */
    static final long COOLDOWN = 10_000;

    /** The largest reply that is read, bytes. */
    private static final int LARGEST = 256 * 1024;

    /** The most keys that are taken. */
    private static final int MOST_KEYS = 32;

    private static final Logger LOG = LoggerFactory.getLogger(JwksSource.class);

    private final JwtOptions options;
    private final LongSupplier clock;
    private final Consumer<List<JsonObject>> taker;
    /** Of its own: timers and clients of a verticle end with the verticle. */
    private final ContextInternal context;

    private final Promise<HttpClient> client = Promise.promise();
    private @Nullable Future<Void> running;
    private long begun;
    private long timer = -1;
    private boolean closed;

    /**
     * Creates a source that fetches nothing yet.
     *
     * @param own what to fetch with, or null for a client of its own
     * @param clock monotonic milliseconds
     * @param taker gets the keys, and throws when none of them is of use
     */
    JwksSource(
            Vertx vertx,
            JwtOptions options,
            @Nullable HttpClient own,
            LongSupplier clock,
            Consumer<List<JsonObject>> taker) {
        this.options = options;
        this.clock = clock;
        this.taker = taker;
        this.context = ((VertxInternal) vertx)
                .contextBuilder()
                .withThreadingModel(ThreadingModel.EVENT_LOOP)
                .build();
        if (own == null) {
            context.runOnContext(run -> client.complete(vertx.createHttpClient(new HttpClientOptions()
                    .setSsl(options.jwks().startsWith("https:"))
                    .setVerifyHost(true)
                    .setConnectTimeout((int) options.jwksTimeout().toMillis()))));
        } else {
            client.complete(own);
        }
    }

    /** Fetches now, or joins who does. */
    synchronized Future<Void> fetch() {
        Future<Void> now = running;
        if (now != null) {
            return now;
        }
        if (closed) {
            return Future.failedFuture("closed");
        }
        begun = clock.getAsLong();
        Promise<Void> promise = Promise.promise();
        running = promise.future();
        context.runOnContext(run -> get().timeout(options.jwksTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .compose(this::take)
                .onComplete(done -> {
                    if (done.failed()) {
                        LOG.warn(
                                "jwks cannot be fetched url={} cause={}",
                                options.jwks(),
                                done.cause().getMessage());
                    }
                    ended(done.succeeded());
                    promise.handle(done);
                }));
        return promise.future();
    }

    /** Fetches because a token names an unknown key; fails when that was done a moment ago. */
    synchronized Future<Void> fetchAgain() {
        return running == null && clock.getAsLong() - begun < COOLDOWN ? Future.failedFuture("a moment ago") : fetch();
    }

    private synchronized void ended(boolean well) {
        running = null;
        if (!closed) {
            long pause = options.jwksRefresh().toMillis();
            context.owner().cancelTimer(timer);
            timer = context.setTimer(well ? pause : Math.min(pause, COOLDOWN), again -> fetch());
        }
    }

    /** Reading numbers of two thousand bits and proving each key is no work for an event loop. */
    private Future<Void> take(Buffer body) {
        return context.executeBlocking(
                        () -> {
                            taker.accept(keys(body));
                            return true;
                        },
                        false)
                .mapEmpty();
    }

    private Future<Buffer> get() {
        return client.future()
                .compose(http -> http.request(new RequestOptions()
                        .setAbsoluteURI(options.jwks())
                        .setMethod(HttpMethod.GET)
                        .setFollowRedirects(false)
                        .putHeader("Accept", "application/json")))
                .compose(this::read);
    }

    private Future<Buffer> read(HttpClientRequest request) {
        long late = context.setTimer(options.jwksTimeout().toMillis(), over -> request.reset());
        Promise<Buffer> promise = Promise.promise();
        request.send().onComplete(response -> collect(request, response, promise), promise::tryFail);
        return promise.future().onComplete(done -> context.owner().cancelTimer(late));
    }

    private static void collect(HttpClientRequest request, HttpClientResponse response, Promise<Buffer> promise) {
        response.exceptionHandler(promise::tryFail);
        if (response.statusCode() != 200) {
            promise.tryFail("status " + response.statusCode());
            request.reset();
            return;
        }
        Buffer all = Buffer.buffer();
        response.handler(chunk -> {
            if (all.length() + chunk.length() > LARGEST) {
                promise.tryFail("more than " + LARGEST + " bytes");
                request.reset();
            } else {
                all.appendBuffer(chunk);
            }
        });
        response.endHandler(end -> promise.tryComplete(all));
    }

    private List<JsonObject> keys(Buffer body) {
        List<JsonObject> keys = new ArrayList<>();
        try {
            if (new JsonObject(body).getValue("keys") instanceof JsonArray array && array.size() <= MOST_KEYS) {
                array.forEach(key -> {
                    if (key instanceof JsonObject object) {
                        keys.add(object);
                    }
                });
                return keys;
            }
        } catch (DecodeException e) {
            throw new IllegalArgumentException("it is no JSON", e);
        }
        throw new IllegalArgumentException("it must have at most " + MOST_KEYS + " keys");
    }

    /** Fetches nothing any more. */
    synchronized void close() {
        closed = true;
        context.owner().cancelTimer(timer);
    }

    /** Ends the client that it has made for itself. */
    Future<Void> closeClient() {
        return client.future().compose(HttpClient::close);
    }
}
