package dev.polywire.cluster.redis;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The subscription connection to one server, with the channels that belong there. On the context. */
final class Ear implements Link.Events {
    /** How many channels one command names. */
    private static final int CHUNK = 200;

    private final Commands commands;
    private final RedisOptions options;
    private final String owner;
    private final Map<String, Listening.Topic> topics;
    private final Runnable misplaced;
    private final boolean sharded;
    private final Link link;
    private final Set<String> wanted = new LinkedHashSet<>();
    private final Set<String> unwanted = new LinkedHashSet<>();
    private final Map<String, Integer> leaving = new HashMap<>();
    private boolean flushing;
    private @Nullable String pulse;
    private long lastBeat;
    private long lastHeard;
    private boolean heard;

    Ear(
            Vertx vertx,
            Commands commands,
            RedisOptions options,
            Servers servers,
            String owner,
            Map<String, Listening.Topic> topics,
            Runnable misplaced) {
        this.commands = commands;
        this.options = options;
        this.owner = owner;
        this.topics = topics;
        this.misplaced = misplaced;
        this.sharded = commands.cluster();
        boolean check = owner.isEmpty() && options.getMode() != RedisOptions.Mode.STANDALONE;
        this.link = new Link(
                vertx, commands.context(), options, owner.isEmpty() ? servers::master : Servers.at(owner), check, this);
    }

    void start() {
        link.start();
    }

    void close() {
        link.close();
        broken();
    }

    void renew(String why) {
        link.renew(why);
    }

    boolean hears() {
        return link.up() && heard && System.nanoTime() - lastHeard < patience();
    }

    private long patience() {
        return TimeUnit.MILLISECONDS.toNanos(
                options.getHeartbeat().toMillis() + 2 * options.getCallTimeout().toMillis());
    }

    /** Subscribes soon, with others. */
    void want(Listening.Topic topic) {
        unwanted.remove(topic.name);
        wanted.add(topic.name);
        soon();
    }

    /** Unsubscribes soon. */
    void leave(Listening.Topic topic) {
        if (!wanted.remove(topic.name) && (topic.confirmed || topic.askedAt != 0)) {
            unwanted.add(topic.name);
            soon();
        }
        topic.confirmed = false;
        topic.askedAt = 0;
    }

    private void soon() {
        if (!flushing && link.up()) {
            flushing = true;
            commands.context().runOnContext(v -> flush());
        }
    }

    private void flush() {
        flushing = false;
        if (!link.up()) {
            return;
        }
        for (String name : unwanted) {
            leaving.merge(name, 1, Integer::sum);
        }
        tell(sharded ? Command.SUNSUBSCRIBE : Command.UNSUBSCRIBE, unwanted);
        unwanted.clear();
        long now = System.nanoTime() | 1;
        wanted.removeIf(name -> {
            Listening.Topic topic = topics.get(name);
            if (topic == null || topic.ear != this) {
                return !name.equals(pulse);
            }
            topic.askedAt = now;
            return false;
        });
        tell(sharded ? Command.SSUBSCRIBE : Command.SUBSCRIBE, wanted);
        wanted.clear();
    }

    private void tell(Command command, Set<String> names) {
        List<String> all = new ArrayList<>(names);
        // In a cluster one command must not name two slots.
        int chunk = sharded ? 1 : CHUNK;
        for (int from = 0; from < all.size(); from += chunk) {
            Request request = Request.cmd(command);
            all.subList(from, Math.min(all.size(), from + chunk)).forEach(request::arg);
            link.tell(request);
        }
    }

    @Override
    public void up() {
        heard = false;
        lastHeard = System.nanoTime();
        lastBeat = 0;
        wanted.clear();
        unwanted.clear();
        leaving.clear();
        for (Listening.Topic topic : topics.values()) {
            if (topic.ear == this) {
                wanted.add(topic.name);
            }
        }
        pulse = pulse();
        if (pulse != null) {
            wanted.add(pulse);
        }
        flush();
    }

    /** Names a channel that belongs to this server. */
    private @Nullable String pulse() {
        for (int i = 0; i < 1000; i++) {
            String name = options.getPrefix() + "{pulse-" + UUID.randomUUID() + "}";
            if (Objects.equals(commands.owner(name), owner)) {
                return name;
            }
        }
        return null;
    }

    @Override
    public void down() {
        broken();
        if (sharded) {
            // The slots may have moved; there is a pause before each attempt to connect, so this cannot spin.
            commands.refresh().onComplete(done -> misplaced.run());
        }
    }

    private void broken() {
        heard = false;
        for (Listening.Topic topic : List.copyOf(topics.values())) {
            if (topic.ear == this) {
                topic.askedAt = 0;
                if (topic.confirmed) {
                    topic.confirmed = false;
                    topic.wasBroken = true;
                    List.copyOf(topic.listeners).forEach(Listening.Listener::broken);
                }
            }
        }
    }

    /** Publishes to itself when it is time, and gives the connection up when that does not come back. */
    void beat() {
        String name = pulse;
        long now = System.nanoTime();
        if (!link.up() || name == null) {
            return;
        }
        String there = commands.endpoint(owner);
        if (there != null && !there.equals(link.endpoint())) {
            // A master that was demoted need not close its connections. As a replica it passes on what is published,
            // but for what was before it was one.
            link.renew("Another server is the master.");
            return;
        }
        if (now - lastHeard > patience()) {
            link.renew("What this node publishes does not come back to it.");
            return;
        }
        if (lastBeat == 0
                || now - lastBeat
                        > TimeUnit.MILLISECONDS.toNanos(options.getHeartbeat().toMillis())) {
            lastBeat = now;
            commands.send(
                    name,
                    () -> Request.cmd(sharded ? Command.SPUBLISH : Command.PUBLISH)
                            .arg(name)
                            .arg("1"));
        }
    }

    @Override
    public void failed(Throwable error) {
        // Says neither which channel nor which command: all of them are asked for again, after the pause of a new
        // connection.
        link.renew(String.valueOf(error.getMessage()));
    }

    @Override
    public void pushed(Response push) {
        if (push.size() < 2 || push.get(0) == null || push.get(1) == null) {
            return;
        }
        String name = push.get(1).toString();
        switch (push.get(0).toString()) {
            case "message", "smessage" -> message(name, push.get(2).toBuffer());
            case "subscribe", "ssubscribe" -> confirmed(name);
            case "unsubscribe", "sunsubscribe" -> left(name);
            default -> {}
        }
    }

    private void message(String name, Buffer payload) {
        if (name.equals(pulse)) {
            heard = true;
            lastHeard = System.nanoTime();
            return;
        }
        Listening.Topic topic = topics.get(name);
        if (topic != null && topic.ear == this && topic.confirmed) {
            for (Listening.Listener listener : List.copyOf(topic.listeners)) {
                listener.message(payload);
            }
        }
    }

    private void confirmed(String name) {
        Listening.Topic topic = topics.get(name);
        if (topic == null || topic.ear != this || topic.askedAt == 0 || topic.confirmed) {
            return;
        }
        topic.confirmed = true;
        if (topic.wasBroken) {
            topic.wasBroken = false;
            List.copyOf(topic.listeners).forEach(Listening.Listener::restored);
        }
        List<io.vertx.core.Promise<Void>> waiting = List.copyOf(topic.waiting);
        topic.waiting.clear();
        waiting.forEach(io.vertx.core.Promise::tryComplete);
    }

    private void left(String name) {
        Integer expected = leaving.get(name);
        if (expected == null) {
            // Redis did that by itself: the slot has moved.
            link.renew("Redis has ended a subscription.");
        } else if (expected == 1) {
            leaving.remove(name);
        } else {
            leaving.put(name, expected - 1);
        }
    }
}
