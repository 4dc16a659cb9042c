package dev.polywire.cluster.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The channels of Redis' pub/sub that this node listens to, over connections of their own that carry nothing else: SUBSCRIBE on the master, or in a
 * cluster SSUBSCRIBE on each master. Safe to call from any thread; everything is told on the context of {@link Commands}.
 *
 * <p>Subscriptions are counted by their listeners and sent in batches; one that nobody uses lingers for a while. When a connection breaks, every
 * listener with a confirmed subscription there is told, and told again when it is confirmed anew: what was published in between is missed.
 * A connection whose own heartbeats, published the ordinary way, do not come back is made anew.
 */
final class Listening {
    /** Hears what arrives in one channel, on the context. */
    interface Listener {
        /** A message has arrived. */
        void message(Buffer payload);

        /** The subscription is broken: what is published from now on is missed. */
        default void broken() {}

        /** The subscription is confirmed again after it was broken. */
        default void restored() {}
    }

    /** One channel. On the context. */
    static final class Topic {
        final String name;
        final List<Listener> listeners = new ArrayList<>();
        final List<Promise<Void>> waiting = new ArrayList<>();
        boolean confirmed;
        boolean wasBroken;
        long idleSince;
        long askedAt;

        @Nullable
        Ear ear;

        Topic(String name) {
            this.name = name;
        }
    }

    private final Vertx vertx;
    private final Commands commands;
    private final RedisOptions options;
    private final Servers servers;
    private final Map<String, Topic> topics = new HashMap<>();
    private final Map<String, Ear> ears = Servers.byEndpoint();
    private long sweeper = -1;
    private boolean closed;

    Listening(Vertx vertx, Commands commands, RedisOptions options, Servers servers) {
        this.vertx = vertx;
        this.commands = commands;
        this.options = options;
        this.servers = servers;
    }

    /** Begins to connect, and goes on for ever. */
    void start() {
        commands.context().runOnContext(v -> {
            long every = Math.max(20, Math.min(250, options.getCallTimeout().toMillis() / 4));
            sweeper = vertx.setPeriodic(every, id -> commands.context().runOnContext(w -> sweep()));
            commands.onUp(this::place);
            place();
        });
    }

    /**
     * Adds a listener to a channel.
     *
     * @param channel in a cluster, with the hash tag of the keys that it goes with
     * @param listener told from the confirmation on, perhaps a little earlier; the same object for {@link #unsubscribe}
     * @return completes when Redis has confirmed; fails, the listener being taken away, when that took too long
     */
    Future<Void> subscribe(String channel, Listener listener) {
        Promise<Void> promise = Promise.promise();
        commands.context().runOnContext(v -> {
            if (closed) {
                promise.fail(new Away("Closed.", false));
                return;
            }
            Topic topic = topics.computeIfAbsent(channel, Topic::new);
            topic.listeners.add(listener);
            if (topic.confirmed) {
                promise.complete();
                return;
            }
            topic.waiting.add(promise);
            long id = vertx.setTimer(
                    2 * options.getCallTimeout().toMillis(),
                    late -> commands.context().runOnContext(w -> {
                        if (promise.tryFail(new Away("The subscription was not confirmed.", true))) {
                            topic.waiting.remove(promise);
                            remove(topic, listener);
                        }
                    }));
            promise.future().onComplete(done -> vertx.cancelTimer(id));
            place(topic);
        });
        return promise.future();
    }

    /** Takes a listener away; it hears nothing more once this has completed. Not an error when it was not there. */
    Future<Void> unsubscribe(String channel, Listener listener) {
        Promise<Void> promise = Promise.promise();
        commands.context().runOnContext(v -> {
            Topic topic = topics.get(channel);
            if (topic != null) {
                remove(topic, listener);
            }
            promise.complete();
        });
        return promise.future();
    }

    private static void remove(Topic topic, Listener listener) {
        topic.listeners.removeIf(one -> one == listener);
        if (topic.listeners.isEmpty()) {
            topic.idleSince = System.nanoTime();
        }
    }

    /** Tells whether every connection is up and its heartbeats come back. On the context. */
    boolean hears() {
        return !closed
                && !commands.owners().isEmpty()
                && commands.owners().stream().allMatch(owner -> {
                    Ear ear = ears.get(owner);
                    return ear != null && ear.hears();
                });
    }

    /** Puts each channel where it belongs now: a cluster's slots move. */
    private void place() {
        if (closed) {
            return;
        }
        for (String owner : commands.owners()) {
            ears.computeIfAbsent(owner, this::ear);
        }
        ears.entrySet().removeIf(entry -> {
            boolean gone = !commands.owners().contains(entry.getKey());
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
        topics.values().forEach(this::place);
    }

    private Ear ear(String owner) {
        Ear ear = new Ear(vertx, commands, options, servers, owner, topics, this::place);
        ear.start();
        return ear;
    }

    private void place(Topic topic) {
        String owner = commands.owner(topic.name);
        Ear right = owner == null ? null : ears.get(owner);
        Ear now = topic.ear;
        if (now != right) {
            boolean heard = topic.confirmed;
            if (now != null) {
                now.leave(topic);
            }
            topic.ear = right;
            if (heard) {
                // The slot has moved: what is published until the new server has confirmed is missed.
                topic.wasBroken = true;
                List.copyOf(topic.listeners).forEach(Listener::broken);
            }
        }
        if (right != null && !topic.confirmed && topic.askedAt == 0) {
            right.want(topic);
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        long linger = TimeUnit.MILLISECONDS.toNanos(options.getLinger().toMillis());
        long patience = TimeUnit.MILLISECONDS.toNanos(options.getCallTimeout().toMillis());
        List<Ear> deaf = new ArrayList<>();
        topics.values().removeIf(topic -> {
            Ear ear = topic.ear;
            if (topic.listeners.isEmpty() && topic.waiting.isEmpty() && now - topic.idleSince >= linger) {
                if (ear != null) {
                    ear.leave(topic);
                }
                return true;
            }
            if (ear != null && !topic.confirmed && topic.askedAt != 0 && now - topic.askedAt > patience) {
                deaf.add(ear);
            }
            if (ear == null) {
                place(topic);
            }
            return false;
        });
        deaf.forEach(ear -> ear.renew("A subscription was not confirmed in time."));
        ears.values().forEach(Ear::beat);
    }

    /** Closes the connections; nobody is told anything any more. */
    Future<Void> close() {
        Promise<Void> promise = Promise.promise();
        commands.context().runOnContext(v -> {
            closed = true;
            vertx.cancelTimer(sweeper);
            ears.values().forEach(Ear::close);
            ears.clear();
            for (Topic topic : topics.values()) {
                topic.waiting.forEach(waiting -> waiting.tryFail(new Away("Closed.", false)));
            }
            topics.clear();
            promise.complete();
        });
        return promise.future();
    }
}
