package dev.polywire.cluster.redis;

import dev.polywire.protocol.Position;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Channels in Redis: history in streams, with scripts that do each publish in one step, and pub/sub to wake the nodes up. */
final class RedisBroker implements Broker {
    /** How many publishes wait for a Redis that is away. */
    private static final int MAX_WAITING = 1000;

    /** How many quiet channels are looked at side by side. */
    private static final int CHECKS = 8;

    private record Waiting(Publication publication, long deadline, Promise<Receipt> promise) {}

    private final Vertx vertx;
    private final Commands commands;

    /** The way for publishes with history: one of its own when they wait for replicas. */
    private final Commands publishing;

    private final Listening listening;
    private final RedisOptions options;
    private final Keys keys;
    private final Map<String, Place> places = new HashMap<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
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
    }

    /** Begins; the commands and the listening are begun by whoever owns them. */
    void start() {
        publishing.onUp(this::flush);
        if (publishing != commands) {
            publishing.start();
        }
        checker = vertx.setPeriodic(
                options.getIdleCheck().toMillis(), id -> commands.context().runOnContext(v -> check()));
        if (!options.getWaitWhileAway().isZero()) {
            sweeper = vertx.setPeriodic(100, id -> commands.context().runOnContext(v -> expire()));
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
        commands.context().runOnContext(v -> {
            if (closed) {
                promise.fail(Away.unavailable(new Away("Closed.", false)));
            } else if (stored(publication) && !waiting.isEmpty()) {
                // Those that wait came first.
                wait(publication, promise);
            } else {
                send(publication, promise);
            }
        });
        return promise.future();
    }

    private static boolean stored(Publication publication) {
        return publication.keep().size() > 0;
    }

    private static String channel(Publication publication) {
        String channel = publication.message().channel();
        if (channel == null) {
            throw new IllegalArgumentException("A message of no channel cannot be published.");
        }
        return channel;
    }

    private void send(Publication publication, Promise<Receipt> promise) {
        String channel = channel(publication);
        keys.publish(channel, publication).onComplete(result -> {
            if (result.succeeded()) {
                Keys.Done done = result.result();
                promise.complete(new Receipt(
                        done.offset() == 0 ? null : new Position(done.epoch(), done.offset()), done.duplicate()));
            } else if (result.cause() instanceof Away away && !away.sent()) {
                unsent(publication, promise, away);
            } else {
                promise.fail(Away.unavailable(result.cause()));
            }
        });
    }

    private void unsent(Publication publication, Promise<Receipt> promise, Away away) {
        if (!stored(publication)) {
            // It went to nobody, and is never published again: who is here may have it (rule 33).
            Place place = places.get(channel(publication));
            if (place != null) {
                place.local(new Parcel(publication.message(), publication.except()));
            }
            promise.complete(new Receipt(null, false));
        } else if (options.getWaitWhileAway().isZero()) {
            promise.fail(Away.unavailable(away));
        } else {
            wait(publication, promise);
        }
    }

    private void wait(Publication publication, Promise<Receipt> promise) {
        if (waiting.size() >= MAX_WAITING || closed) {
            promise.fail(Away.unavailable(new Away("Too many wait.", false)));
            return;
        }
        long patience = TimeUnit.MILLISECONDS.toNanos(options.getWaitWhileAway().toMillis());
        waiting.add(new Waiting(publication, System.nanoTime() + patience, promise));
    }

    private void flush() {
        List<Waiting> all = new ArrayList<>(waiting);
        waiting.clear();
        for (Waiting one : all) {
            if (System.nanoTime() - one.deadline > 0) {
                one.promise.fail(Away.unavailable(new Away("It waited in vain.", false)));
            } else {
                send(one.publication, one.promise);
            }
        }
    }

    private void expire() {
        while (!waiting.isEmpty() && System.nanoTime() - waiting.element().deadline > 0) {
            waiting.remove().promise.fail(Away.unavailable(new Away("It waited in vain.", false)));
        }
        if (!waiting.isEmpty() && publishing.up()) {
            flush();
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
            waiting.forEach(one -> one.promise.tryFail(Away.unavailable(new Away("Closed.", false))));
            waiting.clear();
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
