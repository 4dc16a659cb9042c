package dev.polywire.cluster.redis;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way to Redis for ordinary commands: one long-lived pipelined connection to the master, or to each master of a cluster. Safe to call from
 * any thread; futures complete on {@link #context()}.
 *
 * <p>Every call ends within the time limit of the options: with {@link Away} when Redis is away or silent (which tells whether Redis may have got it; at once
 * while it is away), or with the error that Redis answered.
 */
class Commands {
    private static final int REDIRECTS = 3;

    /** How long the keys of a slot that moves are left alone before they are asked for again, milliseconds. */
    private static final long PAUSE = 25;

    private final Vertx vertx;
    private final Context context;
    private final RedisOptions options;
    private final Servers servers;
    private final Map<String, Link> links = Servers.byEndpoint();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Set<Script> prepared = new CopyOnWriteArraySet<>();
    private TreeMap<Integer, String> slots = new TreeMap<>();
    private @Nullable Future<Void> refreshing;
    private long refresher = -1;
    private volatile boolean up;

    /** Why nobody could tell which masters a cluster has. */
    private @Nullable String unknown;

    private boolean closed;

    Commands(Vertx vertx, Context context, RedisOptions options, Servers servers) {
        this.vertx = vertx;
        this.context = context;
        this.options = options;
        this.servers = servers;
    }

    /** Makes another way to the same Redis, with connections of its own, on the same event loop. */
    Commands another() {
        return new Commands(vertx, context, options, servers);
    }

    /**
     * Has a script loaded over each connection before anything else. Otherwise calls that find it missing are made again, and a later one that does not find
     * it missing any more comes before them. For connections that are yet to be made.
     */
    void prepare(Script script) {
        prepared.add(script);
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

    /** Returns why a master that is known is not connected, or null; on the context. */
    @Nullable
    String trouble() {
        return links.isEmpty()
                ? unknown
                : links.values().stream()
                        .filter(link -> !link.up())
                        .map(Link::trouble)
                        .filter(Objects::nonNull)
                        .findAny()
                        .orElse(null);
    }

    /** Returns where the commands of an owner go; null when that is not known. On the context. */
    @Nullable
    String endpoint(String owner) {
        Link link = links.get(owner);
        return link == null || !link.up() ? null : link.endpoint();
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
                Link link = link("");
                if (options.getMode() == RedisOptions.Mode.SENTINEL) {
                    // A master that died may be back, as a master still, before its sentinels say who follows it.
                    refresher = vertx.setPeriodic(
                            options.getMaxReconnectDelay().toMillis(), id -> context.runOnContext(w -> compare(link)));
                }
            }
        });
    }

    private void compare(Link link) {
        String there = link.up() ? link.endpoint() : null;
        if (there != null) {
            servers.master()
                    .onSuccess(master -> context.runOnContext(v -> {
                        if (link.up() && there.equals(link.endpoint()) && !link.goes(master)) {
                            link.renew("Another server is the master, or was.");
                        }
                    }));
        }
    }

    private Link link(String endpoint) {
        Link known = links.get(endpoint);
        if (known != null) {
            return known;
        }
        boolean one = endpoint.isEmpty();
        boolean check = one && options.getMode() != RedisOptions.Mode.STANDALONE;
        Events events = new Events();
        Link link = new Link(vertx, context, options, one ? servers::master : Servers.at(endpoint), check, events);
        events.link = link;
        links.put(endpoint, link);
        link.start();
        return link;
    }

    private final class Events implements Link.Events {
        private @Nullable Link link;

        @Override
        public void up() {
            Link made = link;
            if (made != null) {
                prepared.forEach(script -> made.urge(load(script)));
            }
            changed();
            listeners.forEach(Runnable::run);
        }

        @Override
        public void down() {
            changed();
        }
    }

    private static Request load(Script script) {
        return Request.cmd(Command.SCRIPT).arg("LOAD").arg(script.text());
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
                    if (result.failed()) {
                        unknown = Servers.reason(result.cause());
                    }
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
        Function<Link, Request> request = request(script, keys, args);
        return on(() -> route(keys.get(0), request, false, 0)
                .recover(error -> Servers.error(error, "NOSCRIPT")
                        ? load(script, keys.get(0)).compose(loaded -> route(keys.get(0), request, false, 0))
                        : Future.failedFuture(error)));
    }

    /**
     * Does the same once, for a caller who keeps an order: what Redis wants to be sent anew fails with {@link Again} instead of coming after later calls. On the context.
     *
     * @param wait whether to wait for the replicas that the options ask for, which holds up what else goes over the connection; too few of them is a failure
     * @param next whether it may still go to the master that it is to ask this once: not when an earlier one has to be sent anew
     */
    Future<@Nullable Response> evalOnce(
            Script script, List<String> keys, List<?> args, boolean wait, BooleanSupplier next) {
        return route(keys.get(0), request(script, keys, args), wait, REDIRECTS, next)
                .recover(error -> {
                    if (Servers.error(error, "NOSCRIPT")) {
                        return Future.failedFuture(Again.forgotten(load(script, keys.get(0))));
                    }
                    if (Servers.error(error, "MOVED")) {
                        return Future.failedFuture(new Again("Another master has the key.", refresh()));
                    }
                    return Future.failedFuture(
                            Servers.error(error, "TRYAGAIN")
                                    ? new Again("Its keys are on their way to another master.", soon())
                                    : error);
                });
    }

    private Future<?> soon() {
        return vertx.timer(PAUSE, TimeUnit.MILLISECONDS);
    }

    private Future<Response> load(Script script, String key) {
        return route(key, link -> load(script), false, 0);
    }

    private static Function<Link, Request> request(Script script, List<String> keys, List<?> args) {
        return link -> {
            Request made = Request.cmd(Command.EVALSHA).arg(script.sha()).arg(keys.size());
            keys.forEach(made::arg);
            for (Object arg : args) {
                if (arg instanceof Buffer buffer) {
                    made.arg(buffer);
                } else {
                    made.arg(arg.toString());
                }
            }
            return script.run() ? made.arg(link.run()) : made;
        };
    }

    /**
     * Sends one command.
     *
     * @param key decides who gets it in a cluster; one of its keys
     * @param request makes it, again for each attempt
     * @return the answer; null when that was nil
     */
    Future<@Nullable Response> send(String key, Supplier<Request> request) {
        return on(() -> route(key, link -> request.get(), false, 0));
    }

    private <T> Future<T> on(Supplier<Future<T>> call) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(v -> call.get().onComplete(promise));
        return promise.future();
    }

    private Future<Response> route(String key, Function<Link, Request> request, boolean wait, int redirects) {
        return route(key, request, wait, redirects, () -> true);
    }

    private Future<Response> route(
            String key, Function<Link, Request> request, boolean wait, int redirects, BooleanSupplier next) {
        String owner = owner(key);
        if (owner == null || closed) {
            return Future.failedFuture(new Away("Nobody is known who has this key.", false));
        }
        Link link = link(owner);
        return send(link, request, wait).recover(error -> {
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
            if (other != null && Servers.error(error, "ASK")) {
                Link asked = link(other);
                if (!asked.up()) {
                    return Future.failedFuture(new Again("Its keys are on their way to another master.", soon()));
                }
                if (!next.getAsBoolean()) {
                    return Future.failedFuture(
                            new Again("An earlier one has gone after its keys.", Future.succeededFuture()));
                }
                asked.send(Request.cmd(Command.ASKING));
                return send(asked, request, wait);
            }
            if (other == null || redirects >= REDIRECTS) {
                return Future.failedFuture(error);
            }
            return refresh().compose(done -> route(key, request, wait, redirects + 1));
        });
    }

    private static Future<Response> send(Link link, Function<Link, Request> request, boolean wait) {
        Future<Response> answer = link.send(request.apply(link));
        if (!wait || answer.failed()) {
            return answer;
        }
        Future<Void> reached = link.replicas().reached();
        return answer.compose(response -> reached.map(done -> response));
    }

    /** Tells when nothing that was sent by now, to any master, can have an effect any more: then what is sent next, over whichever connection, comes after it. */
    Future<Void> settled() {
        return on(() ->
                Future.all(links.values().stream().map(Link::settled).toList()).mapEmpty());
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
