package dev.polywire.examples.notifications;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Keeps inboxes for as long as the process lives. There are no more of them than there are accounts. */
final class MemoryInboxes implements Inboxes {
    private final Map<String, JsonObject> kept = new HashMap<>();

    @Override
    public synchronized <T> Future<T> update(String user, Function<Inbox, T> change) {
        JsonObject before = kept.get(user);
        Inbox inbox = before == null ? new Inbox() : Inbox.fromJson(before);
        JsonObject old = inbox.toJson();
        T result;
        try {
            result = change.apply(inbox);
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
        JsonObject now = inbox.toJson();
        if (!now.equals(old)) {
            kept.put(user, now);
        }
        return Future.succeededFuture(result);
    }

    @Override
    public synchronized Future<Set<String>> users() {
        return Future.succeededFuture(Set.copyOf(kept.keySet()));
    }
}
