package dev.polywire.testing;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Ledger;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One ledger for several nodes; it forgets nothing but what nobody came for. Safe for all threads. */
final class MemoryLedger {
    private final SharedPresence presence;
    private final Map<String, Ledger.Entry> entries = new HashMap<>();
    private final Map<String, Buffer> states = new HashMap<>();
    private final Map<String, String> proofs = new HashMap<>();

    /** What was there before it was taken. */
    private final Map<String, Before> before = new HashMap<>();

    private volatile Future<?> writable = Future.succeededFuture();
    private volatile Future<?> answered = Future.succeededFuture();

    private record Before(Ledger.Entry entry, Buffer state) {}

    MemoryLedger(SharedPresence presence) {
        this.presence = presence;
    }

    Ledger of(MemoryNode node) {
        return new View(node);
    }

    /** Lets nothing be given away before something has happened. */
    void holdGives(Future<?> until) {
        writable = until;
    }

    /** Lets nobody hear what came of taking before something has happened. */
    void holdTakes(Future<?> until) {
        answered = until;
    }

    /** Forgets that a session was last taken, as a replica does that had not heard of it when it became the master. */
    synchronized void rollBack(String session) {
        Before was = before.get(session);
        if (was == null) {
            throw new IllegalStateException("It was never taken.");
        }
        entries.put(session, was.entry());
        states.put(session, was.state());
    }

    private synchronized Ledger.@Nullable Entry find(String session) {
        return entries.get(session);
    }

    private synchronized Future<Long> give(
            String session, long fence, String proof, @Nullable String to, Buffer state, Duration keep, String name) {
        Ledger.Entry entry = entries.get(session);
        if (fence(entry) != fence
                || entry != null && (entry.over() != null || !name.equals(entry.owner()) || entry.waits())) {
            return Future.failedFuture(new ProtocolException(ErrorCode.LOST, "Somebody else has it."));
        }
        entries.put(session, new Ledger.Entry(to, fence + 1, true, null));
        states.put(session, state.copy());
        proofs.put(session, proof);
        presence.park(session);
        MemoryCluster.after(keep.toMillis(), () -> expire(session, fence + 1));
        return Future.succeededFuture(fence + 1);
    }

    private synchronized void expire(String session, long fence) {
        Ledger.Entry entry = entries.get(session);
        if (entry != null && entry.waits() && entry.fence() == fence) {
            end(session, fence, ErrorCode.EXPIRED);
            presence.reap(session);
        }
    }

    private synchronized Ledger.@Nullable Taken take(String session, String proof, String name) {
        Ledger.Entry entry = entries.get(session);
        Buffer state = states.get(session);
        if (entry == null
                || state == null
                || entry.owner() != null && !entry.owner().equals(name)) {
            return null;
        }
        if (!proof.equals(proofs.get(session))) {
            throw new ProtocolException(ErrorCode.UNKNOWN, "There is no such session.");
        }
        states.remove(session);
        before.put(session, new Before(entry, state));
        long fence = entry.owner() == null ? entry.fence() + 1 : entry.fence();
        entries.put(session, new Ledger.Entry(name, fence, false, null));
        return new Ledger.Taken(fence, state);
    }

    private synchronized boolean end(String session, long fence, ErrorCode why) {
        if (fence(entries.get(session)) != fence) {
            return false;
        }
        entries.put(session, new Ledger.Entry(null, fence + 1, false, why));
        states.remove(session);
        return true;
    }

    /** Forgets everything, as a Redis does that somebody has emptied. */
    synchronized void forget() {
        entries.clear();
        states.clear();
    }

    private synchronized List<String> renew(Collection<String> sessions, String name, Map<String, Long> known) {
        return sessions.stream()
                .filter(session -> {
                    Long fence = known.get(session);
                    if (fence != null && !entries.containsKey(session)) {
                        entries.put(session, new Ledger.Entry(name, fence, false, null));
                    }
                    Ledger.Entry entry = entries.get(session);
                    return entry == null || !name.equals(entry.owner());
                })
                .toList();
    }

    private static long fence(Ledger.@Nullable Entry entry) {
        return entry == null ? 0 : entry.fence();
    }

    private final class View implements Ledger {
        private final MemoryNode node;

        /** The fences under which it has taken sessions: what the ledger forgets is written again. */
        private final Map<String, Long> known = new ConcurrentHashMap<>();

        View(MemoryNode node) {
            this.node = node;
        }

        @Override
        public Future<@Nullable Entry> find(String session) {
            return MemoryCluster.later(Future.succeededFuture(MemoryLedger.this.find(session)));
        }

        @Override
        public Future<Long> give(
                String session, long fence, String proof, @Nullable String to, Buffer state, Duration keep) {
            known.remove(session);
            return writable.transform(can ->
                    MemoryCluster.later(MemoryLedger.this.give(session, fence, proof, to, state, keep, node.self())));
        }

        @Override
        public Future<@Nullable Taken> take(String session, String proof) {
            Ledger.Taken taken;
            try {
                taken = MemoryLedger.this.take(session, proof, node.self());
            } catch (ProtocolException e) {
                return MemoryCluster.later(Future.failedFuture(e));
            }
            if (taken != null) {
                known.put(session, taken.fence());
            }
            return answered.transform(can -> MemoryCluster.later(Future.succeededFuture(taken)));
        }

        @Override
        public Future<Boolean> end(String session, long fence, ErrorCode why) {
            return MemoryCluster.later(Future.succeededFuture(MemoryLedger.this.end(session, fence, why)));
        }

        @Override
        public Future<List<String>> renew(Collection<String> sessions) {
            return MemoryCluster.later(Future.succeededFuture(MemoryLedger.this.renew(sessions, node.self(), known)));
        }
    }
}
