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

/** Ends what goes on under a user, a token or a session on this node. Safe for all threads. */
final class Expulsion {
    private final Engine engine;

    Expulsion(Engine engine) {
        this.engine = engine;
    }

    /** Ends a user's sessions; completes with how many there were. */
    Future<Integer> disconnect(String user, CloseReason reason) {
        List<Future<Void>> ending = new ArrayList<>();
        for (Session session : engine.registry().ofUser(user)) {
            ending.add(session.close(reason));
        }
        return Future.join(ending).map(ended -> ending.size());
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
