package dev.polywire.limit;

import dev.polywire.spi.Quota;
import dev.polywire.testing.MemoryQuota;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/** What one node has of a store that takes its time, by a clock that a test moves. For one thread. */
final class SlowQuota implements Quota {
    private final MemoryQuota store;
    private final String node;
    private final LongSupplier clock;
    private final LongSupplier delay;
    private final PriorityQueue<Due> due =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::number));
    private long number;
    private Runnable forgotten = () -> {};
    int calls;
    boolean away;
    boolean silent;

    private record Due(long at, long number, Runnable what) {}

    /**
     * Creates it.
     *
     * @param delay how long it takes each time until something has gone one way, milliseconds
     */
    SlowQuota(MemoryQuota store, String node, LongSupplier clock, LongSupplier delay) {
        this.store = store;
        this.node = node;
        this.clock = clock;
        this.delay = delay;
    }

    @Override
    public Future<Standing> tell(String key, Use use) {
        calls++;
        Promise<Standing> answer = Promise.promise();
        if (silent) {
            later(2000, () -> answer.tryFail("no answer"));
        } else if (away) {
            later(0, () -> answer.fail("away"));
        } else {
            later(delay.getAsLong(), () -> {
                Standing standing = store.tell(key, node, use);
                later(delay.getAsLong(), () -> answer.complete(standing));
            });
        }
        return answer.future();
    }

    @Override
    public void listen(Runnable value) {
        forgotten = value;
    }

    void forgets() {
        forgotten.run();
    }

    private void later(long millis, Runnable what) {
        due.add(new Due(clock.getAsLong() + millis, number++, what));
    }

    /** Lets happen what is due by now. */
    void run() {
        Due next = due.peek();
        while (next != null && next.at() <= clock.getAsLong()) {
            due.poll();
            next.what().run();
            next = due.peek();
        }
    }
}
