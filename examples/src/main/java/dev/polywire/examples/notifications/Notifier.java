package dev.polywire.examples.notifications;

import dev.polywire.Channels;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts notifications into inboxes and tells the devices, each on the personal channel {@code user:<id>} of whoever has them.
 *
 * <p>A change is kept first and told then, so one that was not told is found in the inbox. Where it cannot be known that a change was
 * kept, or that it was told, devices are told the inbox's revision afterwards, so that they read what they miss. What no device has acknowledged is told
 * again, after 5, 10, 20, … and at most 60 seconds, as long as there are devices to tell. Safe to call from any thread.
 */
final class Notifier {
    /** As much of an inbox as is told at once: it has to fit a session's window. */
    static final int VIEW_BYTES = 96 * 1024;

    static final long AGAIN_MS = 5_000;
    static final long AGAIN_MOST_MS = 60_000;

    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

    /** How many are told again at once; the others are when these are acknowledged. */
    private static final int AGAIN_AT_ONCE = 20;

    private final Inboxes inboxes;
    private final Channels channels;
    private final LongSupplier clock;
    private final Turns turns = new Turns();
    /** When the next notification of somebody expires. */
    private final Map<String, Long> expiries = new ConcurrentHashMap<>();
    /** Whose devices have not acknowledged everything. */
    private final Map<String, Repeat> repeats = new ConcurrentHashMap<>();

    /** Whose devices may have missed a change. There are no more than there are accounts. */
    private final Map<String, Doubt> doubts = new ConcurrentHashMap<>();

    private final Map<String, Set<String>> followers = new ConcurrentHashMap<>();

    private record Repeat(int attempt, long at) {}

    /** Told on the next tick, and once more later: a command that failed for its time may be done by a Redis that wakes up. */
    private record Doubt(int told, long at) {}

    /** What a change came to, with what is to be looked at later. */
    private record Looked<T extends @Nullable Object>(T result, long nextExpiry, boolean open) {}

    /** What was kept, and what is to be told of it; null when it was kept before. */
    private record Kept(String id, @Nullable JsonObject event) {}

    Notifier(Inboxes inboxes, Channels channels, LongSupplier clock) {
        this.inboxes = inboxes;
        this.channels = channels;
        this.clock = clock;
    }

    static String channel(String user) {
        return "user:" + user;
    }

    /** Learns what is kept from before: what expires, what was not acknowledged, and who follows what. */
    Future<Void> restore() {
        return inboxes.users().compose(users -> {
            Future<Void> all = Future.succeededFuture();
            for (String user : users) {
                all = all.compose(done -> change(user, inbox -> {
                            inbox.topics().forEach(topic -> following(topic, user));
                            return true;
                        })
                        .mapEmpty());
            }
            return all;
        });
    }

    /**
     * Delivers a message to one person.
     *
     * @param ttl milliseconds until it expires; 0 for never
     * @param idempotencyKey when the sender used it for this person before, nothing is delivered again; or null
     * @return completes with the notification's id when it is kept, whoever is there
     */
    Future<String> deliver(String user, Message message, String from, long ttl, @Nullable String idempotencyKey) {
        String made = UUID.randomUUID().toString();
        return turns.next(
                user,
                () -> change(user, inbox -> keep(inbox, made, message, from, ttl, idempotencyKey))
                        .compose(kept -> {
                            // Others may wait to be told again since before, so this one must not make them wait
                            // longer.
                            if (kept.event() != null) {
                                repeats.merge(
                                        user,
                                        new Repeat(0, clock.getAsLong() + AGAIN_MS),
                                        (old, fresh) -> old.at() <= fresh.at() ? old : fresh);
                            }
                            return tell(user, "ADDED", kept.event()).map(kept.id());
                        }));
    }

    private Kept keep(Inbox inbox, String id, Message message, String from, long ttl, @Nullable String idempotencyKey) {
        String before = idempotencyKey == null ? null : inbox.sent(from, idempotencyKey);
        if (before != null) {
            return new Kept(before, null);
        }
        long now = clock.getAsLong();
        Inbox.Added added = inbox.add(id, message, from, now, ttl == 0 ? 0 : now + ttl);
        if (idempotencyKey != null) {
            inbox.sent(from, idempotencyKey, id);
        }
        JsonObject event = event(inbox)
                .put("notification", added.notification().toJson())
                .put("gone", new JsonArray(added.gone()));
        return new Kept(id, event);
    }

    /** Returns who follows a topic. */
    Set<String> followers(String topic) {
        return Set.copyOf(followers.getOrDefault(topic, Set.of()));
    }

    boolean online(String user) {
        return channels.subscribers(channel(user)) > 0;
    }

    /** Returns what devices are shown of an inbox. */
    Future<JsonObject> view(String user, int bytes) {
        return turns.next(user, () -> change(user, inbox -> inbox.view(clock.getAsLong(), bytes)));
    }

    Future<Void> acknowledge(String user, Collection<String> ids) {
        return turns.next(
                user, () -> change(user, inbox -> inbox.acknowledge(ids)).mapEmpty());
    }

    /** Marks some, or all with null, as read or unread. */
    Future<Void> mark(String user, @Nullable Collection<String> ids, boolean read) {
        return told(user, "READ", inbox -> {
            List<String> changed = inbox.mark(ids, read);
            return changed.isEmpty()
                    ? null
                    : event(inbox).put("ids", new JsonArray(changed)).put("read", read);
        });
    }

    Future<Void> remove(String user, Collection<String> ids) {
        return told(user, "REMOVED", inbox -> gone(inbox, inbox.remove(ids)));
    }

    Future<Void> quiet(String user, QuietHours hours) {
        return told(user, "SETTINGS", inbox -> {
            inbox.quiet(hours);
            return settings(inbox);
        });
    }

    Future<Void> follow(String user, String topic, boolean on) {
        return told(user, "SETTINGS", inbox -> inbox.follow(topic, on) ? settings(inbox) : null)
                .onSuccess(done -> {
                    if (on) {
                        following(topic, user);
                    } else {
                        noLonger(topic, user);
                    }
                });
    }

    /** Looks what has expired, and what is to be told again. To be called a few times a second. */
    void tick() {
        long now = clock.getAsLong();
        expiries.forEach((user, at) -> {
            if (at <= now && expiries.replace(user, at, now + AGAIN_MS)) {
                quietly(told(user, "REMOVED", inbox -> gone(inbox, inbox.expire(clock.getAsLong()))));
            }
        });
        repeats.forEach((user, repeat) -> {
            if (repeat.at() <= now && online(user)) {
                long wait = Math.min(AGAIN_MOST_MS, AGAIN_MS << Math.min(10, repeat.attempt() + 1));
                if (repeats.replace(user, repeat, new Repeat(repeat.attempt() + 1, now + wait))) {
                    quietly(again(user, repeat.attempt() + 1));
                }
            }
        });
        doubts.forEach((user, doubt) -> {
            if (doubt.at() <= now && doubts.replace(user, doubt, new Doubt(doubt.told(), now + AGAIN_MS))) {
                quietly(clear(user, doubt.told() + 1));
            }
        });
    }

    private Future<Void> again(String user, int attempt) {
        return turns.next(
                user,
                () -> change(user, inbox -> {
                            List<Notification> open = inbox.unacknowledged();
                            List<JsonObject> some = open.subList(0, Math.min(AGAIN_AT_ONCE, open.size())).stream()
                                    .map(Notification::toJson)
                                    .toList();
                            return some.isEmpty()
                                    ? null
                                    : event(inbox).put("attempt", attempt).put("notifications", new JsonArray(some));
                        })
                        .compose(event -> tell(user, "AGAIN", event)));
    }

    /** Tells where the inbox stands; a failure on the way leaves the doubt. */
    private Future<Void> clear(String user, int told) {
        return turns.next(
                user,
                () -> change(user, inbox -> {
                            JsonObject event = event(inbox);
                            Set<String> topics = inbox.topics();
                            return Map.entry(event, topics);
                        })
                        .compose(found -> {
                            followers.forEach((topic, users) -> {
                                if (users.contains(user) && !found.getValue().contains(topic)) {
                                    noLonger(topic, user);
                                }
                            });
                            found.getValue().forEach(topic -> following(topic, user));
                            return channels.publish(channel(user), "REVISION", found.getKey());
                        })
                        .<Void>mapEmpty()
                        .onSuccess(done -> doubts.computeIfPresent(
                                user, (name, doubt) -> told > 1 ? null : new Doubt(told, doubt.at()))));
    }

    private void doubt(String user) {
        doubts.put(user, new Doubt(0, clock.getAsLong()));
    }

    private Future<Void> told(String user, String name, Function<Inbox, @Nullable JsonObject> change) {
        return turns.next(user, () -> change(user, change).compose(event -> tell(user, name, event)));
    }

    /** Changes an inbox, and notes what has to be looked at later: not before it is kept, since it may never be. */
    private <T extends @Nullable Object> Future<T> change(String user, Function<Inbox, T> change) {
        return inboxes.update(
                        user,
                        inbox -> new Looked<T>(
                                change.apply(inbox),
                                inbox.nextExpiry(),
                                !inbox.unacknowledged().isEmpty()))
                .onSuccess(looked -> {
                    if (looked.nextExpiry() == Long.MAX_VALUE) {
                        expiries.remove(user);
                    } else {
                        expiries.put(user, looked.nextExpiry());
                    }
                    if (looked.open()) {
                        repeats.putIfAbsent(user, new Repeat(0, clock.getAsLong() + AGAIN_MS));
                    } else {
                        repeats.remove(user);
                    }
                })
                .onFailure(failure -> {
                    // What was refused is not kept. Of anything else, only the answer may have been lost.
                    if (!(failure instanceof IllegalArgumentException)) {
                        doubt(user);
                    }
                })
                .map(Looked::result);
    }

    /** Tells the devices that are there. Who is not is shown the inbox on coming back. */
    private Future<Void> tell(String user, String event, @Nullable JsonObject payload) {
        return payload == null
                ? Future.succeededFuture()
                : channels.publish(channel(user), event, payload)
                        .<Void>mapEmpty()
                        .otherwise(failure -> {
                            LOG.warn(
                                    "Devices could not be told of a change; they are told of it later: {}",
                                    failure.toString());
                            doubt(user);
                            return null;
                        });
    }

    private @Nullable JsonObject gone(Inbox inbox, List<String> ids) {
        return ids.isEmpty() ? null : event(inbox).put("ids", new JsonArray(ids));
    }

    private JsonObject settings(Inbox inbox) {
        return event(inbox)
                .put("quiet", inbox.quiet().toJson())
                .put("topics", new JsonArray(List.copyOf(inbox.topics())));
    }

    private JsonObject event(Inbox inbox) {
        return new JsonObject().put("revision", inbox.revision()).put("unread", inbox.unread(clock.getAsLong()));
    }

    private void following(String topic, String user) {
        followers.compute(topic, (name, users) -> {
            Set<String> all = users == null ? ConcurrentHashMap.newKeySet() : users;
            all.add(user);
            return all;
        });
    }

    private void noLonger(String topic, String user) {
        followers.computeIfPresent(topic, (name, users) -> users.remove(user) && users.isEmpty() ? null : users);
    }

    private static void quietly(Future<Void> step) {
        step.onFailure(
                failure -> LOG.warn("An inbox could not be looked at; it is tried again: {}", failure.toString()));
    }
}
