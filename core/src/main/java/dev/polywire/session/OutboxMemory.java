package dev.polywire.session;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what the outboxes of all sessions of an engine hold within a limit (rule 19), by ending those that hold most.
 *
 * <p>A delivery only adds its bytes to the {@link Charge} of its loop. When those say that the limit may have been reached, what the
 * sessions are charged is added up, which is never less than what is kept, because it counts a shared frame once for each of them;
 * only when that is over the limit, each frame is counted once, on one loop after the other.
 */
final class OutboxMemory {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxMemory.class);

    /** How often the charges are looked at, milliseconds. */
    static final long EVERY = 250;

    /** A count is followed by a rest of so many times what it took. */
    private static final int REST = 10;

    /** So many sessions are looked at during one turn of a loop. */
    private static final int SESSIONS = 10_000;

    /** So many places of outboxes are counted during one turn of a loop. */
    private static final int PLACES = 50_000;

    /** Of all engines: a frame must not be taken for counted because the count of another one had the same number. */
    private static final AtomicInteger ROUNDS = new AtomicInteger();

    private final SessionRegistry registry;
    private final Collection<EventLoop> loops;
    private final long limit;
    private final AtomicBoolean watching = new AtomicBoolean();
    private volatile long notBefore = Long.MIN_VALUE;
    private volatile int counts;
    private volatile int sums;

    /** What the loops will have been charged in all when the limit can have been reached at the earliest. */
    private volatile long sumAt;

    private record Fullness(LiveSession session, int bytes) {}

    /**
     * Watches over nothing yet.
     *
     * @param registry knows the sessions
     * @param loops those that sessions are on, a live view
     * @param limit bytes
     */
    OutboxMemory(SessionRegistry registry, Collection<EventLoop> loops, long limit) {
        this.registry = registry;
        this.loops = loops;
        this.limit = limit;
        this.sumAt = limit;
    }

    /** A session was opened; on its loop, which watches over all until there are none. */
    void watch(EventLoop loop) {
        if (!watching.get() && watching.compareAndSet(false, true)) {
            again(loop);
        }
    }

    /** Returns how often each frame had to be counted; for tests of this package. */
    int counts() {
        return counts;
    }

    /** Returns how often the sessions had to be added up; for tests of this package. */
    int sums() {
        return sums;
    }

    private void again(EventLoop loop) {
        loop.after(EVERY, () -> look(loop));
    }

    private void look(EventLoop loop) {
        long charged = 0;
        for (EventLoop each : loops) {
            charged += each.charge().bytes();
        }
        if (charged <= sumAt) {
            rest(loop);
        } else {
            sums++;
            add(loop, registry.each(), 0, charged);
        }
    }

    private void rest(EventLoop loop) {
        if (registry.size() > 0) {
            again(loop);
            return;
        }
        watching.set(false);
        if (registry.size() > 0) {
            // It was opened in between, and its own watch found this one still there.
            watch(loop);
        }
    }

    /** Adds up what the sessions hold, which had been charged so much when that began. */
    private void add(EventLoop loop, Iterator<LiveSession> rest, long before, long charged) {
        long sum = before;
        for (int i = 0; i < SESSIONS && rest.hasNext(); i++) {
            sum += rest.next().outboxBytes();
        }
        long held = sum;
        if (rest.hasNext()) {
            loop.execute(() -> add(loop, rest, held, charged));
            return;
        }
        sumAt = charged + limit - held;
        if (held > limit && loop.now() >= notBefore) {
            new Count(loop).begin();
        } else {
            rest(loop);
        }
    }

    /** Counts every frame once. Goes from loop to loop, so that no two of them mark frames at the same time. */
    private final class Count {
        private final EventLoop home;
        private final long began;
        private final int round = ROUNDS.incrementAndGet();
        private final List<Fullness> full = new ArrayList<>();
        private Iterator<List<LiveSession>> loops = Collections.emptyIterator();
        private Iterator<LiveSession> here = Collections.emptyIterator();
        private long distinct;

        Count(EventLoop home) {
            this.home = home;
            this.began = home.now();
        }

        void begin() {
            Map<EventLoop, List<LiveSession>> byLoop = new IdentityHashMap<>();
            for (LiveSession session : registry.all()) {
                int bytes = session.outboxBytes();
                if (bytes > 0) {
                    full.add(new Fullness(session, bytes));
                    byLoop.computeIfAbsent(session.loop(), loop -> new ArrayList<>())
                            .add(session);
                }
            }
            loops = byLoop.values().iterator();
            next();
        }

        private void next() {
            if (!loops.hasNext()) {
                home.execute(this::decide);
                return;
            }
            List<LiveSession> sessions = loops.next();
            here = sessions.iterator();
            EventLoop loop = sessions.get(0).loop();
            loop.execute(() -> go(loop));
        }

        private void go(EventLoop loop) {
            int places = 0;
            while (places < PLACES && here.hasNext()) {
                LiveSession session = here.next();
                if (!session.over()) {
                    places += 1 + session.outbox().places();
                    distinct += session.outbox().count(round);
                }
            }
            if (here.hasNext()) {
                loop.execute(() -> go(loop));
            } else {
                next();
            }
        }

        private void decide() {
            counts++;
            if (distinct <= limit) {
                notBefore = home.now() + REST * (home.now() - began);
                rest(home);
                return;
            }
            full.sort(Comparator.comparingInt(Fullness::bytes).reversed());
            long excess = distinct - limit;
            List<Future<Void>> ending = new ArrayList<>();
            for (Fullness next : full) {
                if (excess <= 0) {
                    break;
                }
                // It may free less, for others may hold the same frames, never more: nobody is ended too many.
                excess -= next.bytes();
                ending.add(end(next.session()));
            }
            LOG.warn("outbox_memory bytes={} limit={} ended={}", distinct, limit, ending.size());
            Future.join(ending).onComplete(done -> home.execute(() -> new Count(home).begin()));
        }

        private Future<Void> end(LiveSession session) {
            Promise<Void> promise = Promise.promise();
            session.loop().execute(() -> {
                try {
                    if (!session.over()) {
                        session.overflow();
                    }
                } finally {
                    promise.complete();
                }
            });
            return promise.future();
        }
    }
}
