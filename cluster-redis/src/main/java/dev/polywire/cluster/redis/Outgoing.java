package dev.polywire.cluster.redis;

import dev.polywire.protocol.Position;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Publishes on their way to Redis. Those of one channel are sent one after the other, without waiting for answers. When Redis refuses one that can be sent anew, or is away and
 * the options let publishes wait for it, nothing else is sent for the channel until all that was sent before is answered; then those that wait go first, in
 * their order. On the context of the commands.
 */
final class Outgoing {
    /** How many publishes wait, of all channels together. */
    private static final int MAX_WAITING = 1000;

    /** How often Redis may ask for one to be sent anew; a slot of a cluster takes its time to move. */
    private static final int ATTEMPTS = 200;

    private static final class One {
        final Publication publication;
        final Promise<Receipt> promise;
        final long deadline;
        int attempts;

        One(Publication publication, Promise<Receipt> promise, long deadline) {
            this.publication = publication;
            this.promise = promise;
            this.deadline = deadline;
        }
    }

    /** What is under way in a channel; there is none where nothing is. */
    private static final class Turn {
        /** What Redis has not taken; it comes before what has not been sent yet. */
        final Deque<One> refused = new ArrayDeque<>(1);

        final Deque<One> waiting = new ArrayDeque<>(1);
        int sent;
        Future<?> ready = Future.succeededFuture();
        /** Whether it is the network that is waited for, and not what Redis has asked for. */
        boolean away;

        boolean idle() {
            return refused.isEmpty() && waiting.isEmpty();
        }
    }

    private final Context context;
    private final Keys keys;
    private final RedisOptions options;
    private final Consumer<Publication> local;
    private final Map<String, Turn> turns = new HashMap<>();
    private int waiting;
    private boolean closed;

    /**
     * Creates one where nothing is under way.
     *
     * @param local hands on at this node what Redis could not take and does not store
     */
    Outgoing(Context context, Keys keys, RedisOptions options, Consumer<Publication> local) {
        this.context = context;
        this.keys = keys;
        this.options = options;
        this.local = local;
    }

    void publish(Publication publication, Promise<Receipt> promise) {
        if (closed) {
            promise.fail(Away.unavailable(new Away("Closed.", false)));
            return;
        }
        String channel = channel(publication);
        long patience = Math.max(
                options.getWaitWhileAway().toMillis(), options.getCallTimeout().toMillis());
        One one = new One(publication, promise, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience));
        Turn turn = turns.computeIfAbsent(channel, name -> new Turn());
        if (turn.idle()) {
            send(channel, turn, one);
        } else {
            // Those that wait came first.
            hold(turn.waiting, one);
        }
    }

    private static String channel(Publication publication) {
        String channel = publication.message().channel();
        if (channel == null) {
            throw new IllegalArgumentException("A message of no channel cannot be published.");
        }
        return channel;
    }

    private void send(String channel, Turn turn, One one) {
        turn.sent++;
        one.attempts++;
        keys.publish(channel, one.publication, turn.refused::isEmpty).onComplete(result -> {
            turn.sent--;
            if (result.succeeded()) {
                Keys.Done done = result.result();
                one.promise.tryComplete(new Receipt(
                        done.offset() == 0 ? null : new Position(done.epoch(), done.offset()), done.duplicate()));
            } else if (result.cause() instanceof Again again && one.attempts < ATTEMPTS) {
                turn.ready = again.ready();
                turn.away = false;
                hold(turn.refused, one);
            } else if (result.cause() instanceof Away away && !away.sent()) {
                unsent(turn, one, away);
            } else {
                one.promise.tryFail(Away.unavailable(result.cause()));
            }
            answered(channel, turn);
        });
    }

    private void unsent(Turn turn, One one, Away away) {
        if (one.publication.keep().size() == 0) {
            // It went to nobody, and is never published again: who is here may have it (rule 33).
            local.accept(one.publication);
            one.promise.tryComplete(new Receipt(null, false));
        } else if (options.getWaitWhileAway().isZero()) {
            one.promise.tryFail(Away.unavailable(away));
        } else {
            turn.away = true;
            hold(turn.refused, one);
        }
    }

    private void hold(Deque<One> where, One one) {
        if (waiting >= MAX_WAITING || closed) {
            one.promise.tryFail(Away.unavailable(new Away("Too many wait.", false)));
            return;
        }
        waiting++;
        where.add(one);
    }

    private void answered(String channel, Turn turn) {
        if (turn.sent > 0) {
            return;
        }
        if (turn.idle()) {
            turns.remove(channel, turn);
        } else if (!turn.away) {
            turn.ready.onComplete(done -> context.runOnContext(v -> go(channel, turn)));
        }
    }

    private void go(String channel, Turn turn) {
        if (turn.sent > 0 || closed) {
            return;
        }
        turn.away = false;
        List<One> all = new ArrayList<>(turn.refused);
        all.addAll(turn.waiting);
        turn.refused.clear();
        turn.waiting.clear();
        waiting -= all.size();
        // Held up until the last is sent: one that fails at once must not let those behind it go first.
        turn.sent++;
        for (One one : all) {
            if (System.nanoTime() - one.deadline > 0) {
                one.promise.tryFail(Away.unavailable(new Away("It waited in vain.", false)));
            } else if (turn.idle()) {
                send(channel, turn, one);
            } else {
                hold(turn.waiting, one);
            }
        }
        turn.sent--;
        answered(channel, turn);
    }

    /** Redis is there again: sends what has waited for that. */
    void flush() {
        for (Map.Entry<String, Turn> entry : List.copyOf(turns.entrySet())) {
            Turn turn = entry.getValue();
            if (turn.away) {
                go(entry.getKey(), turn);
            }
        }
    }

    /** Gives up what has waited for too long. */
    void expire() {
        for (Map.Entry<String, Turn> entry : List.copyOf(turns.entrySet())) {
            Turn turn = entry.getValue();
            expire(turn.refused);
            expire(turn.waiting);
            if (turn.idle() && turn.sent == 0) {
                turns.remove(entry.getKey(), turn);
            }
        }
    }

    private void expire(Deque<One> all) {
        while (!all.isEmpty() && System.nanoTime() - all.element().deadline > 0) {
            waiting--;
            all.remove().promise.tryFail(Away.unavailable(new Away("It waited in vain.", false)));
        }
    }

    /** Tells when nothing waits any more that waits now. */
    Future<Void> settled() {
        List<Future<Receipt>> all = new ArrayList<>();
        for (Turn turn : turns.values()) {
            turn.refused.forEach(one -> all.add(one.promise.future()));
            turn.waiting.forEach(one -> all.add(one.promise.future()));
        }
        return Future.join(all).transform(done -> Future.succeededFuture());
    }

    /** Returns how many wait. */
    int waiting() {
        return waiting;
    }

    void close() {
        closed = true;
        for (Turn turn : turns.values()) {
            turn.refused.forEach(Outgoing::closed);
            turn.waiting.forEach(Outgoing::closed);
        }
        turns.clear();
        waiting = 0;
    }

    private static void closed(One one) {
        one.promise.tryFail(Away.unavailable(new Away("Closed.", false)));
    }
}
