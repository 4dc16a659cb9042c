package dev.polywire.cluster.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one server that is made again for as long as it is wanted, with jittered pauses. Everything happens on one event loop, that of
 * the context, and must be called there.
 *
 * <p>Answers come in the order of the calls. So when the oldest one is overdue, all are: they fail, and the connection is made anew.
 */
final class Link {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);

    /** Hears of the connection, on the context. */
    interface Events {
        /** There is a new one. */
        void up();

        /** It is gone, or an attempt to make one has failed. */
        void down();

        /** Something came that answers no call. */
        default void pushed(Response response) {}

        /** An error came that answers no call. */
        default void failed(Throwable error) {}
    }

    private static final class Call {
        final Promise<Response> promise = Promise.promise();
        final long deadline;

        Call(long deadline) {
            this.deadline = deadline;
        }
    }

    private final Vertx vertx;
    private final Context context;
    private final RedisOptions options;
    private final Supplier<Future<Servers.Found>> where;
    private final boolean master;
    private final Events events;
    private final Random random = new Random();
    private final Deque<Call> calls = new ArrayDeque<>();
    private final Predecessor predecessor = new Predecessor();
    private final Replicas replicas;
    private @Nullable Redis client;
    private @Nullable RedisConnection connection;
    private @Nullable String endpoint;
    private long reign;
    private long attempt;
    private int failures;
    private long openedAt;
    private @Nullable String trouble;
    private boolean closed;
    /** Completes when what was under way on the connection before can have no effect any more; null when there is no such thing. */
    private @Nullable Promise<Void> late;

    private long timer = -1;
    private long sweeper = -1;

    /**
     * Creates a link that is not started.
     *
     * @param where finds the server, each time anew
     * @param master whether the server has to say that it is a master
     */
    Link(
            Vertx vertx,
            Context context,
            RedisOptions options,
            Supplier<Future<Servers.Found>> where,
            boolean master,
            Events events) {
        this.vertx = vertx;
        this.context = context;
        this.options = options;
        this.where = where;
        this.master = master;
        this.events = events;
        this.replicas = new Replicas(context, options, this);
    }

    boolean up() {
        return connection != null;
    }

    /** Returns which life of which server it is connected to, and its reign; of no meaning when it is not. */
    String run() {
        return predecessor.run();
    }

    /** Returns why it is not connected, or was not for the last time; null when it always was. */
    @Nullable
    String trouble() {
        return trouble;
    }

    /** Returns what waits for the replicas of that server. */
    Replicas replicas() {
        return replicas;
    }

    /** Returns where the connection goes, or last went. */
    @Nullable
    String endpoint() {
        return endpoint;
    }

    /** Tells whether the connection goes, or last went, where that one was found, in the same reign. */
    boolean goes(Servers.Found found) {
        return found.endpoint().equals(endpoint) && found.reign() == reign;
    }

    void start() {
        long every = Math.max(20, options.getCallTimeout().toMillis() / 8);
        sweeper = vertx.setPeriodic(every, id -> context.runOnContext(v -> sweep()));
        connect();
    }

    private void connect() {
        if (closed) {
            return;
        }
        long mine = ++attempt;
        timer = vertx.setTimer(
                options.getConnectTimeout().toMillis(),
                id -> context.runOnContext(v -> lost(mine, "It took too long to connect.")));
        where.get()
                .compose(found -> open(mine, found))
                .onComplete(result -> context.runOnContext(v -> {
                    if (result.succeeded()) {
                        opened(mine, result.result());
                    } else {
                        lost(mine, Servers.reason(result.cause()));
                    }
                }));
    }

    private Future<RedisConnection> open(long mine, Servers.Found found) {
        Promise<RedisConnection> opened = Promise.promise();
        context.runOnContext(v -> {
            if (mine != attempt || closed) {
                opened.fail("Too late.");
                return;
            }
            Redis made = Redis.createClient(vertx, Clients.client(options, found.endpoint()));
            client = made;
            endpoint = found.endpoint();
            reign = found.reign();
            made.connect()
                    .compose(fresh -> master ? Servers.checkMaster(fresh) : Future.succeededFuture(fresh))
                    .compose(fresh -> reign(fresh, found).compose(now -> predecessor.replaced(fresh, now)))
                    .onComplete(opened);
        });
        return opened.future();
    }

    private Future<Long> reign(RedisConnection fresh, Servers.Found found) {
        return options.getMode() == RedisOptions.Mode.CLUSTER
                ? Servers.reign(fresh)
                : Future.succeededFuture(found.reign());
    }

    private void opened(long mine, RedisConnection fresh) {
        if (mine != attempt || closed) {
            fresh.close();
            return;
        }
        vertx.cancelTimer(timer);
        openedAt = System.nanoTime();
        connection = fresh;
        settle();
        fresh.handler(response -> context.runOnContext(v -> {
            if (mine == attempt) {
                events.pushed(response);
            }
        }));
        fresh.exceptionHandler(error -> context.runOnContext(v -> {
            if (mine != attempt) {
                return;
            }
            if (Servers.error(error)) {
                events.failed(error);
            } else {
                // Of the socket; the end is not always told after it.
                lost(mine, "The connection has failed.");
            }
        }));
        fresh.endHandler(ended -> context.runOnContext(v -> lost(mine, "The connection has ended.")));
        events.up();
    }

    /** Gives the present connection up, and makes another one. */
    void renew(String why) {
        if (connection != null) {
            lost(attempt, why);
        }
    }

    private void lost(long mine, String why) {
        if (mine != attempt || closed) {
            return;
        }
        attempt++;
        trouble = why;
        long most = options.getMaxReconnectDelay().toMillis();
        // One that broke as soon as it was made, because it may not subscribe for example, counts as a failure, lest
        // this spins.
        if (connection != null && System.nanoTime() - openedAt > TimeUnit.MILLISECONDS.toNanos(most)) {
            failures = 0;
        }
        if (failures == 0) {
            LOG.warn("Redis is away: {}", why);
        } else {
            LOG.debug("Redis is still away: {}", why);
        }
        drop();
        long pause = Math.min(most, 25L << Math.min(failures, 16));
        failures++;
        // Half of it is random, so that nodes that lost Redis together do not come back together.
        long delay = Math.max(1, pause / 2 + (long) (random.nextDouble() * pause / 2));
        timer = vertx.setTimer(delay, id -> context.runOnContext(v -> connect()));
        events.down();
    }

    private void drop() {
        vertx.cancelTimer(timer);
        if (!calls.isEmpty() && late == null) {
            late = Promise.promise();
        }
        connection = null;
        Redis old = client;
        client = null;
        if (old != null) {
            old.close();
        }
        replicas.broken();
        fail(true);
    }

    private void settle() {
        Promise<Void> settled = late;
        late = null;
        if (settled != null) {
            settled.tryComplete();
        }
    }

    /**
     * Tells when nothing that was sent by now can have an effect any more: it is answered, or its connection has been ended at the server. That takes as long as the server is away; this
     * link's end counts, too, for the server is nobody's master then.
     */
    Future<Void> settled() {
        if (connection == null && late == null && !options.getWaitWhileAway().isZero()) {
            // What waits for the server is sent as soon as that is back.
            late = Promise.promise();
        }
        Promise<Void> before = late;
        if (before != null) {
            return before.future();
        }
        Call last = calls.peekLast();
        return last == null
                ? Future.succeededFuture()
                : last.promise.future().transform(answer -> {
                    Promise<Void> now = late;
                    return now == null ? Future.succeededFuture() : now.future();
                });
    }

    private void fail(boolean sent) {
        for (Call call = calls.poll(); call != null; call = calls.poll()) {
            call.promise.tryFail(new Away("Redis did not answer.", sent));
        }
    }

    private void sweep() {
        while (!calls.isEmpty() && calls.element().promise.future().isComplete()) {
            calls.remove();
        }
        Call oldest = calls.peek();
        if (oldest != null && System.nanoTime() - oldest.deadline > 0) {
            renew("A call was not answered in time.");
        }
    }

    /** Sends one command; ends within the time limit. An error of Redis' own comes as the client's failure. */
    Future<Response> send(Request request) {
        return calls.size() >= options.getMaxQueued()
                ? Future.failedFuture(new Away("Too many calls wait for Redis.", false))
                : urge(request);
    }

    /** Sends one command however many others wait. */
    Future<Response> urge(Request request) {
        RedisConnection now = connection;
        if (now == null) {
            return Future.failedFuture(new Away("Redis is away.", false));
        }
        Call call = new Call(System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(options.getCallTimeout().toMillis()));
        calls.add(call);
        long mine = attempt;
        now.send(request)
                .onComplete(result -> context.runOnContext(v -> {
                    if (result.succeeded()) {
                        call.promise.tryComplete(result.result());
                    } else if (Servers.error(result.cause())) {
                        call.promise.tryFail(result.cause());
                    } else {
                        // Told to all that wait here, which are to be late together.
                        lost(mine, "The connection has ended.");
                        call.promise.tryFail(new Away("The connection has ended.", true));
                    }
                    while (!calls.isEmpty() && calls.element().promise.future().isComplete()) {
                        calls.remove();
                    }
                }));
        return call.promise.future();
    }

    /** Sends what is answered by pushes only. */
    void tell(Request request) {
        RedisConnection now = connection;
        if (now != null) {
            long mine = attempt;
            now.send(request)
                    .onFailure(error -> context.runOnContext(v -> {
                        if (mine == attempt) {
                            events.failed(error);
                        }
                    }));
        }
    }

    void close() {
        closed = true;
        vertx.cancelTimer(sweeper);
        drop();
        settle();
    }
}
