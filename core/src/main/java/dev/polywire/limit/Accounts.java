package dev.polywire.limit;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of all users, or of all addresses, as many as there is room for. Safe for all threads.
 *
 * <p>An account at rest, without sessions and with full buckets, says nothing that a new one would not, so it is forgotten: whoever
 * needs a new one looks at a few old ones. When all are in use, those that find no room share one, so that a table that is full
 * lets nobody past the limits.
 */
final class Accounts {
    /** So many accounts are looked at for each that is made. */
    private static final int LOOK = 4;

    /** So many when there is no room. */
    private static final int SEARCH = 64;

    private final Tariff tariff;
    private final int most;
    /** What the accounts' names begin with where those of users and of addresses are mixed. */
    private final String prefix;

    private final Account common;
    private final Map<String, Account> accounts = new ConcurrentHashMap<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();
    private Iterator<Account> next = Collections.emptyIterator();
    private volatile @Nullable Sharing sharing;

    /**
     * Creates an empty table.
     *
     * @param tariff what each may use
     * @param most how many accounts there may be
     * @param prefix what their names begin with where other nodes hear of them
     */
    Accounts(Tariff tariff, int most, String prefix) {
        this.tariff = tariff;
        this.most = most;
        this.prefix = prefix;
        // Who has no room here has it perhaps elsewhere, so this one is no other node's business.
        this.common = new Account("", tariff, null, "", 0);
    }

    /** Shares the accounts that are made from now on with other nodes. */
    void share(Sharing how) {
        sharing = how;
    }

    /** Returns what the accounts share with other nodes. */
    List<Share> shares() {
        return accounts.values().stream()
                .map(Account::share)
                .filter(Objects::nonNull)
                .toList();
    }

    /** What came of a visit to an account. */
    record Visit(Account account, long result) {}

    /**
     * Does something with the account of a user or an address, which is not forgotten meanwhile.
     *
     * @param key the user or address
     * @param now the time in milliseconds
     * @param use what to do, quickly
     * @return the account, which may be forgotten unless something that lasts was counted there
     */
    Visit visit(String key, long now, ToLongFunction<Account> use) {
        if (!accounts.containsKey(key)) {
            sweep(now, accounts.size() < most ? LOOK : SEARCH);
            if (accounts.size() >= most) {
                return new Visit(common, use.applyAsLong(common));
            }
        }
        long[] result = new long[1];
        Account account = accounts.compute(key, (same, known) -> {
            Account mine = known == null ? new Account(key, tariff, sharing, prefix + key, now) : known;
            result[0] = use.applyAsLong(mine);
            return mine;
        });
        return new Visit(account, result[0]);
    }

    int size() {
        return accounts.size();
    }

    private void sweep(long now, int many) {
        if (!sweeping.compareAndSet(false, true)) {
            return;
        }
        try {
            for (int i = 0; i < many; i++) {
                if (!next.hasNext()) {
                    next = accounts.values().iterator();
                    if (!next.hasNext()) {
                        return;
                    }
                }
                Account account = next.next();
                if (account.atRest(now)) {
                    accounts.computeIfPresent(
                            account.key(), (key, there) -> there == account && account.atRest(now) ? null : there);
                }
            }
        } finally {
            sweeping.set(false);
        }
    }
}
