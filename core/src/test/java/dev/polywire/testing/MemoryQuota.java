package dev.polywire.testing;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Quota;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** One account of what all nodes use; its time is real until a test has another one. Safe for all threads. */
public final class MemoryQuota {
    private static final long MILLI = 1000;

    private volatile LongSupplier clock = () -> System.nanoTime() / 1_000_000;
    private final Map<String, Entry> entries = new HashMap<>();

    /** What is owed is kept as the time when it is paid off, microseconds. */
    private static final class Entry {
        final List<Long> until = new ArrayList<>();
        final Map<String, List<Integer>> held = new LinkedHashMap<>();
    }

    /** Creates one in which nothing was used. */
    public MemoryQuota() {}

    Quota of(MemoryNode node) {
        return new View(node);
    }

    /**
     * Sets by what clock debts are paid off.
     *
     * @param millis monotonic
     */
    public void clock(LongSupplier millis) {
        clock = millis;
    }

    /**
     * Lets nobody hold any more what a node held.
     *
     * @param name the node
     */
    public synchronized void dead(String name) {
        entries.values().forEach(entry -> entry.held.remove(name));
    }

    /** Forgets all. */
    public synchronized void forgetAll() {
        entries.clear();
    }

    /**
     * Counts, and tells, at once.
     *
     * @param key whose it is
     * @param name the node
     * @param use what it has used
     * @return what all have
     */
    public synchronized Quota.Standing tell(String key, String name, Quota.Use use) {
        long now = clock.getAsLong() * MILLI;
        Entry entry = entries.computeIfAbsent(key, fresh -> new Entry());
        List<Long> owed = new ArrayList<>();
        for (int i = 0; i < use.spent().size(); i++) {
            long before = i < entry.until.size() ? entry.until.get(i) : now;
            long until = Math.min(
                    now + Quota.MOST, Math.max(now, before) + use.spent().get(i));
            if (i < entry.until.size()) {
                entry.until.set(i, until);
            } else {
                entry.until.add(until);
            }
            owed.add(until - now);
        }
        if (use.held().stream().anyMatch(count -> count > 0)) {
            entry.held.put(name, List.copyOf(use.held()));
        } else {
            entry.held.remove(name);
        }
        List<Long> held = new ArrayList<>();
        for (int i = 0; i < use.held().size(); i++) {
            long sum = 0;
            for (Map.Entry<String, List<Integer>> node : entry.held.entrySet()) {
                sum += node.getKey().equals(name) ? 0 : node.getValue().get(i);
            }
            held.add(sum);
        }
        if (entry.held.isEmpty() && owed.stream().allMatch(debt -> debt == 0)) {
            entries.remove(key);
        }
        return new Quota.Standing(List.copyOf(owed), List.copyOf(held));
    }

    /** What a node sees of it. */
    private final class View implements Quota {
        private final MemoryNode node;

        View(MemoryNode node) {
            this.node = node;
        }

        @Override
        public Future<Standing> tell(String key, Use use) {
            return MemoryCluster.later(
                    node.isSilent()
                            ? Future.failedFuture(new ProtocolException(ErrorCode.UNAVAILABLE, "Nobody hears it."))
                            : Future.succeededFuture(MemoryQuota.this.tell(key, node.self(), use)));
        }

        @Override
        public void listen(Runnable forgotten) {
            node.forgotten(forgotten);
        }
    }
}
