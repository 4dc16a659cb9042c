package dev.polywire;

import io.vertx.core.Future;

/**
 * Says who may do what, after the options of the channel have allowed it: it can refuse what they allow, and nothing else. Called on the
 * session's event loop, so it must not block. {@link dev.polywire.auth.Rules} has ready-made ones.
 */
@FunctionalInterface
public interface Authorizer {

    /** Allows everything that the channels' own options allow. */
    Authorizer ALLOW_ALL = (principal, action, target) -> Future.succeededFuture(true);

    /** What somebody wants to do. */
    enum Action {
        /** Open or resume a session; the target is the transport's name, or {@code ticket} for who asks for a ticket. */
        CONNECT,
        /** Get a channel's messages. */
        SUBSCRIBE,
        /** Send to a channel. */
        PUBLISH,
        /** Read or change presence in a channel. */
        PRESENCE,
        /** Read a channel's history. */
        HISTORY,
        /** Send a request; the target is the address. */
        REQUEST
    }

    /**
     * Decides.
     *
     * @param principal who
     * @param action what
     * @param target the channel's name, or what the action says
     * @return true to allow; false, null, a failure or an exception refuse
     */
    Future<Boolean> authorize(Principal principal, Action action, String target);
}
