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
import java.util.concurrent.ThreadLocalRandom;
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

    private final Engine engine;
    private final Peers peers;
    private final Ledger ledger;
    private final Owned owned;

    /** What is on its way here: who else asks for it waits for the same. */
    private final Map<String, Future<LiveSession>> coming = new ConcurrentHashMap<>();

    Moves(Engine engine, Peers peers, Ledger ledger) {
        this.engine = engine;
        this.peers = peers;
        this.ledger = ledger;
        this.owned = new Owned(engine, ledger);
    }

    /** Returns the half that gives. */
    Owned owned() {
        return owned;
    }

    /** Makes an id that says whom to ask for the session. */
    String newId() {
        return peers.self() + '.' + Secrets.token();
    }

    /**
     * Brings a session here, without a wire and not yet resumed.
     *
     * @return fails with a {@link ProtocolException} that says why there is none, or a {@link Refusal} when that is not known now
     */
    Future<LiveSession> bring(
            ClientFrame.Resume claim, Handshake who, @Nullable String token, ContextInternal context) {
        Promise<LiveSession> promise = Promise.promise();
        Future<LiveSession> before = coming.putIfAbsent(claim.session(), promise.future());
        if (before != null) {
            // The attach numbers decide which of the two gets it. The secret is looked at again, for it may be
            // another's.
            return before.compose(session -> Secrets.same(session.secret(), claim.secret())
                    ? Future.succeededFuture(session)
                    : Future.failedFuture(none(ErrorCode.UNKNOWN)));
        }
        Future<LiveSession> found;
        try {
            found = find(claim, who, token, context);
        } catch (RuntimeException e) {
            found = Future.failedFuture(e);
        }
        found.recover(cause -> Future.failedFuture(told(cause))).onComplete(result -> {
            coming.remove(claim.session());
            promise.handle(result);
        });
        return promise.future();
    }

    private static Throwable told(Throwable cause) {
        boolean passing = !(cause instanceof Refusal)
                && !(cause instanceof ProtocolException known && known.code() != ErrorCode.UNAVAILABLE);
        if (passing) {
            LOG.info("session_not_brought cause={}", cause.toString());
        }
        return passing ? later() : cause;
    }

    /** The client comes again soon, here or elsewhere: nothing is decided yet. */
    static Refusal later() {
        long millis = 500 + ThreadLocalRandom.current().nextLong(1_500);
        return new Refusal(
                ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "The session cannot be reached now.", millis, -1, null);
    }

    private static ProtocolException none(ErrorCode why) {
        return new ProtocolException(why, "There is no such session.");
    }

    private Future<LiveSession> find(
            ClientFrame.Resume claim, Handshake who, @Nullable String token, ContextInternal context) {
        String id = claim.session();
        return ledger.find(id).compose(entry -> {
            if (entry == null) {
                int dot = id.indexOf('.');
                String named = dot < 0 ? "" : id.substring(0, dot);
                // What this node never gave away and does not have, it does not have any more.
                return dot < 0 || named.equals(peers.self())
                        ? Future.failedFuture(none(ErrorCode.UNKNOWN))
                        : ask(named, 0, claim, who, token, context);
            }
            String owner = entry.owner();
            if (entry.ended()) {
                return Future.failedFuture(none(ErrorCode.LOST));
            }
            if (entry.waits() && (owner == null || owner.equals(peers.self()))) {
                return take(claim, who, context, null);
            }
            if (owner == null || owner.equals(peers.self())) {
                return Future.failedFuture(none(ErrorCode.UNKNOWN));
            }
            return ask(owner, entry.fence(), claim, who, token, context);
        });
    }

    private Future<LiveSession> ask(
            String owner,
            long fence,
            ClientFrame.Resume claim,
            Handshake who,
            @Nullable String token,
            ContextInternal context) {
        JsonObject question = Owned.question("prepare", claim)
                .put("token", token)
                .put("transport", who.transport())
                .put("remote", who.remoteAddress());
        return peers.ask(owner, question.toBuffer(), PREPARE)
                .recover(cause -> silent(cause, claim.session(), fence))
                .compose(answer -> {
                    JsonObject prepared = answer.toJsonObject();
                    String no = prepared.getString("no");
                    return no == null
                            ? prepared(owner, claim, who, context, prepared)
                            : Future.failedFuture(refusal(no));
                });
    }

    /** Nobody goes on with what a dead node had: it is fenced, and the client told (rule 38). */
    private <T> Future<T> silent(Throwable cause, String id, long fence) {
        if (cause instanceof ProtocolException known && known.code() == ErrorCode.LOST) {
            return ledger.end(id, fence).compose(done -> Future.failedFuture(done ? none(ErrorCode.LOST) : later()));
        }
        return Future.failedFuture(cause);
    }

    private static Throwable refusal(String no) {
        ErrorCode code = ErrorCode.valueOf(no);
        return switch (code) {
            case STALE -> new Refusal(code, CloseReason.STALE, "The attach number is not greater than the last one.");
            case UNAUTHENTICATED -> Access.unauthenticated();
            case FORBIDDEN -> new Refusal(code, CloseReason.FORBIDDEN, "May not connect.");
            case UNAVAILABLE, RATE_LIMITED -> later();
            default -> none(code);
        };
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
                .<Buffer>compose(
                        held -> peers.ask(owner, Owned.question("give", claim).toBuffer(), GIVE))
                .transform(answer -> {
                    if (answer.failed() && holding.stream().anyMatch(Future::failed)) {
                        return Future.<LiveSession>failedFuture(answer.cause());
                    }
                    String no =
                            answer.succeeded() ? answer.result().toJsonObject().getString("no") : null;
                    // Without an answer it may have been given: the ledger knows.
                    return no == null ? take(claim, who, context, tab) : Future.failedFuture(refusal(no));
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
        return ledger.take(id).compose(taken -> {
            if (taken == null || !owned.mayTake(id, taken.fence())) {
                return Future.failedFuture(later());
            }
            Frozen state;
            try {
                state = Frozen.decode(taken.state(), engine.versions()::codecFor);
            } catch (IllegalArgumentException e) {
                LOG.warn("session_unreadable session={}", id, e);
                return ledger.end(id, taken.fence()).transform(end -> Future.failedFuture(none(ErrorCode.LOST)));
            }
            Tab tab = counted;
            Throwable no = Secrets.same(state.who().secret(), claim.secret()) ? null : none(ErrorCode.UNKNOWN);
            if (no == null && tab == null) {
                try {
                    tab = engine.admission().enter(who, state.who().principal());
                } catch (Refusal tooMany) {
                    no = tooMany;
                }
            }
            if (no != null || tab == null) {
                // It waits on for who has its secret, or finds room.
                Throwable why = no == null ? later() : no;
                return ledger.give(
                                id,
                                taken.fence(),
                                null,
                                taken.state(),
                                engine.options().session().grace())
                        .transform(back -> Future.failedFuture(why));
            }
            return thaw(state, taken.fence(), tab, context);
        });
    }

    private Future<LiveSession> thaw(Frozen state, long fence, Tab tab, ContextInternal context) {
        EventLoop loop = engine.loopOf(context);
        Promise<LiveSession> promise = Promise.promise();
        loop.run(() -> Freezing.thaw(engine, loop, state, tab).onComplete(made -> {
            LiveSession session = made.result();
            if (session.over()) {
                // It has more to tell than it has room for.
                owned.has(session.id(), fence);
                owned.ended(session.id());
                promise.fail(none(ErrorCode.SLOW_CONSUMER));
                return;
            }
            owned.has(session.id(), fence);
            if (!engine.registry().opened(session, engine.options().limits().sessions())) {
                owned.give(session, null, CloseReason.TRY_LATER).onComplete(done -> promise.fail(Admission.full()));
                return;
            }
            session.goOn();
            promise.complete(session);
        }));
        return promise.future();
    }
}
