package dev.polywire.cluster.redis;

import dev.polywire.protocol.Position;
import dev.polywire.spi.Broker.Publication;
import dev.polywire.spi.Broker.Receipt;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes on their way to Redis. Those of one channel are sent one after the other, without waiting for answers. When Redis refuses one that can be sent anew, or is away and
 * the options let publishes wait for it, nothing else is sent for the channel until all that was sent before is answered; then those that wait go first, in
 * their order. While a channel's keys are on their way to another master of a cluster, one publish at a time goes after them: that master, too, may have only some of them yet, and want it sent
 * anew, when it would take the next one. On the context of the commands.
 */
final class Outgoing {
    /** How many publishes wait, of all channels together. */
    private static final int MAX_WAITING = 1000;

    /** How often Redis may ask for one to be sent anew; a slot of a cluster takes its time to move. */
    private static final int ATTEMPTS = 200;

    private static final class One {
        /** Which one it is, of all that this node has published. */
        final long number;

        final Publication publication;
        final Promise<Receipt> promise;
        final long deadline;
        int attempts;
        /** Whether it went after its keys to another master. */
        boolean follows;

        /** Whether nothing else was under way when it was sent. */
        boolean alone;

        One(long number, Publication publication, Promise<Receipt> promise, long deadline) {
            this.number = number;
            this.publication = publication;
            this.promise = promise;
            this.deadline = deadline;
        }
    }

    /** What is under way in a channel; there is none where nothing is. */
    private static final class Turn {
        /** What Redis has not taken, in its order; it comes before what has not been sent yet. Whoever asks two masters may hear of the later one first. */
        final Queue<One> refused = new PriorityQueue<>(1, Comparator.comparingLong(one -> one.number));

        final Queue<One> waiting = new ArrayDeque<>(1);
        int sent;
        /** Whether those that waited are just being sent. */
        boolean goes;

        /** The master that was sent what is not answered. */
        @Nullable
        String owner;

        /** Whether the last one that was answered, or is not yet, has gone after its keys to another master: then they go one by one. */
        boolean follows;

        /** Whether nothing is sent until all that was sent is answered: the script is loaded, and was missing for that. */
        boolean loads;

        Future<?> ready = Future.succeededFuture();
        /** Whether it is the network that is waited for, and not what Redis has asked for. */
        boolean away;

        boolean idle() {
            return refused.isEmpty() && waiting.isEmpty();
        }

        /** Tells whether one may go to where its keys are on their way to. */
        boolean follow(One one) {
            // Nothing else that was sent can have gone there, but what was before this one and is done.
            if (follows && !one.alone || !refused.isEmpty()) {
                return false;
            }
            follows = true;
            one.follows = true;
            return true;
        }
    }

    private final Context context;
    private final Keys keys;
    private final RedisOptions options;
    private final Consumer<Publication> local;
    private final Map<String, Turn> turns = new HashMap<>();
    private long numbers;
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
        One one = new One(++numbers, publication, promise, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience));
        Turn turn = turns.computeIfAbsent(channel, name -> new Turn());
        if (may(turn, one)) {
            send(channel, turn, one);
        } else {
            // Those that wait came first.
            hold(turn.waiting, one);
        }
    }

    /** Tells whether one may be sent, although what was sent before it may not be answered yet. */
    private boolean may(Turn turn, One one) {
        boolean first = turn.sent == 0;
        return turn.idle()
                && (first || !turn.follows && !turn.loads && Objects.equals(turn.owner, keys.owner(one.publication)));
    }

    private static String channel(Publication publication) {
        String channel = publication.message().channel();
        if (channel == null) {
            throw new IllegalArgumentException("A message of no channel cannot be published.");
        }
        return channel;
    }

    private void send(String channel, Turn turn, One one) {
        one.alone = turn.sent == 0;
        one.follows = false;
        if (one.alone) {
            turn.owner = keys.owner(one.publication);
        }
        turn.sent++;
        one.attempts++;
        keys.publish(channel, one.publication, () -> turn.follow(one)).onComplete(result -> {
            turn.sent--;
            turn.follows &= one.follows || !one.alone;
            if (result.succeeded()) {
                Keys.Done done = result.result();
                one.promise.tryComplete(new Receipt(
                        done.offset() == 0 ? null : new Position(done.epoch(), done.offset()), done.duplicate()));
            } else if (result.cause() instanceof Again again && one.attempts < ATTEMPTS) {
                if (turn.refused.isEmpty()) {
                    turn.ready = again.ready();
                }
                turn.away = false;
                hold(turn.refused, one);
                if (again.loads()) {
                    // What was sent before that, of whichever channel, is refused for the same reason; what is sent
                    // from now on would not be.
                    turns.values().forEach(each -> each.loads = each.sent > 0);
                }
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

    private void hold(Queue<One> where, One one) {
        if (waiting >= MAX_WAITING || closed) {
            one.promise.tryFail(Away.unavailable(new Away("Too many wait.", false)));
            return;
        }
        waiting++;
        where.add(one);
    }

    private void answered(String channel, Turn turn) {
        if (turn.sent > 0 || turn.goes) {
            return;
        }
        turn.loads = false;
        if (turn.idle()) {
            turns.remove(channel, turn);
        } else if (!turn.away) {
            turn.ready.onComplete(done -> context.runOnContext(v -> go(channel, turn)));
        }
    }

    private void go(String channel, Turn turn) {
        if (turn.sent > 0 || turn.goes || closed) {
            return;
        }
        turn.away = false;
        List<One> all = new ArrayList<>(turn.refused.size() + turn.waiting.size());
        for (One one = turn.refused.poll(); one != null; one = turn.refused.poll()) {
            all.add(one);
        }
        all.addAll(turn.waiting);
        turn.waiting.clear();
        waiting -= all.size();
        // Until the last is sent: one that fails at once must not let those behind it go first.
        turn.goes = true;
        for (One one : all) {
            if (System.nanoTime() - one.deadline > 0) {
                one.promise.tryFail(Away.unavailable(new Away("It waited in vain.", false)));
            } else if (may(turn, one)) {
                send(channel, turn, one);
            } else {
                hold(turn.waiting, one);
            }
        }
        turn.goes = false;
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

    private void expire(Queue<One> all) {
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
