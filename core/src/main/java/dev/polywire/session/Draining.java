package dev.polywire.session;

import dev.polywire.protocol.CloseReason;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** Gives all sessions of a node away, a few at a time: those who come back must not come all at once. */
final class Draining {
    /** Over how much of the time, at the most, chance moves a single session: one by itself need not wait for long. */
    private static final int SHARE = 10;

    /** Over which time those are given who came in while the others were being given, at the most, milliseconds. */
    private static final long LATE = 1_000;

    private final BiConsumer<Long, Runnable> timer;
    private final Random random;

    /**
     * Creates it.
     *
     * @param timer does something after so many milliseconds, at least 1
     * @param random where in its part of the time each is given
     */
    Draining(BiConsumer<Long, Runnable> timer, Random random) {
        this.timer = timer;
        this.random = random;
    }

    /**
     * Gives sessions away evenly over a time, in no order.
     *
     * @param time by when the last one is given; those who came in late are given within as long again, and not more than a second
     * @return completes when all are written, or could not be
     */
    static Future<Void> drain(Vertx vertx, Engine engine, Moves moves, Duration time) {
        // A poll or a stream, connected or not: it waits in the ledger, and whichever node the client reaches takes it.
        return new Draining((millis, task) -> vertx.setTimer(millis, timer -> task.run()), new Random())
                .drain(
                        engine.registry()::all,
                        session -> moves.owned()
                                .give(session, null, CloseReason.RENEW)
                                .transform(done -> told(session)),
                        time.toMillis());
    }

    /** Completes when its client was told, too: whoever waits for the end of it may stop the process. */
    private static Future<Void> told(LiveSession session) {
        Promise<Void> promise = Promise.promise();
        session.loop().execute(promise::complete);
        return promise.future();
    }

    /** Gives what is there, and then what has come meanwhile. */
    <T> Future<Void> drain(Supplier<Collection<T>> all, Function<T, Future<Void>> give, long millis) {
        return round(all.get(), give, millis).compose(done -> round(all.get(), give, Math.min(millis, LATE)));
    }

    private <T> Future<Void> round(Collection<T> all, Function<T, Future<Void>> give, long millis) {
        List<T> some = new ArrayList<>(all);
        Collections.shuffle(some, random);
        List<Future<Void>> given = new ArrayList<>(some.size());
        for (int i = 0; i < some.size(); i++) {
            T one = some.get(i);
            long at = at(i, some.size(), millis);
            Promise<Void> promise = Promise.promise();
            // In a step of its own: one that cannot be given, because its loop has stopped, must not hold up the end.
            Runnable task = () ->
                    Future.succeededFuture().compose(now -> give.apply(one)).onComplete(promise);
            if (at == 0) {
                task.run();
            } else {
                timer.accept(at, task);
            }
            given.add(promise.future().otherwiseEmpty());
        }
        return Future.join(given).mapEmpty();
    }

    /** Returns when one of so many is given: somewhere in its own part of the time. Several nodes that stop together must not keep step. */
    long at(int index, int of, long millis) {
        double part = (double) millis / of;
        double chance = Math.min(part, (double) millis / SHARE) * random.nextDouble();
        return (long) (index * part + chance);
    }
}
