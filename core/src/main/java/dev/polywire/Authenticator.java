package dev.polywire;

import dev.polywire.spi.Handshake;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** Tells who is opening or resuming a session. Called on the connection's event loop, so it must not block. */
@FunctionalInterface
public interface Authenticator {

    /**
     * Accepts whom the host application's own authentication handlers accepted: {@code ctx.user()} becomes the principal.
     *
     * @return refuses requests without a user
     */
    static Authenticator fromRouter() {
        return (token, who) -> {
            var user = who.user();
            return user == null
                    ? Future.failedFuture("no user")
                    : Future.succeededFuture(new Principal(user.subject(), user.principal(), null));
        };
    }

    /**
     * Checks the credentials.
     *
     * @param token from {@code hello} or the {@code Authorization} header, or null when there is none
     * @param who the request
     * @return the principal; any failure, exception or null is a refusal with {@code unauthenticated}
     */
    Future<Principal> authenticate(@Nullable String token, Handshake who);
}
