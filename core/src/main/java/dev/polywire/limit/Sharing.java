package dev.polywire.limit;

import dev.polywire.SharingOptions;
import dev.polywire.spi.Quota;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the accounts of this node tell and hear what is used elsewhere: few at a time, the others in turn. While the store is away nothing is told and nothing waited for, and
 * now and then one account finds out whether it is back. Safe for all threads.
 */
final class Sharing {
    private static final Logger LOG = LoggerFactory.getLogger(Sharing.class);

    /** How long an answer may take until an account goes on without, milliseconds. */
    static final long PATIENCE = 250;

    /** How long nothing is asked when there was no answer, milliseconds. */
    private static final long PAUSE = 1000;

    /** How long the log is silent about it after a warning, milliseconds. */
    private static final long QUIET = 30_000;

    /** So many ask at a time. */
    private static final int SIDE_BY_SIDE = 256;

    private static final int LONGEST = 200;

    private final Quota quota;
    private final LongSupplier clock;
    private final int percent;
    private final long slice;
    private final AtomicInteger flying = new AtomicInteger();
    /** Each account is in here once at the most. */
    private final Queue<Share> waiting = new ConcurrentLinkedQueue<>();
    /** Of whom the others know something, or would have to; not more than there are accounts in use. */
    private final Set<Share> watched = ConcurrentHashMap.newKeySet();

    private final AtomicLong again = new AtomicLong();
    private volatile boolean away;
    private volatile long lostAt;
    private volatile long warned;

    Sharing(Quota quota, SharingOptions options, LongSupplier clock) {
        this.quota = quota;
        this.clock = clock;
        this.percent = options.slicePercent();
        this.slice = Meter.LASTS * percent / 100;
        this.warned = clock.getAsLong() - QUIET;
        quota.listen(this::forgotten);
    }

    /** Returns what an account is called at the store, where names are not to be as long as anybody likes. */
    static String name(String key) {
        if (key.length() <= LONGEST) {
            return key;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return key.substring(0, 2) + "#"
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    long now() {
        return clock.getAsLong();
    }

    /** Returns what may be used of a rate before there is an answer, nanoseconds. */
    long slice() {
        return slice;
    }

    /** Returns so many of what may be held may be more before there is an answer. */
    int slice(int most) {
        return (int) (((long) most * percent + 99) / 100);
    }

    /** Tells whether the store did not answer when it was last asked. */
    boolean away() {
        return away;
    }

    /** Looks at an account again with the next tick. */
    void watch(Share share) {
        watched.add(share);
    }

    /** Puts an account in the queue that is not in it. */
    void ask(Share share) {
        waiting.add(share);
        next();
    }

    private void next() {
        while (!waiting.isEmpty()) {
            if (flying.incrementAndGet() > SIDE_BY_SIDE) {
                flying.decrementAndGet();
                return;
            }
            Share share = waiting.poll();
            if (share == null) {
                flying.decrementAndGet();
            } else {
                tell(share);
            }
        }
    }

    private void tell(Share share) {
        Share.Told told = share.tell(now());
        Future<Quota.Standing> answer;
        try {
            answer = quota.tell(share.key(), told.use());
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e);
        }
        answer.onComplete(result -> {
            flying.decrementAndGet();
            if (result.succeeded()) {
                share.heard(told, result.result(), now());
                back(told.at());
            } else {
                share.unheard(told);
                lost(result.cause());
            }
            next();
        });
    }

    private void lost(Throwable cause) {
        long now = now();
        again.set(now + PAUSE);
        lostAt = now;
        if (!away) {
            away = true;
            if (now - warned >= QUIET) {
                warned = now;
                LOG.warn("Limits are kept by this node alone until the others can be told again: {}", cause.toString());
            }
        }
        while (true) {
            Share share = waiting.poll();
            if (share == null) {
                return;
            }
            share.unheard(null);
        }
    }

    /** What was asked before the store was found to be away says nothing. */
    private void back(long asked) {
        if (away && asked >= lostAt) {
            away = false;
            LOG.debug("shared again");
        }
    }

    /** Finds out whether the store is back, by way of an account that was just used; one at a time. */
    void probe(Share share, long now) {
        long then = again.get();
        if (now >= then && again.compareAndSet(then, now + PAUSE)) {
            share.ask(now);
        }
    }

    /** The store may have forgotten what it was told. */
    private void forgotten() {
        List.copyOf(watched).forEach(Share::forgotten);
    }

    void tick() {
        long now = now();
        // A copy: what is removed and added again might come round for ever.
        for (Share share : List.copyOf(watched)) {
            if (away) {
                probe(share, now);
                return;
            }
            watched.remove(share);
            if (share.look(now)) {
                watched.add(share);
            }
        }
    }
}
