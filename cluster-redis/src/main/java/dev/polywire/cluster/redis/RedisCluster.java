package dev.polywire.cluster.redis;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Peers;
import dev.polywire.spi.PresenceStore;
import dev.polywire.spi.Quota;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.ext.healthchecks.Status;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node of several behind one Redis. One object for one engine and one life: it joins once and leaves once. Safe to call from any thread.
 *
 * <p>Whoever can read and write Redis under the prefix of the options is trusted as a node.
 */
public final class RedisCluster implements Cluster {
    private static final Logger LOG = LoggerFactory.getLogger(RedisCluster.class);

    private final RedisOptions options;
    private final NodeOptions nodeOptions;
    private final LateBroker broker = new LateBroker();
    private final RedisPresence presence = new RedisPresence();
    private final RedisPeers peers = new RedisPeers();
    private final RedisLedger ledger = new RedisLedger(presence::given);
    private final RedisQuota quota = new RedisQuota();
    private volatile @Nullable Running running;
    private @Nullable Future<Void> leaving;

    /** What runs once the node has joined. */
    record Running(Vertx vertx, Commands commands, Listening listening, Lease lease, Sweep sweep, Health health) {}

    /**
     * Creates a node with the default options for nodes.
     *
     * @param options where Redis is; copied
     */
    public RedisCluster(RedisOptions options) {
        this(options, new NodeOptions());
    }

    /**
     * Creates a node.
     *
     * @param options where Redis is; copied
     * @param nodeOptions how nodes know of each other; copied
     */
    public RedisCluster(RedisOptions options, NodeOptions nodeOptions) {
        check(options, nodeOptions);
        this.options = new RedisOptions(options);
        this.nodeOptions = new NodeOptions(nodeOptions);
    }

    private static void check(RedisOptions options, NodeOptions nodeOptions) {
        if (nodeOptions.getLease().compareTo(options.getCallTimeout()) <= 0) {
            throw new IllegalArgumentException(
                    "lease must be longer than callTimeout, or one slow call to Redis ends it.");
        }
        if (options.getWaitReplicas() > 0
                && options.getWaitReplicasTimeout().compareTo(options.getCallTimeout()) >= 0) {
            throw new IllegalArgumentException(
                    "waitReplicasTimeout must be below callTimeout, or waiting for replicas ends the connection.");
        }
    }

    @Override
    public Future<Void> join(Vertx vertx) {
        if (running != null) {
            throw new IllegalStateException("A node joins once.");
        }
        Context context = ((VertxInternal) vertx).createEventLoopContext();
        Servers servers = new Servers(vertx, options);
        Commands commands = new Commands(vertx, context, options, servers);
        Listening listening = new Listening(vertx, commands, options, servers);
        RedisBroker real = new RedisBroker(vertx, commands, listening, options);
        NodeKeys keys = new NodeKeys(commands, options, nodeOptions);
        Lease lease = new Lease(vertx, commands, keys, nodeOptions, peers.first(), new LeaseEvents());
        Sweep sweep = new Sweep(keys, new PresenceKeys(commands, options));
        Health health = new Health(commands, real::whole, listening, lease::held, options);
        running = new Running(vertx, commands, listening, lease, sweep, health);
        ledger.start(vertx, commands, options, lease, real::settled);
        quota.start(commands, options, nodeOptions, keys, lease);
        presence.start(commands, listening, options, keys, lease);
        broker.is(real);
        Promise<Void> joined = Promise.promise();
        context.runOnContext(v -> {
            long patience = options.getConnectTimeout().toMillis()
                    + 3 * options.getCallTimeout().toMillis();
            commands.start();
            listening.start();
            real.start();
            Future<Void> hears = peers.start(vertx, commands, listening, keys, lease);
            long soon = System.nanoTime()
                    + TimeUnit.MILLISECONDS.toNanos(options.getConnectTimeout().toMillis());
            connected(vertx, context, real::whole, soon)
                    .compose(connected -> Future.join(hears, lease.start()))
                    .timeout(patience, TimeUnit.MILLISECONDS)
                    .<Void>mapEmpty()
                    .recover(error -> {
                        String trouble = real.trouble();
                        ProtocolException refusal = refusal(error, trouble == null ? lease.trouble() : trouble);
                        return left(this::end).transform(ended -> Future.failedFuture(refusal));
                    })
                    .onComplete(joined);
        });
        return joined.future();
    }

    /** Tells whoever runs the node why, which clients are not to know. */
    private static ProtocolException refusal(Throwable error, @Nullable String trouble) {
        return trouble == null
                ? Away.unavailable(error)
                : new ProtocolException(ErrorCode.UNAVAILABLE, "Redis cannot be used: " + trouble, null, 1000);
    }

    /** Waits until every server is connected, or for so long: one of a cluster's may be away. */
    private static Future<Void> connected(Vertx vertx, Context context, BooleanSupplier whole, long until) {
        if (whole.getAsBoolean() || System.nanoTime() - until > 0) {
            return Future.succeededFuture();
        }
        Promise<Void> promise = Promise.promise();
        vertx.setTimer(
                20,
                id -> context.runOnContext(
                        v -> connected(vertx, context, whole, until).onComplete(promise)));
        return promise.future();
    }

    private final class LeaseEvents implements Lease.Events {
        @Override
        public void forgotten() {
            presence.rooms().restore();
            quota.forgotten();
        }

        @Override
        public void buried(String before) {
            presence.rooms().buried();
            peers.buried(before);
            quota.forgotten();
        }

        @Override
        public void clean(String dead) {
            Running now = running();
            LOG.info("Node {} is dead; its members leave.", dead);
            now.sweep.clean(dead).onComplete(result -> {
                now.lease.cleaned(dead);
                if (result.failed()) {
                    LOG.warn("Members of the dead node {} could not be removed yet.", dead);
                }
            });
        }

        @Override
        public void renewed() {
            presence.rooms().tick();
        }
    }

    private Running running() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("This node has not joined.");
        }
        return now;
    }

    @Override
    public Broker broker() {
        return broker;
    }

    @Override
    public PresenceStore presence() {
        return presence;
    }

    @Override
    public Peers peers() {
        return peers;
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public Quota quota() {
        return quota;
    }

    /**
     * Tells whether messages arrive: what this node publishes to itself comes back. For health checks.
     *
     * @return not OK when it does not come back, or has not yet; never fails
     */
    public Future<Status> ready() {
        return running().health.ready();
    }

    /**
     * Tells whether this node works by itself, with Redis or without. For health checks.
     *
     * @return not OK when its event loop is stuck; never fails
     */
    public Future<Status> alive() {
        return running().health.alive();
    }

    /** For tests: dies as a process does, without a word. */
    Future<Void> kill() {
        return left(this::end);
    }

    /** For tests. */
    Running parts() {
        return running();
    }

    @Override
    public Future<Void> leave() {
        Running now = running;
        if (now == null) {
            return Future.succeededFuture();
        }
        return left(() -> {
            Promise<Void> promise = Promise.promise();
            now.commands
                    .context()
                    .runOnContext(v -> part(now)
                            .timeout(3 * options.getCallTimeout().toMillis(), TimeUnit.MILLISECONDS)
                            .onFailure(error -> LOG.warn("Could not leave in order: the other nodes will clean up."))
                            .transform(done -> end())
                            .onComplete(promise));
            return promise.future();
        });
    }

    /** Ends in one way, once: however often it leaves, and whether or not it had joined. */
    private synchronized Future<Void> left(Supplier<Future<Void>> how) {
        Future<Void> before = leaving;
        if (before == null) {
            before = how.get();
            leaving = before;
        }
        return before;
    }

    private Future<Void> part(Running now) {
        String self = now.lease.self();
        long given = presence.rooms().givenFor();
        now.lease.stop();
        if (given > 0) {
            // Members of sessions that wait for their next node stay until that has them, or nobody came in time: then
            // they are
            // removed as those of a dead node.
            return presence.rooms().leaveAll().transform(left -> now.lease.part(given));
        }
        return now.lease.part(0).compose(buried -> now.sweep.clean(self));
    }

    private Future<Void> end() {
        Running now = running();
        Promise<Void> promise = Promise.promise();
        now.commands.context().runOnContext(v -> {
            now.lease.stop();
            peers.stop();
            ledger.stop();
            broker.close()
                    .transform(done -> presence.close())
                    .transform(done -> now.listening.close())
                    .transform(done -> now.commands.close())
                    .onComplete(promise);
        });
        return promise.future();
    }

    /** The broker, which there is only once there is a Vert.x. */
    private static final class LateBroker implements Broker {
        private @Nullable Listener listener;
        private @Nullable RedisBroker real;

        synchronized void is(RedisBroker made) {
            real = made;
            if (listener != null) {
                made.listen(listener);
            }
        }

        private synchronized RedisBroker real() {
            RedisBroker now = real;
            if (now == null) {
                throw new IllegalStateException("This node has not joined.");
            }
            return now;
        }

        @Override
        public synchronized void listen(Listener hears) {
            listener = hears;
            if (real != null) {
                real.listen(hears);
            }
        }

        @Override
        public Future<@Nullable Position> subscribe(String channel, Keep keep) {
            return real().subscribe(channel, keep);
        }

        @Override
        public Future<Void> unsubscribe(String channel) {
            return real().unsubscribe(channel);
        }

        @Override
        public Future<Receipt> publish(Publication publication) {
            return real().publish(publication);
        }

        @Override
        public Future<Slice> read(String channel, Keep keep, @Nullable Position since, int limit, boolean reverse) {
            return real().read(channel, keep, since, limit, reverse);
        }

        @Override
        public Future<Void> close() {
            return real().close();
        }
    }
}
