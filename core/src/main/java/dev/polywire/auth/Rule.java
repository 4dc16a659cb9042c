package dev.polywire.auth;

import dev.polywire.Authorizer;
import dev.polywire.Authorizer.Action;
import dev.polywire.Principal;
import io.vertx.core.Future;

/** One rule about who may do what, which need not have an opinion; {@link Rules} makes an {@link Authorizer} of several. */
@FunctionalInterface
public interface Rule {

    /** What a rule says. */
    enum Opinion {
        /** It may be done. */
        ALLOW,
        /** It may not be done. */
        DENY,
        /** The rule has nothing to say about it; the next one is asked. */
        NONE
    }

    /**
     * Gives an opinion. Called on the session's event loop, so it must not block.
     *
     * @param principal who
     * @param action what
     * @param target the channel's name, or what the action says
     * @return never null; a failure or an exception refuses
     */
    Future<Opinion> judge(Principal principal, Action action, String target);
}
