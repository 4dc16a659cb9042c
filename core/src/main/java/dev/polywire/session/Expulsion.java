package dev.polywire.session;

import dev.polywire.Revocation;
import dev.polywire.Session;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends what goes on under a user, a token or a session on this node, or comes here. Safe for all threads. */
final class Expulsion {
    /** For how long after the last moment at which a session could be parked it can still come, because it was on its way then, milliseconds. */
    private static final long ON_THE_WAY = 60_000;

    private final Engine engine;
    private final DisconnectMarks marks;

    Expulsion(Engine engine) {
        this.engine = engine;
        this.marks = new DisconnectMarks(engine::now, engine::wallClock);
    }

    /** Returns who was disconnected of late. */
    DisconnectMarks marks() {
        return marks;
    }

    /**
     * Ends a user's sessions, and has those end that are parked or between two nodes when they come here.
     *
     * @param at what tells this disconnect from others, by {@link DisconnectMarks#next}
     * @return completes with how many there were here; fails when those that are to come will not be found
     */
    Future<Integer> disconnect(String user, CloseReason reason, long at) {
        // First: who comes in meanwhile finds the mark, or is found.
        boolean kept = engine.nodes() == null
                || marks.add(user, at, engine.options().session().grace().toMillis() + ON_THE_WAY);
        List<Future<Void>> ending = new ArrayList<>();
        for (Session session : engine.registry().ofUser(user)) {
            ending.add(session.close(reason));
        }
        return Future.join(ending)
                .compose(ended -> kept
                        ? Future.succeededFuture(ending.size())
                        : Future.failedFuture(new ProtocolException(
                                ErrorCode.UNAVAILABLE, "Too many users were disconnected of late.")));
    }

    /** Names the client of a session that is here, which goes with it; null when the session is not here, or another thing is meant. */
    @Nullable
    String client(Revocation what) {
        LiveSession one = one(what);
        return one == null ? null : Revocations.client(one);
    }

    private @Nullable LiveSession one(Revocation what) {
        return what instanceof Revocation.OneSession session ? engine.registry().get(session.id()) : null;
    }

    /**
     * Ends a session from another node that should have ended with those of its user while it was parked or on its way. On its loop, when others can find it.
     *
     * @return whether it did
     */
    boolean overtook(LiveSession session, Frozen state) {
        boolean meant = marks.meant(session.principal().id(), state.frozenAt(), state.spared());
        if (meant) {
            session.end(CloseReason.DISCONNECTED);
        }
        return meant;
    }

    /**
     * Keeps a revocation, and ends what it means.
     *
     * @param client the client of the session that is meant, as {@link #client} names it
     * @return completes with how many sessions and bare reads there were; fails when the revocation is not kept
     */
    Future<Integer> revoke(Revocation what, @Nullable String client, long millis) {
        LiveSession one = one(what);
        // First, so that nobody comes in behind those that are ended now.
        boolean kept = engine.revocations().add(what, client, millis);
        List<Future<Void>> ending = new ArrayList<>();
        for (LiveSession session : engine.registry().all()) {
            if (session == one || Revocations.meant(what, session.principal())) {
                ending.add(session.close(CloseReason.DISCONNECTED));
            }
        }
        int readers = engine.readers().cut(principal -> Revocations.meant(what, principal));
        return Future.join(ending)
                .compose(ended -> kept
                        ? Future.succeededFuture(ending.size() + readers)
                        : Future.failedFuture(
                                new ProtocolException(ErrorCode.UNAVAILABLE, "Too many revocations are kept.")));
    }
}
