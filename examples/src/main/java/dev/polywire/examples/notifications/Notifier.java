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
 * <p>A change is kept first and told then, so one that was not told is found in the inbox. What no device has acknowledged is told again,
 * after 5, 10, 20, … and at most 60 seconds, as long as there are devices to tell. Safe to call from any thread.
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

    private final Map<String, Set<String>> followers = new ConcurrentHashMap<>();

    private record Repeat(int attempt, long at) {}

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
     * @return completes with the notification's id when it is kept, whoever is there
     */
    Future<String> deliver(String user, Message message, String from, long ttl) {
        String id = UUID.randomUUID().toString();
        return turns.next(
                user,
                () -> change(user, inbox -> {
                            long now = clock.getAsLong();
                            Inbox.Added added = inbox.add(id, message, from, now, ttl == 0 ? 0 : now + ttl);
                            return event(inbox)
                                    .put("notification", added.notification().toJson())
                                    .put("gone", new JsonArray(added.gone()));
                        })
                        .compose(event -> {
                            // A new one is told at once, so that what is to be told again waits from now on.
                            repeats.put(user, new Repeat(0, clock.getAsLong() + AGAIN_MS));
                            return tell(user, "ADDED", event);
                        })
                        .map(id));
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
                        followers.computeIfPresent(
                                topic, (name, users) -> users.remove(user) && users.isEmpty() ? null : users);
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

    private Future<Void> told(String user, String name, Function<Inbox, @Nullable JsonObject> change) {
        return turns.next(user, () -> change(user, change).compose(event -> tell(user, name, event)));
    }

    /** Changes an inbox, and notes what has to be looked at later. */
    private <T extends @Nullable Object> Future<T> change(String user, Function<Inbox, T> change) {
        return inboxes.update(user, inbox -> {
            T result = change.apply(inbox);
            long next = inbox.nextExpiry();
            if (next == Long.MAX_VALUE) {
                expiries.remove(user);
            } else {
                expiries.put(user, next);
            }
            if (inbox.unacknowledged().isEmpty()) {
                repeats.remove(user);
            } else {
                repeats.putIfAbsent(user, new Repeat(0, clock.getAsLong() + AGAIN_MS));
            }
            return result;
        });
    }

    /** Tells the devices that are there. Who is not is shown the inbox on coming back, so a failure here loses nothing. */
    private Future<Void> tell(String user, String event, @Nullable JsonObject payload) {
        return payload == null
                ? Future.succeededFuture()
                : channels.publish(channel(user), event, payload)
                        .<Void>mapEmpty()
                        .otherwise(failure -> {
                            LOG.warn("Devices could not be told of a change: {}", failure.toString());
                            return null;
                        });
    }

    private static @Nullable JsonObject gone(Inbox inbox, List<String> ids) {
        return ids.isEmpty() ? null : event(inbox).put("ids", new JsonArray(ids));
    }

    private static JsonObject settings(Inbox inbox) {
        return event(inbox)
                .put("quiet", inbox.quiet().toJson())
                .put("topics", new JsonArray(List.copyOf(inbox.topics())));
    }

    private static JsonObject event(Inbox inbox) {
        return new JsonObject().put("revision", inbox.revision()).put("unread", inbox.unread());
    }

    private void following(String topic, String user) {
        followers.compute(topic, (name, users) -> {
            Set<String> all = users == null ? ConcurrentHashMap.newKeySet() : users;
            all.add(user);
            return all;
        });
    }

    private static void quietly(Future<Void> step) {
        step.onFailure(
                failure -> LOG.warn("An inbox could not be looked at; it is tried again: {}", failure.toString()));
    }
}
