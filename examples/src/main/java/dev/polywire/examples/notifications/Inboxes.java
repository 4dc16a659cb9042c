package dev.polywire.examples.notifications;

import io.vertx.core.Future;
import java.util.Set;
import java.util.function.Function;

/** Where inboxes are kept. Safe to call from any thread. */
interface Inboxes {
    /**
     * Changes an inbox, or only reads it. What has completed is kept.
     *
     * @param user whose; who has none gets one when the change leaves something in it
     * @param change may be called several times when others change the same inbox, each time with what is there then; what it throws is the
     *     failure, and changes nothing
     * @return what the change returned the last time
     */
    <T> Future<T> update(String user, Function<Inbox, T> change);

    /** Returns who has an inbox. */
    Future<Set<String>> users();
}
