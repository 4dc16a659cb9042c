package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Numbers that two clients publish for each other without a pause, and what arrives of them. */
final class Traffic {
    private static final int WINDOW = 50;
    /** So many may be on their way: a reader that a bad network holds up is not to be given up as slow. */
    private static final int AHEAD = 500;

    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What came at one end. */
    static final class Log {
        final AtomicInteger lost = new AtomicInteger();
        final AtomicInteger repeated = new AtomicInteger();
        final AtomicInteger reordered = new AtomicInteger();
        volatile int last;
        private final Set<Integer> had = ConcurrentHashMap.newKeySet();

        void take(Message message) {
            int n = (Integer) message.payload();
            if (!had.add(n)) {
                repeated.incrementAndGet();
            } else if (n < last) {
                reordered.incrementAndGet();
            }
            last = Math.max(last, n);
        }

        int size() {
            return had.size();
        }
    }

    private final Channel here;
    private final Channel there;
    private final Log log = new Log();
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final List<Throwable> failed = new CopyOnWriteArrayList<>();
    private volatile boolean over;
    private volatile boolean held;

    /** Begins to publish at one end what the other is subscribed to. */
    Traffic(PolywireClient from, PolywireClient to, String channel) {
        here = from.channel(channel);
        there = to.channel(channel);
        there.on("N", log::take);
        Await.get("a subscription", there.subscribe());
        // In the client's context from the first on: two threads would publish in no order.
        here.presenceCount().onComplete(begin -> go());
    }

    private void go() {
        while (!over && !held && open.get() < WINDOW && sent.get() - log.size() < AHEAD) {
            open.incrementAndGet();
            int n = sent.incrementAndGet();
            Future<Channel.Published> published = here.publish("N", n);
            published.onComplete(done -> {
                open.decrementAndGet();
                if (done.failed()) {
                    failed.add(done.cause());
                    over = true;
                }
                // A pause, or one loop would do nothing else.
                if (n % 5 == 0 || open.get() == 0) {
                    soon();
                }
            });
        }
        if (!over && open.get() == 0) {
            soon();
        }
    }

    private void soon() {
        Vertx.currentContext().owner().setTimer(1, due -> go());
    }

    /** Returns the channel's name. */
    String name() {
        return here.name();
    }

    /** Publishes nothing while something is done in which an answer might be lost (R88). */
    void without(Runnable what) {
        held = true;
        Await.until("the answers", PATIENCE, () -> open.get() == 0);
        what.run();
        held = false;
    }

    /** Waits until so many more have arrived. */
    void more(int count) {
        int wanted = log.size() + count;
        Await.until(count + " more of " + here.name(), PATIENCE, () -> log.size() >= wanted);
    }

    /** Stops, waits for the last, and returns lost, repeated and reordered. */
    List<Integer> counters() {
        over = true;
        Await.until("the answers", PATIENCE, () -> open.get() == 0);
        int all = sent.get();
        Await.until("the last of " + all, PATIENCE, () -> log.last == all);
        assertThat(failed).isEmpty();
        log.lost.set(all - log.size());
        return List.of(log.lost.get(), log.repeated.get(), log.reordered.get());
    }
}
