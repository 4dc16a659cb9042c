package dev.polywire.examples.shared;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.redis.client.RedisAPI;
import java.text.Normalizer;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A demo's sign-in: {@code POST /api/sign-in} with {@code {name, password}} answers a token, {@code POST /api/renew} a
 * new one for who has one still. A name that was free is taken by the first who comes with it.
 */
public final class SignIn {
    /** How long one can go on without saying the password again. */
    static final Duration SESSION = Duration.ofHours(12);

    /** Wrong passwords for a name from one address before it has to wait there: elsewhere its owner gets in still. */
    static final int TRIES = 10;

    static final Duration WAIT = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(SignIn.class);
    /** Without the two letters that cannot be seen: they only hold a place where a Hangul syllable has none. */
    private static final Pattern NAME =
            Pattern.compile("[\\p{L}\\p{N}&&[^\\u115F\\u1160]][\\p{L}\\p{N}._\\-&&[^\\u115F\\u1160]]{0,23}");

    /** What becomes of the Turkish capital i with a dot in lower case: two characters, of which the second is in no name. */
    private static final String DOTTED = "i\u0307";

    private static final int REMEMBERED = 10_000;
    private static final int BODY = 4096;

    private final Issuer issuer;
    private final Accounts accounts;
    private final LongSupplier clock;
    private final Map<String, Tries> tries = new LinkedHashMap<>();

    private record Tries(int count, long since) {}

    /**
     * Makes a sign-in.
     *
     * @param vertx where it runs
     * @param issuer signs the tokens
     * @param redis where names are kept; null keeps them in memory
     * @param prefix what keys in Redis begin with
     * @param clock milliseconds since 1970
     */
    public SignIn(Vertx vertx, Issuer issuer, @Nullable RedisAPI redis, String prefix, LongSupplier clock) {
        this.issuer = issuer;
        this.accounts = new Accounts(vertx, redis, prefix);
        this.clock = clock;
    }

    /**
     * Makes an id of a name.
     *
     * @param name as a person writes it
     * @return in lower case, part of a channel's name; null when it is not 1 to 24 letters, digits, dots, hyphens or
     *     underscores that begin with a letter or a digit
     */
    public static @Nullable String id(@Nullable String name) {
        if (name == null || name.length() > 100) {
            return null;
        }
        String plain = Normalizer.normalize(name.strip(), Normalizer.Form.NFKC);
        return NAME.matcher(plain).matches() ? plain.toLowerCase(Locale.ROOT).replace(DOTTED, "i") : null;
    }

    /**
     * Tells whether somebody has signed in under a name before.
     *
     * @param id what {@link #id} made
     * @return completes with false for nobody
     */
    public Future<Boolean> known(String id) {
        return accounts.known(id);
    }

    /**
     * Mounts the two routes.
     *
     * @param router where
     */
    public void mount(Router router) {
        router.post("/api/sign-in")
                .handler(BodyHandler.create(false).setBodyLimit(BODY))
                .handler(this::signIn);
        router.post("/api/renew").handler(issuer.handler()).handler(this::renew);
    }

    private void signIn(RoutingContext context) {
        JsonObject body;
        try {
            body = context.body().asJsonObject();
        } catch (DecodeException | ClassCastException e) {
            // Not JSON, or JSON that is no object.
            body = null;
        }
        Object name = body == null ? null : body.getValue("name");
        Object password = body == null ? null : body.getValue("password");
        String id = name instanceof String text ? id(text) : null;
        if (id == null) {
            refuse(context, 400, "A name has 1 to 24 letters, digits, dots, hyphens or underscores.");
            return;
        }
        if (!(password instanceof String secret) || secret.length() < 4 || secret.length() > 200) {
            refuse(context, 400, "A password has 4 to 200 characters.");
            return;
        }
        String address = context.request().remoteAddress().hostAddress();
        String attempts = id + ' ' + (address == null ? "" : address);
        if (!mayTry(attempts)) {
            context.response().putHeader("Retry-After", String.valueOf(WAIT.toSeconds()));
            refuse(context, 429, "Too many wrong passwords for this name. Wait a minute.");
        } else {
            String shown = Normalizer.normalize(((String) Objects.requireNonNull(name)).strip(), Normalizer.Form.NFKC);
            accounts.enter(id, secret).onComplete(entered -> {
                if (entered.failed()) {
                    LOG.warn("Nobody can sign in: {}", entered.cause().toString());
                    refuse(context, 503, "Nobody can sign in at the moment.");
                    return;
                }
                switch (entered.result()) {
                    case NEW, KNOWN -> {
                        forget(attempts);
                        answer(context, id, shown, clock.getAsLong() / 1000);
                    }
                    case REFUSED -> refuse(context, 401, "This name is taken, and that is not its password.");
                    case BUSY -> {
                        context.response().putHeader("Retry-After", "1");
                        refuse(context, 503, "Too many sign in at the moment. Try again.");
                    }
                    case FULL -> refuse(context, 503, "There is no room for another name.");
                }
            });
        }
    }

    private void renew(RoutingContext context) {
        User user = context.user();
        JsonObject claims = user.principal();
        long since = claims.getLong("auth_time", 0L);
        if (clock.getAsLong() / 1000 - since > SESSION.toSeconds()) {
            refuse(context, 401, "Sign in again: it was too long ago.");
        } else {
            answer(context, user.subject(), claims.getString("name", user.subject()), since);
        }
    }

    private void answer(RoutingContext context, String id, String name, long since) {
        String token = issuer.sign(id, new JsonObject().put("name", name).put("auth_time", since));
        context.response().putHeader("Cache-Control", "no-store");
        context.json(new JsonObject()
                .put("token", token)
                .put("user", id)
                .put("name", name)
                .put("expiresIn", Issuer.LIFETIME.toSeconds()));
    }

    private static void refuse(RoutingContext context, int status, String sentence) {
        context.response().setStatusCode(status);
        context.json(new JsonObject().put("error", sentence));
    }

    /** Counts an attempt; one that succeeds is forgotten. */
    private synchronized boolean mayTry(String who) {
        long now = clock.getAsLong();
        Tries before = tries.remove(who);
        boolean over = before == null || now - before.since() >= WAIT.toMillis();
        int count = over ? 1 : before.count() + 1;
        tries.put(who, new Tries(count, over ? now : before.since()));
        Iterator<String> oldest = tries.keySet().iterator();
        while (tries.size() > REMEMBERED) {
            oldest.next();
            oldest.remove();
        }
        return count <= TRIES;
    }

    private synchronized void forget(String who) {
        tries.remove(who);
    }
}
