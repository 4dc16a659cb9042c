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
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who may come in and what they may do: calls the application's rules and fails closed. */
final class Access {
    private static final Logger LOG = LoggerFactory.getLogger(Access.class);

    /** How long, in milliseconds, a rule of the application may take once a client is in. */
    private static final long PATIENCE = 10_000;

    private static final Future<Boolean> YES = Future.succeededFuture(true);
    private static final Future<Boolean> NO = Future.succeededFuture(false);

    private final Engine engine;
    private final @Nullable Authenticator authenticator;
    private final Authorizer authorizer;
    private final @Nullable SubscriptionTokens tokens;
    private final ChannelGate gate;
    private final SecondLook second;

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
        this.second = new SecondLook(engine, this);
    }

    /** Returns what the options say about channels. */
    ChannelGate gate() {
        return gate;
    }

    /** Returns who looks again at who has a session. */
    SecondLook second() {
        return second;
    }

    /** Finds out who it is; fails with a {@link Refusal}. */
    Future<Principal> authenticate(@Nullable String token, Handshake who) {
        if (authenticator == null) {
            return Future.succeededFuture(Principal.ANONYMOUS);
        }
        Principal known = who.known();
        if (known != null && Objects.equals(token, who.token()) && !expired(known)) {
            return Future.succeededFuture(known);
        }
        Future<Principal> answer;
        try {
            answer = Tickets.is(token) ? redeem(token) : asked(authenticator, token, who);
        } catch (Throwable e) {
            Faults.contain(e);
            answer = Future.failedFuture(e);
        }
        if (!answer.isComplete()) {
            answer = answer.timeout(atTheDoor(), TimeUnit.MILLISECONDS);
        }
        return answer.transform(result -> {
            Principal principal = result.result();
            if (result.succeeded() && principal != null && !expired(principal) && !isForChannel(principal)) {
                return Future.succeededFuture(principal);
            }
            Refusal refusal = told(result.cause());
            if (token == null
                    && who.user() == null
                    && engine.options().allowAnonymous()
                    && refusal.code() == ErrorCode.UNAUTHENTICATED) {
                return Future.succeededFuture(Principal.ANONYMOUS);
            }
            engine.counters().refusedAuthentication();
            LOG.info(
                    "authentication_refused transport={} remote={} cause={}",
                    who.transport(),
                    who.remoteAddress(),
                    result.failed() ? result.cause().getClass().getSimpleName() : "expired");
            return Future.failedFuture(refusal);
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
                return later(Math.max(1000, known.retryAfter()));
            }
        }
        // Who did not answer in time has not decided.
        return cause instanceof TimeoutException ? later(1000) : unauthenticated();
    }

    static Refusal later(long millis) {
        return new Refusal(
                ErrorCode.UNAVAILABLE, CloseReason.TRY_LATER, "Nobody can be told apart now.", millis, -1, null);
    }

    /** Looks at the credentials of a request before there is a connection, when they must come with it; uses up no ticket. */
    Future<Handshake> atHandshake(Handshake who) {
        String token = who.token();
        if (!engine.options().auth().requireHandshakeToken()) {
            return Future.succeededFuture(who);
        }
        if (token != null && Tickets.is(token)) {
            return engine.ticketOffice()
                    .holder(token)
                    .recover(cause -> Future.failedFuture(told(cause)))
                    .compose(holder -> connect(holder, who.transport(), null).map(who));
        }
        return admit(token, who, null).map(who::known);
    }

    /** Finds out who wants a ticket; nobody in particular gets none, nor does who only has one, or may not connect. */
    Future<Principal> known(Handshake who) {
        return Tickets.is(who.token())
                ? Future.failedFuture(unauthenticated())
                : authenticate(who.token(), who)
                        .compose(principal -> principal.id() == null
                                ? Future.failedFuture(unauthenticated())
                                : connect(principal, who.transport(), null));
    }

    static Refusal unauthenticated() {
        return new Refusal(
                ErrorCode.UNAUTHENTICATED, CloseReason.UNAUTHENTICATED, "Credentials are missing, refused or expired.");
    }

    static Refusal revoked() {
        return new Refusal(ErrorCode.FORBIDDEN, CloseReason.FORBIDDEN, "Access has been revoked.");
    }

    private static boolean expired(Principal principal) {
        Instant end = principal.expiresAt();
        return end != null && !Instant.now().isBefore(end);
    }

    /** Returns how long, in milliseconds, a rule of the application may let somebody wait who is not in yet, and holds a socket. */
    private long atTheDoor() {
        return engine.options().session().helloTimeout().toMillis();
    }

    /** Looks into the options and asks the authoriser; never fails. */
    Future<Boolean> allowed(Principal principal, Action action, String target) {
        if (!gate.permits(principal, action, target)) {
            return NO;
        }
        if (authorizer == Authorizer.ALLOW_ALL) {
            return YES;
        }
        return yes(() -> authorizer.authorize(principal, action, target), action, target);
    }

    /** Looks at a token for a single channel; never fails. */
    Future<Boolean> shown(Principal principal, String channel, @Nullable String token) {
        SubscriptionTokens verifier = tokens;
        return token == null || verifier == null
                ? NO
                : yes(() -> verifier.verify(principal, channel, token), null, channel);
    }

    /** Asks the application; everything but a clear yes in time is a no. */
    private Future<Boolean> yes(Supplier<Future<Boolean>> question, @Nullable Action action, String target) {
        Future<Boolean> answer;
        try {
            answer = Objects.requireNonNull(question.get(), "the authoriser's answer");
        } catch (Throwable e) {
            Faults.contain(e);
            answer = Future.failedFuture(e);
        }
        if (!answer.isComplete()) {
            answer = answer.timeout(action == Action.CONNECT ? atTheDoor() : PATIENCE, TimeUnit.MILLISECONDS);
        }
        return answer.transform(result -> {
            if (result.failed()) {
                LOG.warn(
                        "authorizer failed action={} target={}",
                        action == null ? "TOKEN" : action,
                        Logged.line(target),
                        result.cause());
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
}
