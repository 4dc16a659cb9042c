package dev.polywire.limit;

import dev.polywire.LimitOptions;
import dev.polywire.SharingOptions;
import dev.polywire.spi.Quota;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Holds users and addresses to what each of them may use, whatever sessions they use it in. It has no clock: time is an argument, in
 * milliseconds. Safe for all threads, and without a lock where frames are charged.
 *
 * <p>An address with IPv6 stands for all with the same first 64 bits, because a single customer has at least as many.
 */
public final class SharedLimits {
    private final Accounts users;
    private final Accounts addresses;
    private final boolean charges;
    private final int attachRate;
    private final SharingOptions sharingOptions;
    private volatile @Nullable Sharing sharing;

    /**
     * Creates the limits of one node.
     *
     * @param options what they are
     */
    public SharedLimits(LimitOptions options) {
        Tariff ofUser = Tariff.ofUser(options);
        Tariff ofAddress = Tariff.ofAddress(options.address());
        users = new Accounts(ofUser, options.address().entries(), "u:");
        addresses = new Accounts(ofAddress, options.address().entries(), "a:");
        charges = ofUser.charges() || ofAddress.charges();
        attachRate = options.attaches();
        sharingOptions = options.sharing();
    }

    /**
     * Shares the limits with other nodes, before anything is charged.
     *
     * @param quota where they tell each other
     * @param clock the time that all other methods are told
     */
    public void share(Quota quota, LongSupplier clock) {
        if (sharingOptions.enabled()) {
            Sharing made = new Sharing(quota, sharingOptions, clock);
            users.share(made);
            addresses.share(made);
            sharing = made;
        }
    }

    /** Tells again what has to be, and asks again about what is used up; to be called about once a second, from a thread that may take a moment. */
    public void tick() {
        Sharing with = sharing;
        if (with != null) {
            with.tick();
        }
    }

    /** Tells everything that is not told yet, and asks about everything; for tests, which see by {@link #quiet} when that is done. */
    public void tellAll() {
        shares().forEach(Share::ask);
    }

    /** {@return whether nothing is being told or asked at the moment} */
    public boolean quiet() {
        return shares().noneMatch(Share::asking);
    }

    private Stream<Share> shares() {
        return Stream.concat(users.shares().stream(), addresses.shares().stream());
    }

    /**
     * Charges an address for a connection that it makes.
     *
     * @param address the client's address
     * @param now the time
     * @return 0 when it may, or else the milliseconds until it may
     */
    public long connect(String address, long now) {
        return addresses
                .visit(key(address), now, account -> account.connect(now))
                .result();
    }

    /**
     * Charges an address for a session that it opens.
     *
     * @param address the client's address
     * @param now the time
     * @return 0 when it may, or else the milliseconds until it may
     */
    public long open(String address, long now) {
        return addresses.visit(key(address), now, account -> account.open(now)).result();
    }

    /**
     * Waits, a quarter of a second at the most, until it is known how many sessions there are at other nodes, where there may be so few that each of them counts.
     *
     * @param address the client's address
     * @param user whose session is to be opened, or null
     * @param now the time
     * @return complete already when there is nothing to wait for; never fails
     */
    public Future<Void> known(String address, @Nullable String user, long now) {
        if (!shared()) {
            return Future.succeededFuture();
        }
        Future<Void> at = known(addresses, key(address), now);
        if (user == null) {
            return at;
        }
        Future<Void> of = known(users, user, now);
        return at.succeeded() ? of : at.compose(done -> of);
    }

    private static Future<Void> known(Accounts accounts, String key, long now) {
        Share share = accounts.visit(key, now, account -> 0).account().share();
        return share == null ? Future.succeededFuture() : share.known();
    }

    /**
     * Counts a session.
     *
     * @param address the client's address
     * @param user whose it is, or null
     * @param now the time
     * @return what its frames are charged to, to be left when it ends; null when the user or the address has too many
     */
    public @Nullable Tab enter(String address, @Nullable String user, long now) {
        return enter(address, user, now, account -> account.enter(now) ? 1 : 0);
    }

    /**
     * Counts a session that comes from another node, where it is counted until it is gone from there. Where the limits are shared it is let in however many there are, for it is no new one.
     *
     * @param address the client's address
     * @param user whose it is, or null
     * @param now the time
     * @return as {@link #enter} does; null only where limits are not shared
     */
    public @Nullable Tab enterFromElsewhere(String address, @Nullable String user, long now) {
        return enter(address, user, now, account -> account.enterFromElsewhere(now) ? 1 : 0);
    }

    private @Nullable Tab enter(String address, @Nullable String user, long now, ToLongFunction<Account> enter) {
        Accounts.Visit at = addresses.visit(key(address), now, enter);
        if (at.result() == 0) {
            return null;
        }
        if (user == null) {
            return new Tab(null, at.account(), written(at.account(), address), charges, attachRate);
        }
        Accounts.Visit of = users.visit(user, now, enter);
        if (of.result() == 0) {
            at.account().leave();
            return null;
        }
        return new Tab(of.account(), at.account(), written(at.account(), address), charges, attachRate);
    }

    /**
     * Counts a session at the address from which it goes on now, however many there are.
     *
     * @param tab the session's
     * @param address the client's address
     * @param now the time
     */
    public void moved(Tab tab, String address, long now) {
        if (address.equals(tab.from())) {
            return;
        }
        Account next = addresses
                .visit(key(address), now, account -> account.moveIn(now))
                .account();
        tab.moved(next, written(next, address));
    }

    /**
     * Counts a poll or a bare read.
     *
     * @param address the client's address
     * @param now the time
     * @return where it is counted, to be left when it is over; null when there are too many
     */
    public @Nullable Account read(String address, long now) {
        Accounts.Visit at = addresses.visit(key(address), now, account -> account.enterRead(now) ? 1 : 0);
        return at.result() == 0 ? null : at.account();
    }

    /** {@return whether the limits hold for several nodes together, as far as is known} */
    public boolean shared() {
        Sharing with = sharing;
        return with != null && !with.away();
    }

    /** {@return of how many addresses it is remembered what they have used} */
    public int addresses() {
        return addresses.size();
    }

    /** {@return of how many users it is remembered what they have used} */
    public int users() {
        return users.size();
    }

    /** Returns an address for a session to keep, which need not be a text of its own. */
    private static String written(Account account, String address) {
        return account.key().equals(address) ? account.key() : address;
    }

    /** Returns what addresses that are one client's have in common. */
    static String key(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        if (bytes == null || bytes.length < 16) {
            return address;
        }
        StringBuilder network = new StringBuilder();
        for (int i = 0; i < 8; i += 2) {
            network.append(Integer.toHexString((bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff))
                    .append(':');
        }
        return network.append(":/64").toString();
    }
}
