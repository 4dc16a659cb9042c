package dev.polywire.channel;

import dev.polywire.BrokerOptions;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Position;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A broker for one node, in memory. A restart begins new epochs, and clients are told so.
 *
 * <p>A channel that nobody uses is forgotten once its history has aged: then no position of it could be recovered anyway. When it
 * comes back it has a new epoch.
 */
public final class MemoryBroker implements Broker {
    /** Channels looked at in each call that adds one, so that the sweep keeps up, and in some others. */
    private static final int SWEEP = 4;

    /** One in so many of the calls that add no channel looks after the others: each of those is cold memory. */
    private static final int SELDOM = 8;

    /** Channels compared when there are too many. */
    private static final int SAMPLE = 16;

    private final ConcurrentHashMap<String, History> channels = new ConcurrentHashMap<>();
    private final Repeats repeats;
    private final LongSupplier clock;
    private final int maxChannels;
    private final long maxBytes;

    /** Those that keep something. */
    private final Set<History> keeping = ConcurrentHashMap.newKeySet();

    private final AtomicLong bytes = new AtomicLong();
    private final ReentrantLock sweeping = new ReentrantLock();
    private Iterator<Map.Entry<String, History>> sweep = channels.entrySet().iterator();
    private Iterator<History> keepers = keeping.iterator();
    private volatile @Nullable Listener listener;
    private volatile boolean closed;

    /** Counts calls; that threads may lose some does no harm. */
    private int calls;

    /**
     * Creates a broker.
     *
     * @param options what it keeps at the most
     * @param clock milliseconds that never run backwards
     */
    public MemoryBroker(BrokerOptions options, LongSupplier clock) {
        this.repeats = new Repeats(options.dedupeWindow(), options.dedupeEntries());
        this.maxChannels = options.channels();
        this.maxBytes = options.historyMemory();
        this.clock = clock;
    }

    @Override
    public void listen(Listener heard) {
        listener = heard;
    }

    @Override
    public Future<@Nullable Position> subscribe(String channel, Keep keep) {
        return with(channel, history -> {
            history.subscribed = true;
            history.use(keep, clock.getAsLong());
            return keep.size() == 0 ? null : history.top();
        });
    }

    @Override
    public Future<Void> unsubscribe(String channel) {
        History history = channels.get(channel);
        if (history != null) {
            synchronized (history) {
                history.subscribed = false;
                history.use(Keep.NOTHING, clock.getAsLong());
            }
        }
        sweep();
        return Future.succeededFuture();
    }

    @Override
    public Future<Receipt> publish(Publication publication) {
        String channel = publication.message().channel();
        if (channel == null) {
            return Future.failedFuture(new IllegalArgumentException("A message to publish needs a channel."));
        }
        return with(channel, history -> publish(channel, history, publication));
    }

    /** One step under the channel's lock: whoever publishes next in this channel finds the message handed over. */
    private Receipt publish(String channel, History history, Publication publication) {
        long now = clock.getAsLong();
        String dedupe = publication.dedupe();
        if (dedupe != null) {
            Receipt first = repeats.find(history.name, dedupe, now);
            if (first != null) {
                return new Receipt(first.position(), true);
            }
        }
        boolean stored = publication.keep().size() > 0;
        ServerFrame.Message message = stored
                ? history.append(publication.message(), publication.keep(), now)
                : History.withOffset(publication.message(), 0);
        Receipt receipt = new Receipt(stored ? history.top() : null, false);
        if (dedupe != null) {
            repeats.remember(history.name, dedupe, receipt, now);
        }
        Listener heard = listener;
        if (history.subscribed && heard != null) {
            try {
                heard.message(channel, message, publication.except());
            } catch (Throwable e) {
                Faults.contain(e);
                // It is stored: a failure now would make the publisher repeat what others have seen.
                Log.warn("The listener failed on a message of channel " + channel, e);
            }
        }
        return receipt;
    }

    @Override
    public Future<Slice> read(String channel, Keep keep, @Nullable Position since, int limit, boolean reverse) {
        return with(channel, history -> {
            long now = clock.getAsLong();
            history.use(keep, now);
            return history.read(since, limit, reverse, now);
        });
    }

    @Override
    public Future<Void> close() {
        closed = true;
        channels.clear();
        keeping.clear();
        return Future.succeededFuture();
    }

    /** Does something under a channel's lock, and looks after the others when the lock is free again: two are never held. */
    private <T extends @Nullable Object> Future<T> with(String channel, Function<History, T> step) {
        if (closed) {
            return Future.failedFuture(new ProtocolException(ErrorCode.UNAVAILABLE, "The server is closing."));
        }
        try {
            while (true) {
                History known = channels.get(channel);
                History history = known == null ? channels.computeIfAbsent(channel, History::new) : known;
                T result;
                synchronized (history) {
                    if (history.dead) {
                        continue;
                    }
                    try {
                        result = step.apply(history);
                    } finally {
                        forget(channel, history);
                    }
                }
                if (known == null || ++calls % SELDOM == 0 || bytes.get() > maxBytes) {
                    sweep();
                }
                return Future.succeededFuture(result);
            }
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }

    /** Forgets a channel that nobody can miss, and counts what another one keeps. Under its lock. */
    private void forget(String channel, History history) {
        if (!history.dead && history.forgettable(clock.getAsLong())) {
            remove(channel, history);
        }
        count(history);
    }

    private void remove(String channel, History history) {
        history.dead = true;
        history.clear();
        count(history);
        channels.remove(channel, history);
    }

    private void count(History history) {
        long now = history.bytes();
        long before = history.counted;
        if (now != before) {
            history.counted = now;
            bytes.addAndGet(now - before);
            if (before == 0) {
                keeping.add(history);
            } else if (now == 0) {
                keeping.remove(history);
            }
        }
    }

    private void sweep() {
        if (!sweeping.tryLock()) {
            return;
        }
        try {
            for (int i = 0; i < SWEEP; i++) {
                Map.Entry<String, History> next = next();
                if (next == null) {
                    break;
                }
                synchronized (next.getValue()) {
                    forget(next.getKey(), next.getValue());
                }
            }
            if (channels.size() > maxChannels) {
                evict();
            }
            while (bytes.get() > maxBytes && shed()) {
                // One history after another, until there is room.
            }
        } finally {
            sweeping.unlock();
        }
    }

    private void evict() {
        String victim = null;
        History oldest = null;
        long since = Long.MAX_VALUE;
        for (int i = 0; i < SAMPLE; i++) {
            Map.Entry<String, History> next = next();
            if (next == null) {
                break;
            }
            History history = next.getValue();
            synchronized (history) {
                if (!history.subscribed && !history.dead && history.lastUse() < since) {
                    since = history.lastUse();
                    oldest = history;
                    victim = next.getKey();
                }
            }
        }
        if (oldest != null && victim != null) {
            synchronized (oldest) {
                if (!oldest.subscribed && !oldest.dead) {
                    remove(victim, oldest);
                }
            }
        }
    }

    /** Drops the history of that channel of a few which was used longest ago; false when none keeps anything. */
    private boolean shed() {
        History victim = null;
        long since = Long.MAX_VALUE;
        for (int i = 0; i < SAMPLE; i++) {
            if (!keepers.hasNext()) {
                keepers = keeping.iterator();
            }
            if (!keepers.hasNext()) {
                break;
            }
            History history = keepers.next();
            synchronized (history) {
                if (history.counted > 0 && history.lastUse() < since) {
                    since = history.lastUse();
                    victim = history;
                }
            }
        }
        if (victim == null) {
            return !keeping.isEmpty();
        }
        synchronized (victim) {
            victim.clear();
            count(victim);
        }
        return true;
    }

    private Map.@Nullable Entry<String, History> next() {
        if (!sweep.hasNext()) {
            sweep = channels.entrySet().iterator();
        }
        return sweep.hasNext() ? sweep.next() : null;
    }

    /** For tests. */
    int channels() {
        return channels.size();
    }

    /** For tests. */
    long bytes() {
        return bytes.get();
    }

    /** For tests. */
    int remembered() {
        return repeats.size();
    }
}
