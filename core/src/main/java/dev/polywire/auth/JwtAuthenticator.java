package dev.polywire.auth;

import dev.polywire.Authenticator;
import dev.polywire.JwtOptions;
import dev.polywire.Principal;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Handshake;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells users apart by signed JSON Web Tokens: HS256 with shared secrets, RS256 and ES256 with public keys, given or fetched from
 * a JWKS URL. A token's {@code sub} is the user's id, and all that it says are the principal's claims. Safe for all threads.
 *
 * <p>Which key verifies is decided by the keys: a token whose {@code alg} is not that of the key, or {@code none}, is refused.
 * {@code exp} and {@code sub} are required.
 */
public final class JwtAuthenticator implements Authenticator {
    private static final Logger LOG = LoggerFactory.getLogger(JwtAuthenticator.class);

    /** How many tokens may be verified at a time, off the event loops; one more is asked to come again. */
    private static final int MOST_WORK = 1000;

    private final Vertx vertx;
    private final JwtOptions options;
    private final LongSupplier wallClock;
    private final Claims claims;
    private final List<VerifyingKey> given;
    private final @Nullable JwksSource source;
    private final boolean ownClient;
    private final Future<Void> ready;
    private final AtomicInteger working = new AtomicInteger();
    private volatile @Nullable KeySet keys;

    /**
     * Creates an authenticator, and begins to fetch keys when the options have a URL; until they are there, tokens that only they
     * could verify are refused with {@code unavailable}.
     *
     * @param vertx runs it
     * @param options copied; with at least one key or a URL
     * @throws IllegalArgumentException for a key that cannot be used, or when there is none, saying what would be right
     */
    public JwtAuthenticator(Vertx vertx, JwtOptions options) {
        this(vertx, options, null);
    }

    /**
     * Creates an authenticator that fetches keys with the application's own client, which may trust other authorities or use a proxy.
     *
     * @param vertx runs it
     * @param options copied; with at least one key or a URL
     * @param client never closed here; null for a client of its own
     * @throws IllegalArgumentException for a key that cannot be used, or when there is none, saying what would be right
     */
    public JwtAuthenticator(Vertx vertx, JwtOptions options, @Nullable HttpClient client) {
        this(vertx, options, client, System::currentTimeMillis, () -> System.nanoTime() / 1_000_000);
    }

    JwtAuthenticator(
            Vertx vertx, JwtOptions options, @Nullable HttpClient client, LongSupplier wallClock, LongSupplier clock) {
        this.vertx = vertx;
        this.options = new JwtOptions(options);
        this.wallClock = wallClock;
        if (!options.usable()) {
            throw new IllegalArgumentException(
                    "JwtOptions must have keys or jwks: without a key no token can be verified.");
        }
        this.claims = new Claims(this.options);
        this.given = KeySet.given(vertx, this.options);
        this.keys = given.isEmpty() ? null : KeySet.of(given, List.of(), this.options);
        this.ownClient = client == null;
        if (this.options.jwks().isEmpty()) {
            this.source = null;
            this.ready = Future.succeededFuture();
        } else {
            if (this.options.audience().isEmpty()) {
                LOG.warn(
                        "jwt accepts tokens for any audience that are signed by the keys of {}; set audience",
                        options.jwks());
            }
            JwksSource made = new JwksSource(vertx, this.options, client, clock, this::take);
            this.source = made;
            this.ready = made.fetch();
        }
    }

    /**
     * Creates an authenticator whose keys are all there.
     *
     * @param vertx runs it
     * @param options copied; with at least one key or a URL
     * @return fails when a key cannot be used, or the keys of the URL cannot be fetched, saying why
     */
    public static Future<JwtAuthenticator> create(Vertx vertx, JwtOptions options) {
        JwtAuthenticator made;
        try {
            made = new JwtAuthenticator(vertx, options);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
        return made.ready().transform(done -> {
            if (done.failed()) {
                made.close();
            }
            return done.succeeded() ? Future.succeededFuture(made) : Future.failedFuture(done.cause());
        });
    }

    /**
     * Tells when the keys are there.
     *
     * @return completes after the first fetch; fails when that did, saying why
     */
    public Future<Void> ready() {
        return ready.recover(cause -> Future.failedFuture(new IllegalStateException(
                "The keys of " + options.jwks() + " (\"jwks\") cannot be fetched: " + cause.getMessage(), cause)));
    }

    /**
     * Stops fetching keys; those that are there go on to be used.
     *
     * @return completes when done
     */
    public Future<Void> close() {
        JwksSource fetching = source;
        if (fetching == null) {
            return Future.succeededFuture();
        }
        fetching.close();
        return ownClient ? fetching.closeClient() : Future.succeededFuture();
    }

    private void take(List<JsonObject> jwks) {
        List<VerifyingKey> fetched = KeySet.fetched(vertx, options, jwks);
        if (fetched.isEmpty()) {
            throw new IllegalArgumentException("it has no key that can be used");
        }
        keys = KeySet.of(given, fetched, options);
        LOG.debug("jwks fetched keys={}", fetched.size());
    }

    @Override
    public Future<Principal> authenticate(@Nullable String token, Handshake who) {
        if (token == null) {
            return Future.failedFuture(Denied.refused("no token"));
        }
        return verify(token).recover(cause -> Future.failedFuture(told(cause)));
    }

    /** The client learns whether it was a token at all; why it was refused only stands in the log. */
    private static Throwable told(Throwable cause) {
        if (!(cause instanceof Denied denied)) {
            return cause;
        }
        LOG.debug("jwt_refused why={}", denied.getMessage());
        return denied.kind() == Denied.Kind.UNREADABLE
                ? new ProtocolException(ErrorCode.INVALID_TOKEN, "The token cannot be read.")
                : denied;
    }

    private Future<Principal> verify(String token) {
        TokenHeader header;
        try {
            header = TokenHeader.of(token);
        } catch (Denied denied) {
            return Future.failedFuture(denied);
        }
        String hash = KeySet.hash(token);
        return verify(token, header, hash).recover(cause -> {
            JwksSource fetching = source;
            if (fetching == null || !(cause instanceof Denied denied) || denied.kind() != Denied.Kind.UNKNOWN_KEY) {
                return Future.failedFuture(cause);
            }
            KeySet before = keys;
            return fetching.fetchAgain()
                    .transform(done -> done.failed() && keys == before
                            // The key may be there, and nobody could look.
                            ? Future.failedFuture(unavailable("The key is not known yet."))
                            : verify(token, header, hash));
        });
    }

    private Future<Principal> verify(String token, TokenHeader header, String hash) {
        KeySet now = keys;
        if (now == null) {
            return Future.failedFuture(unavailable("The keys are not there yet."));
        }
        Principal known = now.known(hash);
        if (known != null) {
            Instant end = known.expiresAt();
            if (end != null && wallClock.getAsLong() < end.toEpochMilli()) {
                return Future.succeededFuture(known);
            }
            now.forget(hash);
        }
        List<VerifyingKey> candidates;
        try {
            candidates = now.candidates(header);
            if (!candidates.get(0).slow()) {
                return Future.succeededFuture(check(token, header, hash, candidates, now));
            }
        } catch (Denied denied) {
            return Future.failedFuture(denied);
        }
        if (working.incrementAndGet() > MOST_WORK) {
            working.decrementAndGet();
            return Future.failedFuture(unavailable("Too many tokens are to be verified."));
        }
        return vertx.executeBlocking(() -> check(token, header, hash, candidates, now), false)
                .onComplete(done -> working.decrementAndGet());
    }

    private Principal check(String token, TokenHeader header, String hash, List<VerifyingKey> candidates, KeySet from) {
        boolean named = header.key() == null;
        for (VerifyingKey key : candidates) {
            named |= key.id() != null;
            JsonObject said = key.verify(token);
            if (said != null) {
                Principal principal = claims.principal(said, wallClock.getAsLong());
                from.know(hash, principal);
                return principal;
            }
        }
        // Keys without an id were tried for one that nobody knows.
        throw named ? Denied.refused("signature") : new Denied(Denied.Kind.UNKNOWN_KEY, "key");
    }

    private static ProtocolException unavailable(String message) {
        return new ProtocolException(ErrorCode.UNAVAILABLE, message, null, 1000);
    }
}
