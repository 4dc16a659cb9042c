package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a session's token fresh: before a JWT expires by its own word, and when the server asks for a new one (R75). At most one refresh at
 * a time, with the attempts that it takes.
 */
final class Renewal {
    /** Of the backoff between attempts, milliseconds. */
    private static final double CAP = 30_000;

    private static final double BASE = 500;
    /** Until the next token when one looks as if it ended at once, which doubles up to the longest, milliseconds. */
    private static final long SHORTEST = 1_000;

    private static final long LONGEST = 600_000;

    /** What a JWT says of its time, milliseconds since 1970; 0 for what it does not say, as any other token. */
    record Times(long issued, long expires) {}

    private final Place place;
    private final boolean able;
    private final BooleanSupplier connected;
    private final Supplier<Future<Void>> refresh;
    private final ObjLongConsumer<@Nullable Throwable> expiring;
    /** What waits: the next refresh, or the next attempt. */
    private @Nullable Runnable cancel;

    private boolean busy;
    /** The last token, and when it ends by our own time. */
    private @Nullable String last;

    private long end;
    /** Tokens in a row that looked as if they ended at once. */
    private int hasty;

    /**
     * @param able whether there is a function that gets tokens
     * @param refresh makes one attempt
     * @param expiring told, with the milliseconds that are left, when a token ends that could not be refreshed
     */
    Renewal(
            Place place,
            boolean able,
            BooleanSupplier connected,
            Supplier<Future<Void>> refresh,
            ObjLongConsumer<@Nullable Throwable> expiring) {
        this.place = place;
        this.able = able;
        this.connected = connected;
        this.refresh = refresh;
        this.expiring = expiring;
    }

    static Times times(String token) {
        String[] parts = token.split("\\.", -1);
        try {
            JsonObject claims = parts.length < 2
                    ? new JsonObject()
                    : Frames.read(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
            return new Times(millis(claims, "iat"), millis(claims, "exp"));
        } catch (IllegalArgumentException noBase64) {
            return new Times(0, 0);
        }
    }

    private static long millis(JsonObject claims, String name) {
        return claims.getValue(name) instanceof Number seconds ? Math.round(seconds.doubleValue() * 1000) : 0;
    }

    /** A token is in use: it is refreshed before it expires, if it says when that is. */
    void expect(@Nullable String token) {
        stop();
        Times times = able && token != null ? times(token) : new Times(0, 0);
        if (times.expires() <= 0) {
            return;
        }
        // One that is handed out again is as old as it is.
        if (!Objects.equals(token, last)) {
            last = token;
            end = place.now() + lifetime(times);
        }
        long until = end;
        long pause = Math.round((until - place.now()) * 0.8);
        if (pause >= SHORTEST) {
            hasty = 0;
        } else {
            // Who got one after the other would get no better ones; the server asks when it really needs one.
            pause = Math.min(LONGEST, SHORTEST << Math.min(hasty++, 20));
        }
        cancel = place.later(pause, () -> attempt(until, 0));
    }

    /** Our clock may be wrong, but by the issuer's, both times are right. */
    private long lifetime(Times times) {
        return times.expires() - (times.issued() > 0 ? times.issued() : place.wall());
    }

    /** The server says how many milliseconds the credentials still hold. */
    void asked(long left) {
        long millis = Math.max(0, left);
        if (!able) {
            expiring.accept(null, millis);
        } else if (!busy) {
            stop();
            attempt(place.now() + millis, 0);
        }
    }

    void stop() {
        if (cancel != null) {
            cancel.run();
        }
        cancel = null;
    }

    private void attempt(long end, int k) {
        // Without a wire, the next one to be opened gets a token of its own.
        if (!connected.getAsBoolean()) {
            return;
        }
        busy = true;
        refresh.get().onComplete(done -> {
            busy = false;
            if (done.succeeded()) {
                return;
            }
            long left = end - place.now();
            expiring.accept(done.cause(), Math.max(0, left));
            long pause = Math.round(place.random() * Math.min(CAP, BASE * Math.pow(2, k)));
            if (connected.getAsBoolean() && pause < left) {
                cancel = place.later(pause, () -> attempt(end, k + 1));
            }
        });
    }
}
