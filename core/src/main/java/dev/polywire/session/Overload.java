package dev.polywire.session;

import dev.polywire.OverloadOptions;
import io.vertx.core.json.JsonObject;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A circuit breaker: tells that the node takes nobody new in while its heap is full or its event loops are late. Safe for all threads.
 *
 * <p>It opens at what the options say, and closes when both are a fifth below that, or it would let a few in and open again all the
 * time. It looks when somebody asks, but not more often than a few times a second.
 */
final class Overload {
    private static final Logger LOG = LoggerFactory.getLogger(Overload.class);

    /** How long a look holds, milliseconds. */
    static final long HOLDS = 100;

    private final double mostHeap;
    private final long mostLag;
    private final LongSupplier clock;
    private volatile DoubleSupplier heap = Overload::live;
    private volatile LongSupplier lag;

    private long looked = Long.MIN_VALUE;
    private volatile boolean open;
    private volatile long trips;

    /**
     * Creates a breaker that is closed.
     *
     * @param options when it opens
     * @param lag how late the event loops are, milliseconds
     * @param clock monotonic milliseconds
     */
    Overload(OverloadOptions options, LongSupplier lag, LongSupplier clock) {
        this.mostHeap = options.heapPercent() / 100.0;
        this.mostLag = options.lag().toMillis();
        this.lag = lag;
        this.clock = clock;
    }

    /** Sets what is asked for the fraction of the heap that is full, and for the milliseconds of lag; for tests. */
    void probes(DoubleSupplier newHeap, LongSupplier newLag) {
        heap = newHeap;
        lag = newLag;
    }

    /** Tells whether nobody new is to be taken in. */
    synchronized boolean open() {
        long now = clock.getAsLong();
        if (looked == Long.MIN_VALUE || now - looked >= HOLDS) {
            looked = now;
            look();
        }
        return open;
    }

    private void look() {
        double full = mostHeap > 0 ? heap.getAsDouble() : 0;
        long late = mostLag > 0 ? lag.getAsLong() : 0;
        if (!open && (mostHeap > 0 && full >= mostHeap || mostLag > 0 && late >= mostLag)) {
            open = true;
            trips++;
            LOG.warn("overload heap={}% lag={}ms: no new sessions are taken in", percent(full), late);
        } else if (open && full <= mostHeap * 0.8 && late <= mostLag * 0.8) {
            open = false;
            LOG.warn("overload over heap={}% lag={}ms", percent(full), late);
        }
    }

    private static long percent(double fraction) {
        return Math.round(fraction * 100);
    }

    /** Adds what an operator wants to know. */
    JsonObject addTo(JsonObject stats) {
        return stats.put("overloaded", open())
                .put("overloads", trips)
                .put("heapPercent", percent(heap.getAsDouble()))
                .put("loopLag", lag.getAsLong());
    }

    /**
     * Returns how much of the heap is full of what a garbage collection has left, which is what cannot be had back. Never more than is
     * full now: a collection of long ago may have left what was let go of since, and was not collected because nobody needs room.
     */
    private static double live() {
        MemoryUsage now = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        long left = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage after = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
            left += after == null ? 0 : after.getUsed();
        }
        return now.getMax() <= 0 ? 0 : (double) Math.min(left, now.getUsed()) / now.getMax();
    }
}
