package dev.polywire.auth;

import dev.polywire.Principal;
import dev.polywire.SubscriptionTokens;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.function.Function;

/**
 * Subscription tokens in the form of JSON Web Tokens: {@code sub} is the user, {@code channel} the channel, both exactly, and {@code exp} is there.
 * Who is anonymous has no {@code sub}, and so no such token.
 */
public final class ChannelTokens implements SubscriptionTokens {
    /** The claim that names the channel. A token that has it says who may subscribe, and not who somebody is. */
    public static final String CHANNEL = "channel";

    private final Function<String, Future<JsonObject>> verifier;

    /**
     * Creates it.
     *
     * @param verifier looks at a token's signature and times, and returns its claims; fails when it is no good
     */
    public ChannelTokens(Function<String, Future<JsonObject>> verifier) {
        this.verifier = verifier;
    }

    @Override
    public Future<Boolean> verify(Principal principal, String channel, String token) {
        // What cannot be verified is a stranger's doing, and no line in the log.
        return verifier.apply(token)
                .transform(claims -> Future.succeededFuture(claims.succeeded()
                        && claims.result() != null
                        && principal.id() != null
                        && principal.id().equals(claims.result().getValue("sub"))
                        && channel.equals(claims.result().getValue(CHANNEL))
                        && claims.result().getValue("exp") instanceof Number));
    }
}
