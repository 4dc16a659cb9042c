package dev.polywire.conformance;

import dev.polywire.Principal;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Who may come to a {@link KitServer}. */
final class KitUsers {
    private KitUsers() {}

    /** Takes {@code user:x}, {@code user:x;5000} for five seconds, and {@code user:x;;{…}} with claims. */
    static Future<Principal> known(@Nullable String token) {
        if ("garbled".equals(token)) {
            return Future.failedFuture(new ProtocolException(ErrorCode.INVALID_TOKEN, "That is no token."));
        }
        if ("later".equals(token)) {
            return Future.failedFuture(new ProtocolException(ErrorCode.UNAVAILABLE, "Not now.", null, 1500));
        }
        if ("never".equals(token)) {
            return Promise.<Principal>promise().future();
        }
        if (token == null || !token.startsWith("user:")) {
            return Future.failedFuture("who is that?");
        }
        String[] parts = token.substring(5).split(";", 3);
        Instant end =
                parts.length < 2 || parts[1].isEmpty() ? null : Instant.now().plusMillis(Long.parseLong(parts[1]));
        JsonObject claims = parts.length < 3 ? new JsonObject() : new JsonObject(parts[2]);
        return Future.succeededFuture(new Principal(parts[0], claims, end));
    }
}
