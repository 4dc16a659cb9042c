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
     * @param token from {@code hello}, or from the request: its {@code Authorization} header, or where else the options let it come
     *     from; null when there is none
     * @param who the request
     * @return the principal; any failure, exception or null is a refusal with {@code unauthenticated}, but for a
     *     {@link dev.polywire.protocol.ProtocolException} {@code invalid_token} (it is no token at all) or {@code unavailable} (who it
     *     is cannot be found out now), which the client is told; no answer within {@code session.helloTimeout} is {@code unavailable}, too. Who
     *     resumes a session is asked about again after a minute, also when nothing is shown, but for a poll that only goes on
     */
    Future<Principal> authenticate(@Nullable String token, Handshake who);
}
