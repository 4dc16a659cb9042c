package dev.polywire.session;

import dev.polywire.Principal;
import dev.polywire.channel.Holding;
import dev.polywire.limit.Tab;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Peers;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings sessions of other nodes here. Before the owner gives one away, every failure leaves it where it is; after that its state
 * waits in the ledger for whoever its client reaches next (rules 35 and 37). Safe for all threads.
 */
final class Moves {
    private static final Logger LOG = LoggerFactory.getLogger(Moves.class);

    /** How long the owner may take to look at a claim, milliseconds. */
    static final long PREPARE = 3_000;

    /** How long the owner may take to give, which includes {@link Owned#QUIET}. */
    static final long GIVE = 5_000;

    /** How long a client waits for its session, milliseconds; the session comes all the same, and waits here for it. */
    static final long PATIENCE = 10_000;

    /** How many sessions may be on their way here at a time. */
    private static final int MOST = 10_000;

    private final Engine engine;
    private final Peers peers;
    private final Ledger ledger;
    private final Whereabouts whereabouts;
    private final Owned owned;

    /** What is on its way here: who else asks for it waits for the same. */
    private final Map<String, Coming> coming = new ConcurrentHashMap<>();

    private record Coming(String secret, Future<LiveSession> session) {}

    Moves(Engine engine, Peers peers, Ledger ledger, Whereabouts whereabouts) {
        this.engine = engine;
        this.peers = peers;
        this.ledger = ledger;
        this.whereabouts = whereabouts;
        this.owned = new Owned(engine, ledger);
    }

    /** Returns the half that gives. */
    Owned owned() {
        return owned;
    }

    /** Tells whether a session is about to come here, or to go. */
    boolean onItsWay(String id) {
        return coming.containsKey(id) || owned.gives(id);
    }

    /**
     * Brings a session here, without a wire and not yet resumed: for a stream.
     *
     * @return fails with a {@link Refusal}, whose reason is {@link CloseReason#EXPIRED} when there is no such session
     */
    Future<LiveSession> bring(
            ClientFrame.Resume claim, Handshake who, @Nullable String token, ContextInternal context) {
        return once(claim, () -> {
            Buffer question = RelayFrames.write(new RelayFrames.Prepare(Relay.told(who, token, claim), claim));
            return whereabouts
                    .ask(claim.session(), claim.secret(), question, PREPARE)
                    .transform(heard -> {
                        if (heard.failed()) {
                            return heard.cause() == Whereabouts.WAITS
                                    ? take(claim, who, context, null)
                                    : Future.failedFuture(heard.cause());
                        }
                        return heard.result().answer() instanceof RelayFrames.Told told
                                ? prepared(heard.result().node(), claim, who, context, told.what())
                                : Future.failedFuture(Nodes.later());
                    });
        });
    }

    /** Brings a session here that waits for whoever comes: for a poll. Fails like {@link #bring}. */
    Future<LiveSession> take(ClientFrame.Resume claim, Handshake who, ContextInternal context) {
        return once(claim, () -> take(claim, who, context, null));
    }

    private Future<LiveSession> once(ClientFrame.Resume claim, Supplier<Future<LiveSession>> attempt) {
        return come(claim, attempt)
                .timeout(PATIENCE, TimeUnit.MILLISECONDS)
                .recover(cause -> Future.failedFuture(told(cause)));
    }

    private Future<LiveSession> come(ClientFrame.Resume claim, Supplier<Future<LiveSession>> attempt) {
        if (coming.size() >= MOST) {
            return Future.failedFuture(Nodes.later());
        }
        Promise<LiveSession> promise = Promise.promise();
        Coming before = coming.putIfAbsent(claim.session(), new Coming(claim.secret(), promise.future()));
        if (before != null) {
            // The attach numbers decide which of the two gets it. Of two secrets only one can be right, and which one
            // is not known yet.
            return Secrets.same(before.secret(), claim.secret())
                    ? before.session()
                    : Future.failedFuture(Nodes.later());
        }
        Future<LiveSession> found;
        try {
            LiveSession here = engine.registry().find(claim.session(), claim.secret());
            found = here == null ? attempt.get() : Future.succeededFuture(here);
        } catch (RuntimeException e) {
            found = Future.failedFuture(e);
        }
        found.onComplete(result -> {
            coming.remove(claim.session());
            promise.handle(result);
        });
        return promise.future();
    }

    private static Throwable told(Throwable cause) {
        if (cause instanceof Refusal) {
            return cause;
        }
        LOG.info("session_not_brought cause={}", cause.toString());
        return Nodes.later();
    }

    private Future<LiveSession> prepared(
            String owner, ClientFrame.Resume claim, Handshake who, ContextInternal context, JsonObject prepared) {
        // Fails before anything has happened when there are too many here.
        Tab tab = engine.admission().enter(who, new Principal(prepared.getString("user"), new JsonObject(), null));
        JsonArray channels = prepared.getJsonArray("channels");
        List<Future<Holding>> holding = new ArrayList<>(channels.size());
        for (Object channel : channels) {
            holding.add(engine.hub().hold((String) channel));
        }
        return Future.join(holding)
                .<Buffer>compose(held -> peers.ask(owner, RelayFrames.write(new RelayFrames.Give(claim)), GIVE))
                .transform(answer -> {
                    if (answer.failed() && holding.stream().anyMatch(Future::failed)) {
                        return Future.<LiveSession>failedFuture(answer.cause());
                    }
                    // Without an answer it may have been given: the ledger knows.
                    if (answer.succeeded() && RelayFrames.answer(answer.result()) instanceof RelayFrames.Refused no) {
                        // It was there a moment ago: it has gone on with somebody who was faster.
                        return Future.failedFuture(no.why().code() == ErrorCode.UNKNOWN ? Nodes.later() : no.why());
                    }
                    return take(claim, who, context, tab);
                })
                .onComplete(done -> {
                    holding.stream()
                            .filter(Future::succeeded)
                            .forEach(one -> one.result().release());
                    if (done.failed()) {
                        tab.leave();
                    }
                });
    }

    private Future<LiveSession> take(
            ClientFrame.Resume claim, Handshake who, ContextInternal context, @Nullable Tab counted) {
        String id = claim.session();
        return ledger.take(id, Secrets.hash(claim.secret()))
                .recover(Moves::wrong)
                .compose(taken -> {
                    if (taken == null || !owned.mayTake(id, taken.fence())) {
                        return Future.failedFuture(Nodes.later());
                    }
                    Frozen state;
                    try {
                        state = Frozen.decode(taken.state(), engine.versions()::codecFor);
                    } catch (IllegalArgumentException e) {
                        LOG.warn("session_unreadable session={}", id, e);
                        return ledger.end(id, taken.fence(), ErrorCode.LOST)
                                .transform(end -> Future.failedFuture(Whereabouts.none(ErrorCode.LOST)));
                    }
                    Tab tab = counted;
                    if (tab == null) {
                        try {
                            tab = engine.admission().enter(who, state.who().principal());
                        } catch (Refusal tooMany) {
                            // It waits on, until its client finds room.
                            return ledger.give(
                                            id,
                                            taken.fence(),
                                            Secrets.hash(claim.secret()),
                                            null,
                                            taken.state(),
                                            engine.options().session().grace())
                                    .transform(back -> Future.failedFuture(tooMany));
                        }
                    }
                    return thaw(state, taken.fence(), tab, context);
                });
    }

    /** It waits on for who has its secret. */
    private static <T> Future<T> wrong(Throwable cause) {
        return Future.failedFuture(
                cause instanceof ProtocolException no && no.code() == ErrorCode.UNKNOWN
                        ? Whereabouts.none(ErrorCode.UNKNOWN)
                        : cause);
    }

    private Future<LiveSession> thaw(Frozen state, long fence, Tab tab, ContextInternal context) {
        EventLoop loop = engine.loopOf(context);
        Promise<LiveSession> promise = Promise.promise();
        loop.run(() -> Freezing.thaw(engine, loop, state, tab).onComplete(made -> {
            LiveSession session = made.result();
            if (session.over()) {
                // It has more to tell than it has room for.
                owned.has(session.id(), fence);
                owned.ended(session.id(), ErrorCode.SLOW_CONSUMER);
                promise.fail(Whereabouts.none(ErrorCode.SLOW_CONSUMER));
                return;
            }
            owned.has(session.id(), fence);
            Refusal no = engine.draining()
                    ? Nodes.later()
                    : engine.registry()
                                    .opened(session, engine.options().limits().sessions())
                            ? null
                            : Admission.full();
            if (engine.expulsion().overtook(session, state)) {
                promise.fail(Whereabouts.none(ErrorCode.DISCONNECTED));
                return;
            }
            if (no != null) {
                owned.give(session, null, CloseReason.TRY_LATER).onComplete(done -> promise.fail(no));
                return;
            }
            session.goOn();
            promise.complete(session);
        }));
        return promise.future();
    }
}
