package dev.polywire.client;

import io.vertx.core.Promise;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.DoubleSupplier;

/** A place whose time only the test moves, and whose chance comes from a seed. */
final class HandPlace implements Place {
    private record Timer(long at, long order, Runnable run) {}

    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::order));
    private long time = 1_000_000;
    private long order;
    DoubleSupplier chance = new Random(17)::nextDouble;

    @Override
    public long now() {
        return time;
    }

    @Override
    public long wall() {
        return 1_764_000_000_000L + time;
    }

    @Override
    public Runnable later(long millis, Runnable run) {
        Timer timer = new Timer(time + Math.max(0, millis), order++, run);
        timers.add(timer);
        return () -> timers.remove(timer);
    }

    @Override
    public double random() {
        return chance.getAsDouble();
    }

    @Override
    public void run(Runnable run) {
        run.run();
    }

    @Override
    public void soon(Runnable run) {
        later(0, run);
    }

    @Override
    public <T> Promise<T> promise() {
        return Promise.promise();
    }

    /** Lets everything happen that is due within so many milliseconds. */
    void pass(long millis) {
        long end = time + millis;
        while (!timers.isEmpty() && timers.peek().at() <= end) {
            Timer next = timers.remove();
            time = Math.max(time, next.at());
            next.run().run();
        }
        time = end;
    }

    /** How much is planned. */
    int pending() {
        return timers.size();
    }
}
