package dev.polywire.cluster.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to Redis for ordinary commands: one long-lived pipelined connection to the master, or to each master of a cluster. Safe to call from
 * any thread; futures complete on {@link #context()}.
 *
 * <p>Every call ends within the time limit of the options. It fails with {@link Away} when Redis is away or silent (which tells whether Redis may
 * have got it), or with the error that Redis answered. While Redis is away calls fail at once.
 */
class Commands {
    private static final int REDIRECTS = 3;

    /** The scripts of which one call must not overtake another. */
    private static final List<Script> ORDERED = List.of(Keys.PUBLISH, RedisLedger.GIVE);

    private final Vertx vertx;
    private final Context context;
    private final RedisOptions options;
    private final Servers servers;
    private final Map<String, Link> links = Servers.byEndpoint();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private TreeMap<Integer, String> slots = new TreeMap<>();
    private @Nullable Future<Void> refreshing;
    private long refresher = -1;
    private volatile boolean up;
    private boolean closed;

    Commands(Vertx vertx, Context context, RedisOptions options, Servers servers) {
        this.vertx = vertx;
        this.context = context;
        this.options = options;
        this.servers = servers;
    }

    /** Returns the event loop on which everything here happens. */
    Context context() {
        return context;
    }

    /** Tells whether this is a Redis Cluster, where keys of one call must share a hash tag and pub/sub is sharded. */
    boolean cluster() {
        return options.getMode() == RedisOptions.Mode.CLUSTER;
    }

    /** Tells whether Redis, or some of a cluster, is connected. Any thread. */
    boolean up() {
        return up;
    }

    /** Tells whether every master that is known is connected. On the context. */
    boolean whole() {
        return !links.isEmpty()
                && owners().stream().allMatch(owner -> {
                    Link link = links.get(owner);
                    return link != null && link.up();
                });
    }

    /** Adds what is run on the context each time that a connection has been made. */
    void onUp(Runnable listener) {
        listeners.add(listener);
    }

    /** Begins to connect, and goes on for ever. */
    void start() {
        context.runOnContext(v -> {
            if (cluster()) {
                refresh();
                long every = options.getMaxReconnectDelay().toMillis();
                refresher = vertx.setPeriodic(
                        every,
                        id -> context.runOnContext(w -> {
                            if (slots.isEmpty() || links.values().stream().anyMatch(link -> !link.up())) {
                                refresh();
                            }
                        }));
            } else {
                link("");
            }
        });
    }

    private Link link(String endpoint) {
        Link known = links.get(endpoint);
        if (known != null) {
            return known;
        }
        boolean one = endpoint.isEmpty();
        boolean check = one && options.getMode() != RedisOptions.Mode.STANDALONE;
        Link link = new Link(
                vertx,
                context,
                options,
                one ? servers::master : () -> Future.succeededFuture(endpoint),
                check,
                new Link.Events() {
                    @Override
                    public void up() {
                        changed();
                        listeners.forEach(Runnable::run);
                    }

                    @Override
                    public Future<RedisConnection> greet(RedisConnection fresh) {
                        // A call that has to be sent again because its script is not known is overtaken by those
                        // that follow.
                        return Script.load(fresh, ORDERED);
                    }

                    @Override
                    public void down() {
                        changed();
                    }
                });
        links.put(endpoint, link);
        link.start();
        return link;
    }

    private void changed() {
        up = links.values().stream().anyMatch(Link::up);
    }

    /** Asks anew who has which slots of the cluster; on the context. One at a time. */
    Future<Void> refresh() {
        Future<Void> running = refreshing;
        if (running != null) {
            return running;
        }
        Set<String> known = new LinkedHashSet<>(slots.values());
        known.addAll(options.getEndpoints());
        Promise<Void> done = Promise.promise();
        refreshing = done.future();
        servers.slots(new ArrayList<>(known))
                .onComplete(result -> context.runOnContext(v -> {
                    refreshing = null;
                    if (result.failed() || closed) {
                        done.fail(new Away("The cluster does not answer.", false));
                        return;
                    }
                    slots = result.result();
                    Set<String> masters = new LinkedHashSet<>(slots.values());
                    links.entrySet().removeIf(entry -> {
                        boolean gone = !masters.contains(entry.getKey());
                        if (gone) {
                            entry.getValue().close();
                        }
                        return gone;
                    });
                    masters.forEach(this::link);
                    changed();
                    done.complete();
                }));
        return done.future();
    }

    /** Returns the master of a key's slot, an empty text when there is only one master, null when nobody is known; on the context. */
    @Nullable
    String owner(String key) {
        if (!cluster()) {
            return "";
        }
        Map.Entry<Integer, String> range = slots.floorEntry(Servers.slot(key));
        return range == null ? null : range.getValue();
    }

    /** Returns the masters that are known; on the context. */
    Set<String> owners() {
        return cluster() ? new LinkedHashSet<>(slots.values()) : Set.of("");
    }

    /**
     * Runs a script, which is loaded when Redis does not know it.
     *
     * @param keys at least one; in a cluster all of one slot
     * @param args texts and buffers
     * @return what it returned; null when that was nil
     */
    Future<@Nullable Response> eval(Script script, List<String> keys, List<?> args) {
        return on(() -> eval(script, keys, args, 0));
    }

    /** Does the same, and then waits for the replicas that the options ask for, on the same connection; too few of them is a failure. */
    Future<@Nullable Response> evalAndWait(Script script, List<String> keys, List<?> args) {
        return on(() -> eval(script, keys, args, options.getWaitReplicas()));
    }

    private Future<@Nullable Response> eval(Script script, List<String> keys, List<?> args, int replicas) {
        String key = keys.get(0);
        Supplier<Request> request = () -> {
            Request made = Request.cmd(Command.EVALSHA).arg(script.sha()).arg(keys.size());
            keys.forEach(made::arg);
            for (Object arg : args) {
                if (arg instanceof Buffer buffer) {
                    made.arg(buffer);
                } else {
                    made.arg(arg.toString());
                }
            }
            return made;
        };
        return route(key, request, replicas, 0)
                .recover(error -> Servers.error(error, "NOSCRIPT")
                        ? route(
                                        key,
                                        () -> Request.cmd(Command.SCRIPT)
                                                .arg("LOAD")
                                                .arg(script.text()),
                                        0,
                                        0)
                                .compose(loaded -> route(key, request, replicas, 0))
                        : Future.failedFuture(error));
    }

    /**
     * Sends one command.
     *
     * @param key decides who gets it in a cluster; one of its keys
     * @param request makes it, again for each attempt
     * @return the answer; null when that was nil
     */
    Future<@Nullable Response> send(String key, Supplier<Request> request) {
        return on(() -> route(key, request, 0, 0));
    }

    private <T> Future<T> on(Supplier<Future<T>> call) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(v -> call.get().onComplete(promise));
        return promise.future();
    }

    private Future<Response> route(String key, Supplier<Request> request, int replicas, int redirects) {
        String owner = owner(key);
        if (owner == null || closed) {
            return Future.failedFuture(new Away("Nobody is known who has this key.", false));
        }
        Link link = link(owner);
        Future<Response> answer = link.send(request.get());
        if (replicas > 0) {
            answer = waited(link, answer, replicas);
        }
        return answer.recover(error -> {
            if (Servers.error(error, "READONLY")) {
                link.renew("It is no longer the master.");
                return Future.failedFuture(new Away("The master has changed.", false));
            }
            if (Servers.error(error, "LOADING")
                    || Servers.error(error, "MASTERDOWN")
                    || Servers.error(error, "CLUSTERDOWN")) {
                return Future.failedFuture(new Away("Redis cannot serve yet.", false));
            }
            String other = Servers.redirect(error);
            if (other == null || redirects >= REDIRECTS) {
                return Future.failedFuture(error);
            }
            if (Servers.error(error, "ASK")) {
                Link asked = link(other);
                asked.send(Request.cmd(Command.ASKING));
                return asked.send(request.get());
            }
            return refresh().compose(done -> route(key, request, replicas, redirects + 1));
        });
    }

    private Future<Response> waited(Link link, Future<Response> answer, int replicas) {
        Future<Response> count = link.send(Request.cmd(Command.WAIT)
                .arg(replicas)
                .arg(options.getWaitReplicasTimeout().toMillis()));
        return answer.compose(response -> count.compose(got -> got.toInteger() >= replicas
                ? Future.succeededFuture(response)
                : Future.failedFuture(new Away("Too few replicas have it.", true))));
    }

    /**
     * Tells when nothing that was sent by now, to any master, can have an effect any more: then what is sent next, to whichever of them, comes after it. At once where there is one
     * connection, which keeps the order by itself.
     */
    Future<Void> settled() {
        return on(() -> cluster()
                ? Future.all(links.values().stream().map(Link::settled).toList())
                        .mapEmpty()
                : Future.succeededFuture());
    }

    /** Closes all connections; calls under way fail. */
    Future<Void> close() {
        return on(() -> {
            closed = true;
            vertx.cancelTimer(refresher);
            links.values().forEach(Link::close);
            links.clear();
            up = false;
            return Future.succeededFuture();
        });
    }
}
