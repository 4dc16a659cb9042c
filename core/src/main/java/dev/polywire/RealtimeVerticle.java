package dev.polywire;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A verticle that serves an engine on a port of its own. Several instances share the port and the engine; each serves its own event loop.
 *
 * <p>Deployed by class name, its configuration is {@link RealtimeOptions} as JSON; instances that name the same engine share it,
 * and it is closed with the last of them. Deployed by {@link Realtime#verticle()}, it serves that engine.
 */
public final class RealtimeVerticle extends VerticleBase {
    private static final Map<Vertx, Map<String, Shared>> ENGINES = new WeakHashMap<>();

    private final @Nullable Realtime given;
    private final HttpServerOptions serving;
    private @Nullable Realtime engine;
    private @Nullable HttpServer server;
    private @Nullable Future<Void> closing;

    /** An engine and who uses it. */
    private static final class Shared {
        final Realtime engine;
        final Set<String> deployments = new HashSet<>();
        int instances;

        @Nullable
        Future<Void> closed;

        Shared(Realtime engine) {
            this.engine = engine;
        }

        Future<Void> close() {
            Future<Void> begun = closed;
            if (begun == null) {
                begun = engine.close();
                closed = begun;
            }
            return begun;
        }
    }

    /** Creates a verticle that makes its engine from its configuration. */
    public RealtimeVerticle() {
        this.given = null;
        this.serving = plain();
    }

    /**
     * Creates a verticle for an engine; for {@link Realtime#verticle()}.
     *
     * @param engine the engine
     * @param http the server's options; copied
     */
    public RealtimeVerticle(Realtime engine, HttpServerOptions http) {
        this.given = engine;
        this.serving = new HttpServerOptions(http);
    }

    /** Returns the options of a server that is given no others; for {@link Realtime#verticle()}. */
    public static HttpServerOptions plain() {
        // Of a connection that may become HTTP/2 by an upgrade Vert.x says nothing before its first request is whole,
        // and
        // waits for that without end.
        return new HttpServerOptions().setHttp2ClearTextEnabled(false);
    }

    @Override
    public Future<?> start() {
        if (context.threadingModel() != ThreadingModel.EVENT_LOOP) {
            return Future.failedFuture(new IllegalStateException(
                    "RealtimeVerticle must be deployed on event loops (the default threading model), not as "
                            + context.threadingModel() + ": a session is owned by one event loop."));
        }
        Realtime made;
        HttpServerOptions http;
        RequestHeads heads;
        RequestStreams streams;
        long first;
        LongSupplier clock = () -> System.nanoTime() / 1_000_000;
        Router router = Router.router(vertx);
        try {
            JsonObject config = context.config() == null ? new JsonObject() : context.config();
            made = given == null ? acquire(new RealtimeOptions(config)) : use(given);
            engine = made;
            http = made.options().applyTo(made.options().tls().applyTo(new HttpServerOptions(serving)));
            SessionOptions session = made.options().session();
            first = session.helloTimeout().toMillis();
            long next = 2 * session.heartbeat().toMillis();
            heads = new RequestHeads(clock, first, next);
            streams = new RequestStreams(clock, first, next, http);
            router.route().handler(streams::count);
            made.mount(router);
            // Without these, each request that makes no sense (without Host, or for no path) is an error in the log.
            router.errorHandler(400, context -> refuse(context, 400));
            router.errorHandler(404, context -> refuse(context, 404));
        } catch (RuntimeException e) {
            return release().transform(closed -> Future.failedFuture(e));
        }
        vertx.setPeriodic(Math.max(10, Math.min(1000, first / 4)), tick -> {
            heads.sweep();
            streams.sweep();
        });
        // Its keys may come on another thread, and the server has to be this instance's.
        Promise<Void> ready = ((ContextInternal) context).promise();
        made.ready().onComplete(ready);
        return ready.future()
                .compose(there -> vertx.createHttpServer(http)
                        .connectionHandler(connection -> {
                            heads.watch(connection);
                            streams.watch(connection);
                        })
                        .requestHandler(router)
                        .listen(made.options().port(), made.options().host())
                        .recover(cause -> Future.failedFuture(told(made.options(), cause))))
                .onSuccess(listening -> server = listening)
                .recover(cause -> release().transform(closed -> Future.failedFuture(cause)));
    }

    private static void refuse(RoutingContext context, int status) {
        if (!context.response().ended()) {
            context.response().setStatusCode(status).end();
        }
    }

    /** What the system says names neither the address nor, with native sockets, what was tried in plain words. */
    private static IOException told(RealtimeOptions options, Throwable cause) {
        return new IOException(
                "RealtimeVerticle cannot listen on port " + options.port() + " of " + options.host() + " (options"
                        + " \"port\" and \"host\"): " + cause.getMessage(),
                cause);
    }

    /**
     * Returns the port that it listens on.
     *
     * @return 0 before it was deployed
     */
    public int actualPort() {
        return server == null ? 0 : server.actualPort();
    }

    @Override
    public Future<?> stop() {
        return release();
    }

    /**
     * Lets go of the engine. All instances of a deployment stop together, so the first of them closes an engine that nobody else
     * uses, and each waits for that: clients are told bye over connections that still stand, and the servers go after them.
     */
    private Future<Void> release() {
        Realtime used = engine;
        if (used == null) {
            return Future.succeededFuture();
        }
        synchronized (ENGINES) {
            Map<String, Shared> engines = ENGINES.computeIfAbsent(vertx, key -> new HashMap<>());
            Shared shared = engines.get(used.options().name());
            if (shared == null || shared.engine != used) {
                return closing == null ? Future.succeededFuture() : closing;
            }
            shared.deployments.remove(context.deploymentID());
            if (!shared.deployments.isEmpty()) {
                return Future.succeededFuture();
            }
            Future<Void> closed = shared.close();
            shared.instances--;
            if (shared.instances == 0) {
                engines.remove(used.options().name());
            }
            closing = closed;
            return closed;
        }
    }

    private Realtime acquire(RealtimeOptions options) {
        synchronized (ENGINES) {
            Map<String, Shared> engines = ENGINES.computeIfAbsent(vertx, key -> new HashMap<>());
            Shared shared =
                    engines.computeIfAbsent(options.name(), name -> new Shared(Realtime.create(vertx, options)));
            if (!shared.engine.options().toJson().equals(options.toJson())) {
                throw new IllegalStateException("There is an engine called " + options.name()
                        + " with other options in this Vert.x; give this one a name of its own with \"name\".");
            }
            return join(shared);
        }
    }

    private Realtime use(Realtime wanted) {
        synchronized (ENGINES) {
            Map<String, Shared> engines = ENGINES.computeIfAbsent(vertx, key -> new HashMap<>());
            Shared shared = engines.computeIfAbsent(wanted.options().name(), name -> new Shared(wanted));
            if (shared.engine != wanted) {
                throw new IllegalStateException(
                        "There is another engine called " + wanted.options().name()
                                + " in this Vert.x; give this one a name of its own with RealtimeOptions.name(…).");
            }
            return join(shared);
        }
    }

    private Realtime join(Shared shared) {
        if (shared.closed != null) {
            throw new IllegalStateException("The engine called "
                    + shared.engine.options().name() + " is closing; deploy again when it is done.");
        }
        shared.deployments.add(context.deploymentID());
        shared.instances++;
        return shared.engine;
    }
}
