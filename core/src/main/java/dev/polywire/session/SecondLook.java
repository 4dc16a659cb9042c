package dev.polywire.session;

import dev.polywire.Authorizer.Action;
import dev.polywire.Principal;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Looks again at who has a session, and what they may do in it, when it is resumed or gets new credentials. */
final class SecondLook {
    /** For how long a session is believed to be what it was, milliseconds. */
    private static final long FRESH = 60_000;

    /** How often a second look is taken again, because the session got other credentials meanwhile. */
    private static final int TRIES = 3;

    private final Engine engine;
    private final Access access;

    SecondLook(Engine engine, Access access) {
        this.engine = engine;
        this.access = access;
    }

    /**
     * Looks again at who resumes a session and what it may read (rule 11); changes nothing.
     *
     * @param goesOn whether it is no more than the next poll, as {@link #goesOn} tells
     * @return the principal and the channels that are denied to it now; fails with a {@link Refusal}
     */
    Future<Fresh> again(LiveSession session, @Nullable String token, Handshake who, boolean goesOn) {
        Fresh believed = believed(session, token, who);
        if (believed != null) {
            return Future.succeededFuture(believed);
        }
        if (engine.revocations().cover(session)) {
            return Future.failedFuture(Access.revoked());
        }
        boolean changed = isNew(session, token);
        boolean over = session.expired();
        if (over && !changed && who.user() == null) {
            return Future.failedFuture(Access.unauthenticated());
        }
        // A ticket has opened the session and is used up: to show it again is to show nothing new.
        boolean used = Tickets.is(token) && !changed;
        boolean known = session.principal().id() != null;
        if (who.user() == null && (used || (token == null && (goesOn || !known)))) {
            return settle(session, null, who.transport(), !over);
        }
        return access.authenticate(used ? null : token, who)
                .compose(shown -> known && shown.id() == null && token == null && who.user() == null
                        // The secret alone opens nothing for long.
                        ? Future.failedFuture(Access.unauthenticated())
                        : settle(session, shown, who.transport(), !over));
    }

    /**
     * Looks at what somebody may do in a session who is known already; changes nothing.
     *
     * @param shown who it is by the credentials that were shown; null when none were, so that it is who it was
     * @param longer whether credentials that last longer than those stay
     */
    private Future<Fresh> settle(LiveSession session, @Nullable Principal shown, String transport, boolean longer) {
        Principal seen = session.principal();
        if (shown != null && !Objects.equals(shown.id(), seen.id())) {
            return Future.failedFuture(
                    new Refusal(ErrorCode.FORBIDDEN, CloseReason.FORBIDDEN, "The session is somebody else's."));
        }
        Principal now = shown == null || (longer && lastsLonger(seen, shown)) ? seen : shown;
        return access.connect(now, transport, session.client())
                .compose(ok -> denied(session, now))
                .map(denied -> new Fresh(now, denied, true, seen, shown));
    }

    /**
     * Ends a second look on the session's loop. When the session got other credentials meanwhile, what was found is about those
     * before, and is looked at again, a few times.
     */
    Future<Fresh> settled(LiveSession session, Future<Fresh> look, String transport) {
        return settled(session, look, transport, TRIES);
    }

    private Future<Fresh> settled(LiveSession session, Future<Fresh> look, String transport, int tries) {
        Promise<Fresh> promise = Promise.promise();
        look.onComplete(done -> session.loop().run(() -> {
            Fresh fresh = done.result();
            if (done.failed() || !fresh.checked() || fresh.seen() == session.principal() || session.over()) {
                promise.handle(done);
            } else if (tries == 0) {
                promise.fail(Access.later(1000));
            } else {
                settled(session, settle(session, fresh.shown(), transport, !session.expired()), transport, tries - 1)
                        .onComplete(promise);
            }
        }));
        return promise.future();
    }

    /** Returns what is believed of who resumes a session without asking anybody; null when somebody must be asked, or it is refused. */
    @Nullable
    Fresh believed(LiveSession session, @Nullable String token, Handshake who) {
        return isOld(session)
                        || isNew(session, token)
                        || who.user() != null
                        || session.expired()
                        || engine.revocations().cover(session)
                ? null
                : new Fresh(session.principal(), List.of(), false, session.principal(), null);
    }

    /**
     * Tells whether an attach is no more than the next poll of a client that has shown who it is when it began to poll. Nothing is
     * asked of it but the secret, because polls need not bring a token. Who has only the secret does not get there from another wire.
     */
    static boolean goesOn(LiveSession session, Wire wire, boolean bare) {
        return bare && !wire.streams() && session.proven() && wire.transport().equals(session.transport());
    }

    private static boolean isOld(LiveSession session) {
        return session.loop().now() - session.authorizedAt() > FRESH;
    }

    private static boolean isNew(LiveSession session, @Nullable String token) {
        return token != null && !token.equals(session.token());
    }

    /** A request that was on its way when its session got new credentials still brings the old ones. */
    private static boolean lastsLonger(Principal known, Principal shown) {
        Instant end = known.expiresAt();
        Instant other = shown.expiresAt();
        return end != null && other != null && other.isBefore(end);
    }

    private Future<List<String>> denied(LiveSession session, Principal principal) {
        List<Future<Boolean>> answers = new ArrayList<>();
        List<String> channels = new ArrayList<>(session.channels());
        for (String channel : channels) {
            answers.add(access.allowed(principal, Action.SUBSCRIBE, channel));
        }
        return Future.join(answers).map(all -> {
            List<String> denied = new ArrayList<>();
            for (int i = 0; i < channels.size(); i++) {
                if (!Boolean.TRUE.equals(answers.get(i).result())) {
                    denied.add(channels.get(i));
                }
            }
            return denied;
        });
    }

    /** Replaces a session's token in its lifetime; on the session's loop. A ticket is none: it opens a connection. */
    Future<Void> refresh(LiveSession session, String token) {
        Handshake who =
                new Handshake(session.transport(), "", "", MultiMap.caseInsensitiveMultiMap(), token, null, null);
        Future<Fresh> look = Tickets.is(token)
                ? Future.failedFuture(Access.unauthenticated())
                : access.authenticate(token, who).compose(shown -> settle(session, shown, who.transport(), false));
        return settled(session, look, who.transport()).transform(result -> {
            if (result.succeeded()) {
                Fresh fresh = result.result();
                if (!session.over()) {
                    session.authorized(fresh.principal(), token);
                    access.expel(session);
                    fresh.denied().forEach(session.memberships()::deny);
                }
                return Future.succeededFuture();
            }
            Throwable cause = result.cause();
            return Future.failedFuture(
                    cause instanceof Refusal refusal
                            ? new ProtocolException(
                                    refusal.code(), String.valueOf(refusal.getMessage()), null, refusal.retryAfter())
                            : cause);
        });
    }

    /**
     * What a second look found.
     *
     * @param principal who it is
     * @param denied the channels it may no longer read
     * @param checked whether anybody was asked
     * @param seen who it was when this was looked at
     * @param shown who it is by the credentials that were shown, if any were
     */
    record Fresh(
            Principal principal,
            List<String> denied,
            boolean checked,
            Principal seen,
            @Nullable Principal shown) {}

    /** Tells whether a resume came with more than the secret: a token that is the session's or was looked at, or the server's own means. */
    static boolean proves(Fresh fresh, @Nullable String token, Handshake who) {
        return token != null || who.user() != null || fresh.shown() != null;
    }
}
