package dev.polywire.auth;

import dev.polywire.Authenticator;
import dev.polywire.Principal;
import dev.polywire.SubscriptionTokens;
import dev.polywire.spi.Handshake;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;

/**
 * Subscription tokens with claims: {@code sub} is the user and {@code channel} the channel, both exactly, and the token expires. Who is
 * anonymous has no {@code sub}, and so no such token. A token with {@code channel} opens no session, whatever key it is signed with.
 */
public final class ChannelTokens implements SubscriptionTokens {
    /** The claim that names the channel. */
    public static final String CHANNEL = "channel";

    private final Authenticator verifier;

    /**
     * Creates it.
     *
     * @param verifier looks at a token's signature and times, and returns what it says
     */
    public ChannelTokens(Authenticator verifier) {
        this.verifier = verifier;
    }

    @Override
    public Future<Boolean> verify(Principal principal, String channel, String token) {
        Handshake who = new Handshake("subscribe", "", "", MultiMap.caseInsensitiveMultiMap(), token, null, null);
        // One that is no good is a stranger's doing, and not worth a warning.
        return verifier.authenticate(token, who)
                .transform(read -> Future.succeededFuture(
                        read.succeeded() && read.result() != null && lets(read.result(), principal, channel)));
    }

    private static boolean lets(Principal token, Principal principal, String channel) {
        return principal.id() != null
                && principal.id().equals(token.id())
                && channel.equals(token.claims().getValue(CHANNEL))
                && token.expiresAt() != null;
    }
}
