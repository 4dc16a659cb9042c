package dev.polywire.examples.notifications;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one person: notifications, the oldest first, quiet hours, and the topics that the person follows. No thread but one
 * changes it at a time.
 *
 * <p>Its {@code revision} grows by one with each change that devices are to see, so that they can tell whether they have missed one.
 */
final class Inbox {
    /** How many notifications there may be; then the oldest give way, those that are read first. */
    static final int MOST = 100;

    /** How many idempotency keys are remembered; then the oldest are forgotten. */
    static final int SENT = 100;

    /** How many topics one may follow. */
    static final int TOPICS = 50;

    private final List<Notification> items = new ArrayList<>();
    private final Set<String> topics = new TreeSet<>();
    /** Ids of the newest that were sent with an idempotency key, by sender and key; the oldest first. */
    private final Map<String, String> sent = new LinkedHashMap<>();

    private QuietHours quiet = QuietHours.NONE;
    private long revision;

    /**
     * What an addition did.
     *
     * @param notification what is there now
     * @param gone ids of those that gave way: an older one of the same key, or the oldest
     */
    record Added(Notification notification, List<String> gone) {}

    long revision() {
        return revision;
    }

    List<Notification> items() {
        return List.copyOf(items);
    }

    long unread(long now) {
        return items.stream().filter(one -> !one.read() && !one.expired(now)).count();
    }

    QuietHours quiet() {
        return quiet;
    }

    Set<String> topics() {
        return Set.copyOf(topics);
    }

    List<Notification> unacknowledged() {
        return items.stream().filter(one -> !one.acknowledged()).toList();
    }

    /** Returns when the next one expires, in milliseconds since 1970; {@link Long#MAX_VALUE} for never. */
    long nextExpiry() {
        return items.stream()
                .mapToLong(Notification::expires)
                .filter(expires -> expires > 0)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /**
     * Adds one, in the place of an older one with the same key that the same sender sent in the same way: somebody else's, or what came by
     * a topic, is not theirs to replace.
     */
    Added add(String id, Message message, String from, long now, long expires) {
        List<String> gone = new ArrayList<>();
        String key = message.key();
        if (key != null) {
            drop(
                    one -> key.equals(one.key())
                            && from.equals(one.from())
                            && Objects.equals(message.topic(), one.message().topic()),
                    gone);
        }
        boolean hushed = message.severity() != Message.Severity.CRITICAL && quiet.at(now);
        Notification added = new Notification(id, message, from, now, expires, hushed, false, false);
        items.add(added);
        while (items.size() > MOST) {
            Notification last =
                    items.stream().filter(Notification::read).findFirst().orElse(items.get(0));
            items.remove(last);
            gone.add(last.id());
        }
        revision++;
        return new Added(added, gone);
    }

    /** Returns the id of what somebody has sent with an idempotency key before, if that is remembered. */
    @Nullable
    String sent(String from, String idempotencyKey) {
        return sent.get(from + ' ' + idempotencyKey);
    }

    /** Remembers an idempotency key, which belongs to its sender. */
    void sent(String from, String idempotencyKey, String id) {
        sent.put(from + ' ' + idempotencyKey, id);
        while (sent.size() > SENT) {
            sent.remove(sent.keySet().iterator().next());
        }
    }

    /**
     * Marks notifications as read or unread.
     *
     * @param ids which; null for all
     * @return those that were not so before
     */
    List<String> mark(@Nullable Collection<String> ids, boolean read) {
        return change(
                one -> one.read() != read && (ids == null || ids.contains(one.id())), one -> one.read(read), true);
    }

    /** Notes that a device has shown notifications; which is nothing that other devices have to know. */
    List<String> acknowledge(Collection<String> ids) {
        return change(one -> !one.acknowledged() && ids.contains(one.id()), Notification::acknowledge, false);
    }

    List<String> remove(Collection<String> ids) {
        return dropped(one -> ids.contains(one.id()));
    }

    List<String> expire(long now) {
        return dropped(one -> one.expired(now));
    }

    void quiet(QuietHours value) {
        quiet = value;
        revision++;
    }

    /**
     * Follows a topic, or no longer.
     *
     * @return false when nothing had to be changed
     * @throws IllegalArgumentException when it would be one too many
     */
    boolean follow(String topic, boolean on) {
        if (on && !topics.contains(topic) && topics.size() >= TOPICS) {
            throw new IllegalArgumentException("One can follow " + TOPICS + " topics at most.");
        }
        boolean changed = on ? topics.add(topic) : topics.remove(topic);
        if (changed) {
            revision++;
        }
        return changed;
    }

    private List<String> change(Predicate<Notification> which, UnaryOperator<Notification> how, boolean seen) {
        List<String> changed = new ArrayList<>();
        items.replaceAll(one -> {
            if (!which.test(one)) {
                return one;
            }
            changed.add(one.id());
            return how.apply(one);
        });
        if (seen && !changed.isEmpty()) {
            revision++;
        }
        return changed;
    }

    private List<String> dropped(Predicate<Notification> which) {
        List<String> gone = new ArrayList<>();
        drop(which, gone);
        if (!gone.isEmpty()) {
            revision++;
        }
        return gone;
    }

    private void drop(Predicate<Notification> which, List<String> gone) {
        items.removeIf(one -> which.test(one) && gone.add(one.id()));
    }

    /**
     * What devices are shown: the newest first, without what has expired.
     *
     * @param bytes how long it may be; what is older is left out, and {@code more} is true then
     */
    JsonObject view(long now, int bytes) {
        JsonArray newest = new JsonArray();
        int room = bytes;
        boolean more = false;
        for (int i = items.size() - 1; i >= 0 && !more; i--) {
            if (!items.get(i).expired(now)) {
                JsonObject json = items.get(i).toJson();
                room -= json.toBuffer().length() + 1;
                more = room < 0;
                if (!more) {
                    newest.add(json);
                }
            }
        }
        return new JsonObject()
                .put("revision", revision)
                .put("unread", unread(now))
                .put("notifications", newest)
                .put("more", more)
                .put("quiet", quiet.toJson())
                .put("topics", new JsonArray(List.copyOf(topics)));
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("revision", revision)
                .put(
                        "items",
                        new JsonArray(items.stream().map(Notification::toJson).toList()))
                .put("quiet", quiet.toJson())
                .put("topics", new JsonArray(List.copyOf(topics)))
                .put(
                        "sent",
                        new JsonArray(sent.entrySet().stream()
                                .map(one -> new JsonArray().add(one.getKey()).add(one.getValue()))
                                .toList()));
    }

    static Inbox fromJson(JsonObject json) {
        Inbox inbox = new Inbox();
        inbox.revision = json.getLong("revision");
        inbox.quiet = QuietHours.fromJson(json.getJsonObject("quiet"));
        json.getJsonArray("topics").forEach(topic -> inbox.topics.add((String) topic));
        json.getJsonArray("items")
                .forEach(item -> inbox.items.add(Notification.fromJson((JsonObject) Objects.requireNonNull(item))));
        for (Object one : json.getJsonArray("sent", new JsonArray())) {
            JsonArray pair = (JsonArray) Objects.requireNonNull(one);
            inbox.sent.put(pair.getString(0), pair.getString(1));
        }
        return inbox;
    }
}
