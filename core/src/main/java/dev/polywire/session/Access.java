package dev.polywire.session;

import dev.polywire.Authenticator;
import dev.polywire.Authorizer;
import dev.polywire.Authorizer.Action;
import dev.polywire.Principal;
import dev.polywire.SubscriptionTokens;
import dev.polywire.auth.ChannelTokens;
import dev.polywire.channel.Faults;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who may come in and what they may do: calls the application's rules and fails closed. */
final class Access {
    private static final Logger LOG = LoggerFactory.getLogger(Access.class);

    /** How long a rule of the application may take. */
    private static final long PATIENCE = 10;

    /** For how long a session is believed to be what it was, milliseconds. */
    private static final long FRESH = 60_000;

    private static final Future<Boolean> YES = Future.succeededFuture(true);
    private static final Future<Boolean> NO = Future.succeededFuture(false);

    private final Engine engine;
    private final @Nullable Authenticator authenticator;
    private final Authorizer authorizer;
    private final @Nullable SubscriptionTokens tokens;
    private final ChannelGate gate;

    Access(
            Engine engine,
            @Nullable Authenticator authenticator,
            Authorizer authorizer,
            @Nullable SubscriptionTokens tokens) {
        this.engine = engine;
        this.authenticator = authenticator;
        this.authorizer = authorizer;
        this.tokens = tokens;
        this.gate = new ChannelGate(engine.options());
    }

    /** Returns what the options say about channels. */
    ChannelGate gate() {
        return gate;
    }

    /** Finds out who it is; fails with a {@link Refusal}. */
    Future<Principal> authenticate(@Nullable String token, Handshake who) {
        if (authenticator == null) {
            return Future.succeededFuture(Principal.ANONYMOUS);
        }
        Future<Principal> answer;
        try {
            answer = Tickets.is(token) ? redeem(token) : asked(authenticator, token, who);
        } catch (Throwable e) {
            Faults.contain(e);
            answer = Future.failedFuture(e);
        }
        if (!answer.isComplete()) {
            answer = answer.timeout(PATIENCE, TimeUnit.SECONDS);
        }
        return answer.transform(result -> {
            Principal principal = result.result();
            if (result.succeeded() && principal != null && !expired(principal) && !isForChannel(principal)) {
                return Future.succeededFuture(principal);
            }
            if (token == null && who.user() == null && engine.options().allowAnonymous()) {
                return Future.succeededFuture(Principal.ANONYMOUS);
            }
            engine.counters().refusedAuthentication();
            LOG.info(
                    "authentication_refused transport={} remote={} cause={}",
                    who.transport(),
                    who.remoteAddress(),
                    result.failed() ? result.cause().getClass().getSimpleName() : "expired");
            return Future.failedFuture(told(result.cause()));
        });
    }

    /** Who may read one channel, and shows it by a token, does not come in with that: the two may be signed with one key. */
    private boolean isForChannel(Principal principal) {
        return tokens != null && principal.claims().containsKey(ChannelTokens.CHANNEL);
    }

    private static Future<Principal> asked(Authenticator authenticator, @Nullable String token, Handshake who) {
        return Objects.requireNonNull(authenticator.authenticate(token, who), "the authenticator's answer");
    }

    private Future<Principal> redeem(@Nullable String ticket) {
        return ticket == null
                ? Future.failedFuture("no such ticket")
                : engine.ticketOffice().redeem(ticket);
    }

    /** Tells of a refusal no more than that it is one, but for what the client can do something about. */
    private static Refusal told(@Nullable Throwable cause) {
        if (cause instanceof ProtocolException known) {
            if (known.code() == ErrorCode.INVALID_TOKEN) {
                return new Refusal(known.code(), CloseReason.INVALID_TOKEN, "The token cannot be read.");
            }
            if (known.code() == ErrorCode.UNAVAILABLE) {
                long later = Math.max(1000, known.retryAfter());
                return new Refusal(
                        known.code(), CloseReason.TRY_LATER, "Nobody can be told apart now.", later, -1, null);
            }
        }
        return unauthenticated();
    }

    /** Looks at the credentials of a request before there is a connection, when they must come with it; uses up no ticket. */
    Future<Void> atHandshake(Handshake who) {
        String token = who.token();
        if (!engine.options().auth().requireHandshakeToken()) {
            return Future.succeededFuture();
        }
        if (token != null && Tickets.is(token)) {
            return engine.ticketOffice()
                    .holder(token)
                    .<Void>mapEmpty()
                    .recover(cause -> Future.failedFuture(told(cause)));
        }
        return authenticate(token, who).mapEmpty();
    }

    /** Finds out who wants a ticket; nobody in particular gets none, nor does who only has one. */
    Future<Principal> known(Handshake who) {
        return Tickets.is(who.token())
                ? Future.failedFuture(unauthenticated())
                : authenticate(who.token(), who)
                        .compose(principal -> principal.id() == null
                                ? Future.failedFuture(unauthenticated())
                                : Future.succeededFuture(principal));
    }

    static Refusal unauthenticated() {
        return new Refusal(
                ErrorCode.UNAUTHENTICATED, CloseReason.UNAUTHENTICATED, "Credentials are missing, refused or expired.");
    }

    private static Refusal revoked() {
        return new Refusal(ErrorCode.FORBIDDEN, CloseReason.FORBIDDEN, "Access has been revoked.");
    }

    private static boolean expired(Principal principal) {
        Instant end = principal.expiresAt();
        return end != null && !Instant.now().isBefore(end);
    }

    /** Looks into the options and asks the authoriser; never fails. */
    Future<Boolean> allowed(Principal principal, Action action, String target) {
        if (!gate.permits(principal, action, target)) {
            return NO;
        }
        if (authorizer == Authorizer.ALLOW_ALL) {
            return YES;
        }
        return yes(() -> authorizer.authorize(principal, action, target), action.name(), target);
    }

    /** Looks at a token for a single channel; never fails. */
    Future<Boolean> shown(Principal principal, String channel, @Nullable String token) {
        SubscriptionTokens verifier = tokens;
        return token == null || verifier == null
                ? NO
                : yes(() -> verifier.verify(principal, channel, token), "TOKEN", channel);
    }

    /** Asks the application; everything but a clear yes in time is a no. */
    private static Future<Boolean> yes(Supplier<Future<Boolean>> question, String action, String target) {
        Future<Boolean> answer;
        try {
            answer = Objects.requireNonNull(question.get(), "the authoriser's answer");
        } catch (Throwable e) {
            Faults.contain(e);
            answer = Future.failedFuture(e);
        }
        if (!answer.isComplete()) {
            answer = answer.timeout(PATIENCE, TimeUnit.SECONDS);
        }
        return answer.transform(result -> {
            if (result.failed()) {
                LOG.warn("authorizer failed action={} target={}", action, Logged.line(target), result.cause());
            }
            return Boolean.TRUE.equals(result.result()) ? YES : NO;
        });
    }

    /** Finds out who it is, and whether they may come in; fails with a {@link Refusal}. */
    Future<Principal> admit(@Nullable String token, Handshake who, @Nullable String nonce) {
        Future<Principal> known = authenticate(token, who);
        return known.succeeded()
                ? connect(known.result(), who.transport(), nonce)
                : known.compose(principal -> connect(principal, who.transport(), nonce));
    }

    /** Fails with a {@link Refusal} unless somebody may open, resume or refresh a session, or read without one. */
    Future<Principal> connect(Principal principal, String transport, @Nullable String nonce) {
        if (engine.revocations().cover(principal, nonce)) {
            return Future.failedFuture(revoked());
        }
        Future<Boolean> verdict = allowed(principal, Action.CONNECT, transport);
        if (verdict == YES) {
            return Future.succeededFuture(principal);
        }
        return verdict.compose(yes -> yes
                ? Future.succeededFuture(principal)
                : Future.failedFuture(new Refusal(ErrorCode.FORBIDDEN, CloseReason.FORBIDDEN, "May not connect.")));
    }

    /**
     * Ends a session that was revoked while it was looked at, when the registry did not have it yet, or it not its new token. On its loop.
     *
     * @return whether it did
     */
    boolean expel(LiveSession session) {
        boolean revoked = engine.revocations().cover(session);
        if (revoked) {
            session.end(CloseReason.DISCONNECTED);
        }
        return revoked;
    }

    /**
     * Looks again at who resumes a session and what it may read (rule 11); changes nothing.
     *
     * @return the principal and the channels that are denied to it now; fails with a {@link Refusal}
     */
    Future<Fresh> again(LiveSession session, @Nullable String token, Handshake who) {
        Fresh believed = believed(session, token, who);
        if (believed != null) {
            return Future.succeededFuture(believed);
        }
        if (engine.revocations().cover(session)) {
            return Future.failedFuture(revoked());
        }
        boolean old = isOld(session);
        boolean changed = isNew(session, token);
        Principal known = session.principal();
        boolean over = session.expired();
        if (over && !changed && who.user() == null) {
            return Future.failedFuture(unauthenticated());
        }
        boolean credentials = changed || who.user() != null || (old && token != null);
        Future<Principal> principal = credentials ? authenticate(token, who) : Future.succeededFuture(known);
        return principal.compose(now -> {
            if (!Objects.equals(now.id(), known.id())) {
                return Future.failedFuture(
                        new Refusal(ErrorCode.FORBIDDEN, CloseReason.FORBIDDEN, "The session is somebody else's."));
            }
            Principal newer = !over && lastsLonger(known, now) ? known : now;
            return connect(newer, who.transport(), session.client()).compose(ok -> denied(session, newer));
        });
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
                : new Fresh(session.principal(), List.of(), false);
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

    private Future<Fresh> denied(LiveSession session, Principal principal) {
        List<Future<Boolean>> answers = new ArrayList<>();
        List<String> channels = new ArrayList<>(session.channels());
        for (String channel : channels) {
            answers.add(allowed(principal, Action.SUBSCRIBE, channel));
        }
        return Future.join(answers).map(all -> {
            List<String> denied = new ArrayList<>();
            for (int i = 0; i < channels.size(); i++) {
                if (!Boolean.TRUE.equals(answers.get(i).result())) {
                    denied.add(channels.get(i));
                }
            }
            return new Fresh(principal, denied, true);
        });
    }

    /** Replaces a session's token in its lifetime; on the session's loop. */
    Future<Void> refresh(LiveSession session, String token) {
        Handshake who =
                new Handshake(session.transport(), "", "", MultiMap.caseInsensitiveMultiMap(), token, null, null);
        return authenticate(token, who)
                .compose(now -> Objects.equals(now.id(), session.principal().id())
                        ? connect(now, session.transport(), session.client()).compose(ok -> denied(session, now))
                        : Future.failedFuture(
                                new ProtocolException(ErrorCode.FORBIDDEN, "The token is somebody else's.")))
                .transform(result -> {
                    if (result.failed()) {
                        Throwable cause = result.cause();
                        return Future.failedFuture(
                                cause instanceof Refusal refusal
                                        ? new ProtocolException(
                                                refusal.code(),
                                                String.valueOf(refusal.getMessage()),
                                                null,
                                                refusal.retryAfter())
                                        : cause);
                    }
                    session.loop().run(() -> {
                        session.authorized(result.result().principal(), token);
                        expel(session);
                        result.result().denied().forEach(session.memberships()::deny);
                    });
                    return Future.succeededFuture();
                });
    }

    /**
     * What a second look found.
     *
     * @param principal who it is
     * @param denied the channels it may no longer read
     * @param checked whether anybody was asked
     */
    record Fresh(Principal principal, List<String> denied, boolean checked) {}
}
