package dev.polywire;

import io.vertx.core.Future;

/**
 * Verifies tokens for single channels, which clients show when they subscribe where {@link ChannelOptions.Subscribers#TOKEN} holds.
 * Called on the session's event loop, so it must not block.
 */
@FunctionalInterface
public interface SubscriptionTokens {

    /**
     * Decides whether a token lets somebody subscribe to a channel.
     *
     * @param principal who shows it
     * @param channel the channel
     * @param token what the client sent; from a stranger until it is verified, and not for logs
     * @return true when it is genuine, has not expired, and is for this user and this channel; false, null, a failure, an exception, or
     *     no answer within ten seconds refuse
     */
    Future<Boolean> verify(Principal principal, String channel, String token);
}
