package dev.polywire.limit;

import dev.polywire.spi.Quota;
import dev.polywire.spi.Quota.Standing;
import dev.polywire.spi.Quota.Use;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What an account has in common with those of the same name at other nodes: what they have used was taken from its buckets when this node last asked, and what was used here since
 * then they do not know yet. Safe for all threads.
 *
 * <p>It asks when half a slice is used, and a whole one may be used before there is an answer. Who uses little of a rate does not tell at all: nobody would notice.
 */
final class Share {
    /** Where the limit is so many times as high, a use is not told. */
    private static final int NOTABLE = 20;

    private static final long LASTS_MILLIS = Meter.LASTS / Meter.MILLI;

    private static final long MICRO = 1000;

    /** For how long nobody asks again what the others have, milliseconds. */
    private static final long STALE = 1000;

    private final Sharing sharing;
    private final String key;
    private final AtomicLongArray times;
    private final AtomicIntegerArray counts;
    private final Tariff tariff;

    /** What was used of each bucket and the others do not know for certain, nanoseconds. */
    private final AtomicLongArray unsaid = new AtomicLongArray(Account.BUCKETS);

    /** Set while it waits for an answer, or for its turn to ask. */
    private final AtomicBoolean asking = new AtomicBoolean();

    /** Completed with the next answer, or when there is none. */
    private final AtomicReference<@Nullable Promise<Void>> hearers = new AtomicReference<>();

    /** When it began to wait. */
    private volatile long asked;

    /** Since when what is unsaid was used. */
    private volatile long since;

    /** How many the others know of. */
    private volatile List<Integer> said = List.of(0, 0);

    /** Set when something else may have been said. */
    private volatile boolean uncertain;

    /** How many the others have. */
    private volatile List<Long> others = List.of(0L, 0L);

    Share(Sharing sharing, String key, AtomicLongArray times, AtomicIntegerArray counts, Tariff tariff, long now) {
        this.sharing = sharing;
        this.key = key;
        this.times = times;
        this.counts = counts;
        this.tariff = tariff;
        this.since = now;
    }

    String key() {
        return key;
    }

    long now() {
        return sharing.now();
    }

    // ---- rates -----------------------------------------------------------------------------------------------------

    /** Returns how far ahead the time of a bucket may lie from which others take, too. */
    long farthest() {
        return sharing.away() ? Meter.LASTS : Quota.MOST * MICRO;
    }

    /** Returns 0 when something may be taken of a bucket, as far as it is there, or else in how many milliseconds: so long an answer may take. */
    long wait(int bucket, long now) {
        return unsaid.get(bucket) < sharing.slice() || sharing.away() ? 0 : patience(now);
    }

    /** Who does not answer for so long is away as far as this account is concerned: then the limits of this node alone have to do. */
    private long patience(long now) {
        ask(now);
        return Math.max(0, asked + Sharing.PATIENCE - now);
    }

    /** Something was taken of a bucket. */
    void spent(int bucket, long cost, long now) {
        if (sharing.away()) {
            sharing.probe(this, now);
            return;
        }
        if (unsaid.addAndGet(bucket, cost) >= sharing.slice() / 2) {
            ask(now);
        } else if (now - since >= LASTS_MILLIS) {
            tellOrForget(now);
        }
    }

    /** It was given back. */
    void spentBack(int bucket, long cost) {
        less(bucket, cost);
    }

    /** It may have been told, or the store may have gone away, between the taking and the giving back. */
    private void less(int bucket, long cost) {
        unsaid.accumulateAndGet(bucket, cost, (have, gone) -> Math.max(0, have - gone));
    }

    private void tellOrForget(long now) {
        if (!asking.compareAndSet(false, true)) {
            return;
        }
        for (int i = 0; i < Account.BUCKETS; i++) {
            if (unsaid.get(i) >= Meter.LASTS / NOTABLE) {
                asked = now;
                sharing.ask(this);
                return;
            }
        }
        since = now;
        forget();
        asking.set(false);
    }

    private void forget() {
        for (int i = 0; i < Account.BUCKETS; i++) {
            less(i, unsaid.get(i));
        }
    }

    // ---- what is held ----------------------------------------------------------------------------------------------

    /** Waits until it is known how many sessions the others have, where the limit is so small that each of them counts; not for long. */
    Future<Void> known() {
        if (sharing.away() || tariff.most(Account.SESSIONS) >= 2 * NOTABLE) {
            return Future.succeededFuture();
        }
        Promise<Void> promise = hearers.updateAndGet(there -> there == null ? Promise.promise() : there);
        // After that, so that an answer that is on its way finds it.
        ask(now());
        return promise.future().timeout(Sharing.PATIENCE, TimeUnit.MILLISECONDS).otherwiseEmpty();
    }

    private void tellHearers() {
        Promise<Void> promise = hearers.getAndSet(null);
        if (promise != null) {
            promise.complete();
        }
    }

    /**
     * Tells whether one more may be held.
     *
     * @param count how many this node has with that one
     */
    boolean room(int kind, int count, long now) {
        if (sharing.away()) {
            return true;
        }
        int most = tariff.most(kind);
        if (count + others.get(kind) > most) {
            if (now - asked >= STALE) {
                // Those that the others had may be gone by now: who comes again finds out.
                ask(now);
            }
            return false;
        }
        return count - said.get(kind) <= sharing.slice(most) || patience(now) == 0;
    }

    /** How many this node has is another number now. */
    void changed(long now) {
        if (!differs()) {
            return;
        }
        sharing.watch(this);
        if (!sharing.away()) {
            ask(now);
        } else {
            sharing.probe(this, now);
        }
    }

    private boolean differs() {
        if (uncertain) {
            return true;
        }
        List<Integer> known = said;
        for (int i = 0; i < Account.COUNTS; i++) {
            int count = counts.get(i);
            int before = known.get(i);
            if (count == 0 ? before > 0 : Math.abs(count - before) >= Math.max(1, tariff.most(i) / NOTABLE)) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether it is refused because of the others that one more is held here. */
    private boolean full() {
        for (int i = 0; i < Account.COUNTS; i++) {
            long theirs = others.get(i);
            int mine = counts.get(i);
            if (theirs > 0 && mine > 0 && mine + theirs >= tariff.most(i)) {
                return true;
            }
        }
        return false;
    }

    /** Looks whether there is something to tell again, or to ask; returns false when it need not be looked at any more. */
    boolean look(long now) {
        boolean holds = said.stream().anyMatch(count -> count > 0);
        boolean differs = differs();
        if (full() || differs || holds && now - since >= Quota.KEPT / 3) {
            ask(now);
            return true;
        }
        return holds;
    }

    /** What was said is not known any more. */
    void forgotten() {
        said = List.of(0, 0);
        ask(now());
    }

    // ---- telling ---------------------------------------------------------------------------------------------------

    void ask() {
        ask(now());
    }

    boolean asking() {
        return asking.get();
    }

    /** Tells and asks, unless it does so already. */
    void ask(long now) {
        if (asking.compareAndSet(false, true)) {
            asked = now;
            sharing.ask(this);
        }
    }

    /**
     * What is told.
     *
     * @param use in the words of the store
     * @param missing how long it took then until each bucket was full, nanoseconds
     * @param at when it is told
     */
    record Told(Use use, long[] missing, long at) {}

    /** Returns what is to be told now. */
    Told tell(long now) {
        List<Long> spent = new ArrayList<>(Account.BUCKETS);
        long[] missing = new long[Account.BUCKETS];
        for (int i = 0; i < Account.BUCKETS; i++) {
            spent.add(unsaid.get(i) / MICRO);
            missing[i] = Meter.missing(times, i, now);
        }
        List<Integer> held = new ArrayList<>(Account.COUNTS);
        for (int i = 0; i < Account.COUNTS; i++) {
            held.add(Math.max(0, counts.get(i)));
        }
        return new Told(new Use(spent, held), missing, now);
    }

    /** The store has answered. */
    void heard(Told told, Standing standing, long now) {
        for (int i = 0; i < Account.BUCKETS; i++) {
            long left = Math.max(0, told.missing()[i] - (now - told.at()) * Meter.MILLI);
            long more = standing.owed().get(i) * MICRO - left;
            if (more > 0) {
                Meter.takeAnyway(times, i, now, more);
            }
            less(i, told.use().spent().get(i) * MICRO);
        }
        others = standing.held();
        said = told.use().held();
        uncertain = false;
        since = told.at();
        asking.set(false);
        tellHearers();
        if (differs()) {
            ask(now);
        }
        if (full() || said.stream().anyMatch(count -> count > 0)) {
            sharing.watch(this);
        }
    }

    /**
     * The store is away: what it does not know is between this node and the account.
     *
     * @param told what it may know all the same; null when it was not told
     */
    void unheard(@Nullable Told told) {
        forget();
        if (told != null && !told.use().held().equals(said)) {
            uncertain = true;
            sharing.watch(this);
        }
        asking.set(false);
        tellHearers();
    }

    /** Tells whether the others know of nothing that is not so any more, and of what they do not know nothing matters. */
    boolean atRest(long now) {
        if (asking.get() || said.stream().anyMatch(count -> count > 0)) {
            return false;
        }
        if (now - since >= LASTS_MILLIS) {
            return true;
        }
        for (int i = 0; i < Account.BUCKETS; i++) {
            if (unsaid.get(i) > 0) {
                return false;
            }
        }
        return true;
    }
}
