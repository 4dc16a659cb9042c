package dev.polywire.client;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
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

    private final Place place;
    private final boolean able;
    private final BooleanSupplier connected;
    private final Supplier<Future<Void>> refresh;
    private final ObjLongConsumer<@Nullable Throwable> expiring;
    /** What waits: the next refresh, or the next attempt. */
    private @Nullable Runnable cancel;

    private boolean busy;

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

    /** Returns when a JWT expires, milliseconds since 1970; 0 for any other token. */
    static long expiry(@Nullable String token) {
        if (token == null) {
            return 0;
        }
        String[] parts = token.split("\\.", -1);
        try {
            JsonObject claims = parts.length < 2
                    ? new JsonObject()
                    : Frames.read(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
            return claims.getValue("exp") instanceof Number end ? Math.round(end.doubleValue() * 1000) : 0;
        } catch (IllegalArgumentException noBase64) {
            return 0;
        }
    }

    /** A token is in use: it is refreshed before it expires, if it says when that is. */
    void expect(@Nullable String token) {
        stop();
        long left = able ? expiry(token) - place.wall() : 0;
        if (able && expiry(token) > 0) {
            long end = place.now() + left;
            cancel = place.later(Math.max(1_000, Math.round(left * 0.8)), () -> attempt(end, 0));
        }
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
