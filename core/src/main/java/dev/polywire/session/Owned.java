package dev.polywire.session;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What this node owns, under which fence, and how it is given away. Safe for all threads. */
final class Owned {
    /** How long what a session has under way is waited for, milliseconds. */
    static final long QUIET = 2_000;

    /** How long it may take to write a session before its client, and whoever has asked for it, are told to try later, milliseconds; it is gone on with all the same. */
    private static final long WRITING = 5_000;

    /** How many sessions that were given away are remembered. */
    private static final int GIVEN = 100_000;

    /** How long whoever has a session may take to write so again when the ledger was emptied, milliseconds; longer than {@link Nodes} takes to renew. */
    private static final long WRITTEN = 15_000;

    /** What is asked for again after so long, is asked for anew, milliseconds. */
    private static final long ANEW = 60_000;

    private final Engine engine;
    private final Ledger ledger;

    /** The fences of the sessions that came from elsewhere; those opened here have 0. */
    private final Map<String, Long> fences = new ConcurrentHashMap<>();

    /** What is being given away: it is not here any more, and the ledger may not know yet. */
    private final Set<String> giving = ConcurrentHashMap.newKeySet();

    /** What was given away, and the fence that it got by it at the least. */
    private final Map<String, Given> given = new LinkedHashMap<>();

    /** Under which fence it was given, and when it was first asked for here and last, because nobody else seemed to have it. */
    private record Given(long fence, long first, long last) {}

    Owned(Engine engine, Ledger ledger) {
        this.engine = engine;
        this.ledger = ledger;
    }

    /** Looks at a client that wants to resume at another node; changes nothing (rules 3 and 10). */
    Future<Buffer> prepare(RelayFrames.Prepare question) {
        return with(question.claim(), session -> prepare(session, question.who()));
    }

    /** Gives a session to the node that asks for it. */
    Future<Buffer> give(String from, RelayFrames.Give question) {
        return with(
                question.claim(),
                session -> give(session, from, CloseReason.REPLACED)
                        .map(given -> RelayFrames.write(new RelayFrames.Done(true))));
    }

    /** Does something with a session on its loop when the claim is good; what fails is answered, too. */
    private Future<Buffer> with(ClientFrame.Resume claim, Function<LiveSession, Future<Buffer>> what) {
        LiveSession session = engine.registry().find(claim.session(), claim.secret());
        if (session == null) {
            ErrorCode why = engine.registry().why(claim.session(), claim.secret(), engine.now());
            Moves moves = engine.moves();
            if (why != ErrorCode.UNKNOWN) {
                return no(Whereabouts.none(why));
            }
            return no(moves != null && moves.onItsWay(claim.session()) ? Nodes.later() : nothing(claim.session()));
        }
        Promise<Buffer> promise = Promise.promise();
        session.loop().run(() -> {
            Refusal refused = session.over() ? Nodes.later() : refused(session.check(claim));
            if (refused != null && refused.code() == ErrorCode.LOST) {
                session.end(CloseReason.LOST);
            }
            (refused == null ? what.apply(session) : Future.<Buffer>failedFuture(refused))
                    .recover(Owned::no)
                    .onComplete(promise);
        });
        return promise.future();
    }

    private static @Nullable Refusal refused(SessionMachine.Verdict verdict) {
        return switch (verdict) {
            case OK -> null;
            case STALE ->
                new Refusal(ErrorCode.STALE, CloseReason.STALE, "The attach number is not greater than the last one.");
            case LOST -> Whereabouts.none(ErrorCode.LOST);
        };
    }

    private static Future<Buffer> no(Throwable cause) {
        Refusal refusal = cause instanceof Refusal known ? known : Nodes.later();
        return Future.succeededFuture(RelayFrames.write(new RelayFrames.Refused(refusal)));
    }

    private Future<Buffer> prepare(LiveSession session, Handshake who) {
        Refusal tooMany = engine.admission().attach(session);
        if (tooMany != null) {
            return Future.failedFuture(tooMany);
        }
        return engine.access()
                .second()
                .again(session, who.token(), who, false)
                .map(fresh -> RelayFrames.write(new RelayFrames.Told(new JsonObject()
                        .put("user", session.principal().id())
                        .put("channels", new JsonArray(List.copyOf(session.channels()))))));
    }

    /**
     * Gives a session away. Until it is known what came of it, whoever asks for it is told to try later.
     *
     * @param to the node that is to have it; null for whichever comes for it
     * @param reason what its client is told when the state is written
     * @return completes when it is written and its client told so, and fails when it is not, or that is not known in time: then it is lost to this node all the same
     */
    Future<Void> give(LiveSession session, @Nullable String to, CloseReason reason) {
        String id = session.id();
        if (!giving.add(id)) {
            return Future.failedFuture(Nodes.later());
        }
        Promise<Freezing.@Nullable Parting> frozen = Promise.promise();
        session.loop().run(() -> {
            if (session.leaving()) {
                Freezing.freeze(session, QUIET).onComplete(frozen);
            } else {
                frozen.complete(null);
            }
        });
        return frozen.future().transform(done -> {
            Freezing.Parting parting = done.result();
            if (parting == null) {
                giving.remove(id);
                return Future.failedFuture(Nodes.later());
            }
            Future<Long> written = write(session, to, parting.state());
            written.onComplete(known -> giving.remove(id));
            return part(session, parting, written, reason);
        });
    }

    private Future<Long> write(LiveSession session, @Nullable String to, Frozen state) {
        String id = session.id();
        Long fence = fences.remove(id);
        long before = fence == null ? 0 : fence;
        remember(id, before + 1);
        return ledger.give(
                id,
                before,
                Secrets.hash(session.secret()),
                to,
                state.encode(),
                engine.options().session().grace());
    }

    /** Closes the connection when the state is written, or when that takes too long for its client to wait. */
    private static Future<Void> part(
            LiveSession session, Freezing.Parting parting, Future<Long> written, CloseReason reason) {
        Promise<Void> parted = Promise.promise();
        session.loop().run(() -> {
            TimerWheel.Timer late = session.loop().after(WRITING, () -> {
                if (parted.tryFail(Nodes.later())) {
                    Freezing.part(session, parting, CloseReason.TRY_LATER);
                }
            });
            written.onComplete(done -> session.loop().run(() -> {
                late.cancel();
                if (!parted.future().isComplete()) {
                    Freezing.part(session, parting, done.succeeded() ? reason : CloseReason.TRY_LATER);
                    parted.handle(done.mapEmpty());
                }
            }));
        });
        return parted.future();
    }

    /** Tells whether a session is being given away. */
    boolean gives(String id) {
        return giving.contains(id);
    }

    private void remember(String id, long fence) {
        synchronized (given) {
            given.remove(id);
            if (given.size() >= GIVEN) {
                given.remove(given.keySet().iterator().next());
            }
            given.put(id, new Given(fence, -1, -1));
        }
    }

    /** Tells whether a fence is higher than that under which this node gave the session away, if it did (rule 35). */
    boolean mayTake(String id, long fence) {
        synchronized (given) {
            Given before = given.get(id);
            return before == null || fence > before.fence();
        }
    }

    /**
     * Says that a session is not here, and whether it is elsewhere for certain: then that the ledger has no entry does not mean that there is no such session, for a while.
     */
    Refusal nothing(String id) {
        long now = engine.now();
        synchronized (given) {
            Given before = given.get(id);
            if (before == null) {
                return Whereabouts.none(ErrorCode.UNKNOWN);
            }
            long first = before.first() < 0 || now - before.last() > ANEW ? now : before.first();
            given.put(id, new Given(before.fence(), first, now));
            return now - first < WRITTEN ? Whereabouts.gone() : Whereabouts.none(ErrorCode.UNKNOWN);
        }
    }

    /** This node owns a session that came from elsewhere. */
    void has(String id, long fence) {
        fences.put(id, fence);
    }

    /** A session has ended here. */
    void ended(String id, ErrorCode why) {
        Long fence = fences.remove(id);
        if (fence != null) {
            ledger.end(id, fence, why);
        }
    }

    /** Keeps the entries of what came from elsewhere, and ends what is not this node's any more. */
    Future<Void> renew() {
        if (fences.isEmpty()) {
            return Future.succeededFuture();
        }
        return ledger.renew(new ArrayList<>(fences.keySet()))
                .onSuccess(lost -> lost.forEach(id -> {
                    fences.remove(id);
                    LiveSession session = engine.registry().get(id);
                    if (session != null) {
                        session.close(CloseReason.LOST);
                    }
                }))
                .mapEmpty();
    }
}
