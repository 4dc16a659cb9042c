package dev.polywire.cluster.redis;

import dev.polywire.protocol.Position;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Channels in Redis: history in streams, with scripts that do each publish in one step, and pub/sub to wake the nodes up. */
final class RedisBroker implements Broker {
    /** How many quiet channels are looked at side by side. */
    private static final int CHECKS = 8;

    private final Vertx vertx;
    private final Commands commands;

    /** The way for publishes with history: one of its own when they wait for replicas. */
    private final Commands publishing;

    private final Listening listening;
    private final RedisOptions options;
    private final Keys keys;
    private final Map<String, Place> places = new HashMap<>();
    private final Outgoing outgoing;
    private @Nullable Listener listener;
    private long checker = -1;
    private long sweeper = -1;
    private int checking;
    private boolean closed;

    RedisBroker(Vertx vertx, Commands commands, Listening listening, RedisOptions options) {
        this.vertx = vertx;
        this.commands = commands;
        this.listening = listening;
        this.options = options;
        this.publishing = options.getWaitReplicas() > 0 ? commands.another() : commands;
        this.keys = new Keys(commands, publishing, options);
        this.outgoing = new Outgoing(commands.context(), keys, options, this::local);
    }

    /** Begins; the commands and the listening are begun by whoever owns them. */
    void start() {
        publishing.onUp(outgoing::flush);
        if (publishing != commands) {
            publishing.start();
        }
        checker = vertx.setPeriodic(
                options.getIdleCheck().toMillis(), id -> commands.context().runOnContext(v -> check()));
        if (!options.getWaitWhileAway().isZero()) {
            sweeper = vertx.setPeriodic(100, id -> commands.context().runOnContext(v -> look()));
        }
    }

    /** Tells whether every way to Redis stands. On the context. */
    boolean whole() {
        return commands.whole() && publishing.whole();
    }

    /** Returns why one does not, or null. On the context. */
    @Nullable
    String trouble() {
        String trouble = commands.trouble();
        return trouble == null ? publishing.trouble() : trouble;
    }

    @Override
    public void listen(Listener hears) {
        listener = hears;
    }

    private Listener listener() {
        Listener hears = listener;
        if (hears == null) {
            throw new IllegalStateException("Nobody listens.");
        }
        return hears;
    }

    @Override
    public Future<@Nullable Position> subscribe(String channel, Keep keep) {
        Promise<@Nullable Position> promise = Promise.promise();
        commands.context().runOnContext(v -> {
            if (closed) {
                promise.fail(Away.unavailable(new Away("Closed.", false)));
                return;
            }
            Place place = new Place(channel, keep, keys, listener());
            Place old = places.put(channel, place);
            if (old != null) {
                old.close();
                listening.unsubscribe(keys.topic(channel), old);
            }
            listening
                    .subscribe(keys.topic(channel), place)
                    .compose(confirmed -> place.open())
                    .onComplete(result -> {
                        if (result.succeeded()) {
                            promise.complete(result.result());
                            place.opened();
                        } else {
                            end(channel, place);
                            promise.fail(Away.unavailable(result.cause()));
                        }
                    });
        });
        return promise.future();
    }

    private Future<Void> end(String channel, Place place) {
        place.close();
        places.remove(channel, place);
        return listening.unsubscribe(keys.topic(channel), place);
    }

    @Override
    public Future<Void> unsubscribe(String channel) {
        Promise<Void> promise = Promise.promise();
        commands.context().runOnContext(v -> {
            Place place = places.get(channel);
            if (place == null) {
                promise.complete();
            } else {
                end(channel, place).onComplete(promise);
            }
        });
        return promise.future();
    }

    @Override
    public Future<Receipt> publish(Publication publication) {
        Promise<Receipt> promise = Promise.promise();
        commands.context().runOnContext(v -> outgoing.publish(publication, promise));
        return promise.future();
    }

    private void local(Publication publication) {
        Place place = places.get(publication.message().channel());
        if (place != null) {
            place.local(new Parcel(publication.message(), publication.except()));
        }
    }

    private void look() {
        outgoing.expire();
        if (outgoing.waiting() > 0 && publishing.up()) {
            outgoing.flush();
        }
    }

    @Override
    public Future<Slice> read(String channel, Keep keep, @Nullable Position since, int limit, boolean reverse) {
        return keys.read(channel, keep, since, limit, reverse)
                .map(found -> new Slice(
                        found.parcels().stream().map(Parcel::message).toList(),
                        found.position(found.top()),
                        found.complete(),
                        found.more()))
                .recover(error -> Future.failedFuture(Away.unavailable(error)));
    }

    private void check() {
        if (checking > 0 || closed || !commands.up()) {
            return;
        }
        Iterator<Place> all = List.copyOf(places.values()).iterator();
        checking = CHECKS;
        for (int i = 0; i < CHECKS; i++) {
            next(all);
        }
    }

    private void next(Iterator<Place> all) {
        while (all.hasNext() && !closed) {
            Future<Void> check = all.next().check();
            if (!check.isComplete()) {
                check.onComplete(done -> commands.context().runOnContext(v -> next(all)));
                return;
            }
        }
        checking--;
    }

    @Override
    public Future<Void> close() {
        Promise<Void> promise = Promise.promise();
        commands.context().runOnContext(v -> {
            closed = true;
            vertx.cancelTimer(checker);
            vertx.cancelTimer(sweeper);
            outgoing.close();
            Map.copyOf(places).forEach(this::end);
            if (publishing == commands) {
                promise.complete();
            } else {
                publishing.close().onComplete(promise);
            }
        });
        return promise.future();
    }
}
