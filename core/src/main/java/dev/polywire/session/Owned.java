package dev.polywire.session;

import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What this node owns, under which fence, and how it is given away. Safe for all threads. */
final class Owned {
    /** How long what a session has under way is waited for, milliseconds. */
    static final long QUIET = 2_000;

    /** How many sessions that were given away are remembered. */
    private static final int GIVEN = 100_000;

    private final Engine engine;
    private final Ledger ledger;

    /** The fences of the sessions that came from elsewhere; those opened here have 0. */
    private final Map<String, Long> fences = new ConcurrentHashMap<>();

    /** What was given away, and the fence that it got by it at the least. */
    private final Map<String, Long> given = new LinkedHashMap<>();

    Owned(Engine engine, Ledger ledger) {
        this.engine = engine;
        this.ledger = ledger;
    }

    static JsonObject question(String kind, ClientFrame.Resume claim) {
        return new JsonObject()
                .put("move", kind)
                .put("session", claim.session())
                .put("secret", claim.secret())
                .put("attach", claim.attach())
                .put("received", claim.received())
                .put("confirmed", claim.confirmed());
    }

    /** Answers a node that wants a session. */
    Future<Buffer> asked(String from, JsonObject question) {
        ClientFrame.Resume claim = new ClientFrame.Resume(
                question.getString("session"),
                question.getString("secret"),
                question.getLong("attach"),
                question.getLong("received"),
                question.getLong("confirmed"));
        LiveSession session = engine.registry().find(claim.session(), claim.secret());
        if (session == null) {
            return no(engine.registry().why(claim.session(), claim.secret(), engine.now()));
        }
        Promise<Buffer> promise = Promise.promise();
        session.loop().run(() -> {
            ErrorCode refused = session.over() ? ErrorCode.UNAVAILABLE : refused(session.check(claim));
            if (refused == ErrorCode.LOST) {
                session.end(CloseReason.LOST);
            }
            if (refused != null) {
                no(refused).onComplete(promise);
            } else if (question.getString("move").equals("prepare")) {
                prepare(session, question).onComplete(promise);
            } else {
                give(session, from, CloseReason.REPLACED)
                        .map(done -> new JsonObject().toBuffer())
                        .recover(cause -> no(ErrorCode.UNAVAILABLE))
                        .onComplete(promise);
            }
        });
        return promise.future();
    }

    private static @Nullable ErrorCode refused(SessionMachine.Verdict verdict) {
        return switch (verdict) {
            case OK -> null;
            case STALE -> ErrorCode.STALE;
            case LOST -> ErrorCode.LOST;
        };
    }

    private static Future<Buffer> no(ErrorCode code) {
        return Future.succeededFuture(new JsonObject().put("no", code.name()).toBuffer());
    }

    /** Looks at a client that wants to resume at another node; changes nothing (rules 3 and 10). */
    private Future<Buffer> prepare(LiveSession session, JsonObject question) {
        Refusal tooMany = engine.admission().attach(session);
        if (tooMany != null) {
            return no(ErrorCode.RATE_LIMITED);
        }
        String token = question.getString("token");
        Handshake who = new Handshake(
                question.getString("transport"),
                question.getString("remote"),
                "",
                MultiMap.caseInsensitiveMultiMap(),
                token,
                null,
                null);
        return engine.access()
                .again(session, token, who)
                .map(fresh -> new JsonObject()
                        .put("user", session.principal().id())
                        .put("channels", new JsonArray(List.copyOf(session.channels())))
                        .toBuffer())
                .recover(cause -> no(cause instanceof Refusal refusal ? refusal.code() : ErrorCode.UNAVAILABLE));
    }

    /**
     * Gives a session away.
     *
     * @param to the node that is to have it; null for whichever comes for it
     * @param reason what its client is told when the state is written
     * @return completes when it is written, and fails when it is not, or that is not known: then it is lost to this node all the same
     */
    Future<Void> give(LiveSession session, @Nullable String to, CloseReason reason) {
        String id = session.id();
        Promise<Freezing.@Nullable Parting> frozen = Promise.promise();
        session.loop().run(() -> {
            if (session.leaving()) {
                Freezing.freeze(session, QUIET).onComplete(frozen);
            } else {
                frozen.complete(null);
            }
        });
        return frozen.future().compose(parting -> {
            if (parting == null) {
                return Future.failedFuture(new ProtocolException(ErrorCode.UNAVAILABLE, "It is on its way elsewhere."));
            }
            Long fence = fences.remove(id);
            long before = fence == null ? 0 : fence;
            remember(id, before + 1);
            Future<Long> written = ledger.give(
                    id,
                    before,
                    to,
                    parting.state().encode(),
                    engine.options().session().grace());
            return written.onComplete(done -> session.loop()
                            .run(() ->
                                    Freezing.part(session, parting, done.succeeded() ? reason : CloseReason.TRY_LATER)))
                    .mapEmpty();
        });
    }

    private void remember(String id, long fence) {
        synchronized (given) {
            given.remove(id);
            if (given.size() >= GIVEN) {
                given.remove(given.keySet().iterator().next());
            }
            given.put(id, fence);
        }
    }

    /** Tells whether a fence is higher than that under which this node gave the session away, if it did (rule 35). */
    boolean mayTake(String id, long fence) {
        synchronized (given) {
            Long before = given.get(id);
            return before == null || fence > before;
        }
    }

    /** This node owns a session that came from elsewhere. */
    void has(String id, long fence) {
        fences.put(id, fence);
    }

    /** A session has ended here. */
    void ended(String id) {
        Long fence = fences.remove(id);
        if (fence != null) {
            ledger.end(id, fence);
        }
    }

    /** Keeps the entries of what came from elsewhere, and ends what is not this node's any more. */
    Future<Void> renew() {
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
