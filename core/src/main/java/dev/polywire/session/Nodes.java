package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Cluster;
import dev.polywire.spi.Peers;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This node among the others: joins them, names sessions so that everybody knows whom to ask for them, and hears the others' questions. Safe for all threads. */
final class Nodes implements Peers.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Nodes.class);

    /** How often the others are told about this node, milliseconds. */
    private static final long TELL = 5_000;

    /** How often limits look at what they share, milliseconds. */
    private static final long LOOK = 1_000;

    /** How often the ledger hears of the sessions that came from elsewhere, milliseconds. */
    private static final long RENEW = 10_000;

    /** How long leaving may take, milliseconds. */
    private static final long LEAVING = 5_000;

    private final Engine engine;
    private final Vertx vertx;
    private final Cluster cluster;
    private final Peers peers;
    private final Relay relay;
    private final Relayed relayed;
    private final Moves moves;
    private final Elsewhere elsewhere;
    private final Everywhere everywhere;
    private final Promise<Void> ready = Promise.promise();
    private volatile boolean joined;
    private @Nullable Runnable silence;
    /** Completes when this node is among the others, whether or not it may serve yet; null before it goes there. */
    private @Nullable Future<Void> in;

    private @Nullable Future<Void> out;
    private boolean over;

    Nodes(Engine engine, Gateway gateway, Cluster cluster, Vertx vertx) {
        this.engine = engine;
        this.vertx = vertx;
        this.cluster = cluster;
        this.peers = cluster.peers();
        Whereabouts whereabouts = new Whereabouts(engine, peers, cluster.ledger());
        this.relay = new Relay(peers, whereabouts);
        this.moves = new Moves(engine, peers, cluster.ledger(), whereabouts);
        this.relayed = new Relayed(engine, gateway, peers);
        this.elsewhere = new Elsewhere(engine, gateway, this);
        this.everywhere = new Everywhere(engine, peers, vertx);
        peers.listen(this);
    }

    /** Joins the others; once. A node that has come in and cannot serve all the same goes out again, and one that is closed meanwhile does. */
    void join() {
        Future<Void> entered;
        synchronized (this) {
            entered = over ? Future.failedFuture("It is closed.") : cluster.join(vertx);
            in = entered;
        }
        entered.compose(done -> everywhere.learn())
                .compose(learned -> begin())
                .recover(cause -> {
                    LOG.warn("not joined", cause);
                    return leave().transform(gone -> Future.failedFuture(cause));
                })
                .onComplete(ready);
    }

    private synchronized Future<Void> begin() {
        if (over) {
            return Future.failedFuture("It was closed while it joined.");
        }
        joined = true;
        peers.describe(engine.facts());
        // All sessions are looked at, which is nothing for an event loop.
        long timer = vertx.setPeriodic(
                TELL, tick -> vertx.executeBlocking(engine::facts).onSuccess(peers::describe));
        long renewal = vertx.setPeriodic(
                RENEW, tick -> moves.owned().renew().onFailure(cause -> LOG.debug("not renewed", cause)));
        long limits = vertx.setPeriodic(
                LOOK,
                tick -> vertx.executeBlocking(() -> {
                    engine.admission().shared().tick();
                    return null;
                }));
        silence = () -> {
            vertx.cancelTimer(timer);
            vertx.cancelTimer(limits);
            vertx.cancelTimer(renewal);
        };
        LOG.info("joined node={}", peers.self());
        return Future.succeededFuture();
    }

    /** Completes when this node may serve. */
    Future<Void> ready() {
        return ready.future();
    }

    boolean joined() {
        return joined;
    }

    String self() {
        return peers.self();
    }

    /** Makes an id that says whom to ask for the session. */
    String newId() {
        return peers.self() + '.' + Secrets.token();
    }

    /** Refuses what cannot be done now, and may be soon, here or at another node: nothing was consumed. */
    static Refusal later() {
        long millis = ThreadLocalRandom.current().nextLong(500, 2_001);
        return new Refusal(
                ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "The session cannot be reached now.", millis, -1, null);
    }

    Future<List<Peers.Node>> list() {
        peers.describe(engine.facts());
        return peers.nodes();
    }

    Relay relay() {
        return relay;
    }

    Relayed relayed() {
        return relayed;
    }

    Moves moves() {
        return moves;
    }

    Elsewhere elsewhere() {
        return elsewhere;
    }

    Everywhere everywhere() {
        return everywhere;
    }

    @Override
    public Future<Buffer> asked(String from, Buffer bytes) {
        RelayFrames.Question question;
        try {
            question = RelayFrames.question(bytes);
        } catch (RuntimeException e) {
            LOG.warn("not understood node={} cause={}", from, e.toString());
            return Future.failedFuture(e);
        }
        if (question instanceof RelayFrames.Attach attach) {
            return relayed.attach(from, attach);
        } else if (question instanceof RelayFrames.Post post) {
            return relayed.post(post);
        } else if (question instanceof RelayFrames.Closed closed) {
            return done(relayed.closed(from, closed));
        } else if (question instanceof RelayFrames.Frames frames) {
            return done(relay.frames(frames));
        } else if (question instanceof RelayFrames.Close close) {
            return done(relay.close(close));
        } else if (question instanceof RelayFrames.Prepare prepare) {
            return moves.owned().prepare(prepare);
        } else if (question instanceof RelayFrames.Give give) {
            return moves.owned().give(from, give);
        } else if (question instanceof RelayFrames.Admin admin) {
            return everywhere.asked(admin.what()).map(answer -> RelayFrames.write(new RelayFrames.Told(answer)));
        }
        return Future.failedFuture("nobody knows what that means");
    }

    private static Future<Buffer> done(Future<Boolean> well) {
        return well.map(yes -> RelayFrames.write(new RelayFrames.Done(yes)));
    }

    @Override
    public void told(String from, Buffer message) {
        // All that is said wants an answer.
        LOG.debug("not understood node={}", from);
    }

    @Override
    public void buried(String name) {
        LOG.warn("buried node={} now={}", name, peers.self());
        String mine = peers.self() + '.';
        for (LiveSession session : engine.registry().all()) {
            if (!session.id().startsWith(mine)) {
                session.close(CloseReason.LOST);
            }
        }
        everywhere
                .learn()
                .onFailure(cause ->
                        LOG.warn("Revocations of other nodes may be unknown here until they are repeated", cause));
    }

    /** Leaves the others, whose sessions go on without this node; also when it is only about to be one of them. */
    Future<Void> leave() {
        return out().timeout(LEAVING, TimeUnit.MILLISECONDS).otherwiseEmpty();
    }

    private synchronized Future<Void> out() {
        over = true;
        joined = false;
        Runnable timer = silence;
        if (timer != null) {
            silence = null;
            timer.run();
        }
        Future<Void> before = in;
        Future<Void> going = out;
        if (going == null) {
            // Also when that comes too late for whoever waits for this.
            going = before == null
                    ? Future.succeededFuture()
                    : before.transform(done -> done.succeeded() ? cluster.leave() : Future.succeededFuture());
            out = going;
        }
        return going;
    }
}
