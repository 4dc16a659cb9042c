package dev.polywire.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.AddressOptions;
import dev.polywire.LimitOptions;
import dev.polywire.RateLimit;
import dev.polywire.limit.SessionLimiter.Verdict.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedLimitsTest {
    private static final String HERE = "192.0.2.1";

    private static SharedLimits limits(AddressOptions address) {
        return new SharedLimits(new LimitOptions().userMessages(0).userBytes(0).address(address));
    }

    private static AddressOptions unlimited() {
        return new AddressOptions().messages(0).bytes(0).opens(0).connects(0);
    }

    private static Tab enter(SharedLimits limits, String address, String user) {
        Tab tab = limits.enter(address, user, 0);
        assertThat(tab).isNotNull();
        return tab;
    }

    private static int frames(Tab tab, long now, int attempts) {
        int taken = 0;
        for (int i = 0; i < attempts; i++) {
            taken += tab.frame(now, 1, true) == 0 ? 1 : 0;
        }
        return taken;
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2::/64",
        "2001:db8:1:2::, 2001:db8:1:2::/64",
        "::1, 0:0:0:0::/64",
        "fe80::1%eth0, fe80:0:0:0::/64",
        "unknown, unknown",
        "no:address, no:address"
    })
    void ofAnIpv6AddressTheFirstHalfCounts(String address, String key) {
        assertThat(SharedLimits.key(address)).isEqualTo(key);
    }

    @Test
    void connectsAndOpensAreChargedApart() {
        SharedLimits limits = limits(unlimited().opens(1).connects(2));
        for (int i = 0; i < 10; i++) {
            assertThat(limits.open(HERE, 0)).isZero();
        }
        assertThat(limits.open(HERE, 0)).isEqualTo(1000);
        for (int i = 0; i < 20; i++) {
            assertThat(limits.connect(HERE, 0)).isZero();
        }
        assertThat(limits.connect(HERE, 0)).isEqualTo(500);
        assertThat(limits.open("192.0.2.2", 0)).isZero();
        assertThat(limits.open(HERE, 1000)).isZero();
    }

    @Test
    void addressesOfOneNetworkAreOne() {
        SharedLimits limits = limits(unlimited().opens(1));
        for (int i = 0; i < 10; i++) {
            assertThat(limits.open("2001:db8::" + i, 0)).isZero();
        }
        assertThat(limits.open("2001:db8::ffff", 0)).isPositive();
        assertThat(limits.open("2001:db8:0:1::1", 0)).isZero();
    }

    @Test
    void aSessionIsCountedOnceAndUntilItLeaves() {
        SharedLimits limits = new SharedLimits(
                new LimitOptions().userSessions(2).address(unlimited().sessions(3)));
        Tab first = enter(limits, HERE, "ann");
        enter(limits, HERE, "ann");
        assertThat(limits.enter(HERE, "ann", 0)).as("a third of ann").isNull();
        enter(limits, HERE, null);
        assertThat(limits.enter(HERE, "bob", 0)).as("a fourth of the address").isNull();
        first.leave();
        first.leave();
        enter(limits, HERE, "ann");
        assertThat(limits.enter(HERE, "bob", 0)).isNull();
        assertThat(limits.enter("192.0.2.2", "ann", 0)).isNull();
        enter(limits, "192.0.2.2", "bob");
    }

    @Test
    void aSessionThatMovesIsCountedWhereItIs() {
        SharedLimits limits = limits(unlimited().sessions(1));
        Tab tab = enter(limits, HERE, null);
        limits.moved(tab, "192.0.2.2", 0);
        limits.moved(tab, "192.0.2.2", 0);
        Tab other = enter(limits, HERE, null);
        assertThat(limits.enter("192.0.2.2", null, 0)).isNull();
        limits.moved(other, "192.0.2.2", 0);
        enter(limits, HERE, null);
        tab.leave();
        limits.moved(tab, "192.0.2.3", 0);
        enter(limits, "192.0.2.3", null);
        assertThat(limits.enter("192.0.2.2", null, 0))
                .as("the other one is there")
                .isNull();
        other.leave();
        enter(limits, "192.0.2.2", null);
    }

    @Test
    void sessionsShareWhatTheirUserAndTheirAddressMaySend() {
        SharedLimits limits = new SharedLimits(new LimitOptions()
                .userMessages(1)
                .userBytes(0)
                .address(unlimited().messages(2)));
        Tab first = enter(limits, HERE, "ann");
        Tab second = enter(limits, HERE, "ann");
        Tab other = enter(limits, HERE, "bob");
        assertThat(frames(first, 0, 7) + frames(second, 0, 7)).isEqualTo(10);
        assertThat(frames(other, 0, 30))
                .as("what ann was refused was not taken from the address")
                .isEqualTo(10);
        assertThat(frames(enter(limits, HERE, "cid"), 0, 5)).isZero();
        assertThat(frames(first, 1000, 5)).isEqualTo(1);
        assertThat(frames(other, 1000, 5)).isEqualTo(1);
        assertThat(first.frame(1000, 1, false)).as("signs of life are apart").isZero();
    }

    @Test
    void signsOfLifeMayBeTenTimesAsManyAndAreNoAbuse() {
        SharedLimits limits = limits(unlimited().messages(1));
        Tab tab = enter(limits, HERE, null);
        SessionLimiter limiter = new SessionLimiter(new RateLimit(1000, 1000, 1000, 100_000, 3), 0);
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.charge(0, 1, tab, false).ok()).isTrue();
        }
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.charge(0, 1, tab, false).kind()).isEqualTo(Kind.REFUSED);
        }
        assertThat(limiter.charge(0, 1, tab, true).ok()).isTrue();
    }

    @Test
    void whatTheAddressRefusesIsGivenBackToTheUser() {
        SharedLimits limits = new SharedLimits(new LimitOptions()
                .userMessages(1)
                .userBytes(0)
                .address(unlimited().bytes(1)));
        Tab tab = enter(limits, HERE, "ann");
        assertThat(tab.frame(0, 10, true)).isZero();
        assertThat(frames(tab, 0, 50)).isZero();
        limits.moved(tab, "192.0.2.2", 0);
        assertThat(frames(tab, 0, 50)).isEqualTo(9);
    }

    @Test
    void theSessionIsChargedOnlyWhatTheOthersHaveTaken() {
        SharedLimits limits = limits(unlimited().messages(1));
        Tab tab = enter(limits, HERE, null);
        SessionLimiter limiter = new SessionLimiter(new RateLimit(1, 15, 1000, 1000, 3), 0);
        for (int i = 0; i < 10; i++) {
            assertThat(limiter.charge(0, 1, tab, true).ok()).isTrue();
        }
        assertThat(limiter.charge(0, 1, tab, true)).isEqualTo(new SessionLimiter.Verdict(Kind.REFUSED, 1000));
        assertThat(limiter.charge(0, 1, null, true).ok())
                .as("of its own there is some left")
                .isTrue();
        assertThat(limiter.charge(0, 1, tab, true).kind()).isEqualTo(Kind.REFUSED);
        assertThat(limiter.charge(0, 1, tab, true).kind()).isEqualTo(Kind.REFUSED);
        assertThat(limiter.charge(0, 1, tab, true).kind())
                .as("who goes on regardless")
                .isEqualTo(Kind.ABUSE);
    }

    @Test
    void attachesAreOfOneSession() {
        SharedLimits limits = new SharedLimits(new LimitOptions().attaches(2));
        Tab tab = enter(limits, HERE, null);
        for (int i = 0; i < 20; i++) {
            assertThat(tab.attach(0)).isZero();
        }
        assertThat(tab.attach(0)).isEqualTo(500);
        assertThat(enter(limits, HERE, null).attach(0)).isZero();
        assertThat(tab.attach(500)).isZero();
        Tab any = enter(new SharedLimits(new LimitOptions().attaches(0)), HERE, null);
        for (int i = 0; i < 100_000; i++) {
            assertThat(any.attach(0)).isZero();
        }
    }

    @Test
    void pollsAreCountedWhileTheyLast() {
        SharedLimits limits = limits(unlimited().polls(2));
        Account first = limits.read(HERE, 0);
        assertThat(first).isNotNull();
        assertThat(limits.read(HERE, 0)).isNotNull();
        assertThat(limits.read(HERE, 0)).isNull();
        assertThat(limits.read("192.0.2.2", 0)).isNotNull();
        first.leaveRead();
        assertThat(limits.read(HERE, 0)).isNotNull();
    }

    @Test
    void whoHasUsedNothingLatelyIsForgotten() {
        SharedLimits limits = limits(unlimited().connects(1).entries(1000));
        Tab here = enter(limits, HERE, null);
        long now = 0;
        for (int i = 0; i < 100_000; i++) {
            now += 10;
            assertThat(limits.connect("10." + (i >> 16) + '.' + (i >> 8 & 255) + '.' + (i & 255), now))
                    .isZero();
        }
        assertThat(limits.addresses()).isLessThan(1000);
        limits.moved(here, "192.0.2.2", now);
        here.leave();
        enter(limits, HERE, null);
    }

    @Test
    void whoFindsNoRoomSharesAnAccountWithTheOthers() {
        SharedLimits limits = limits(unlimited().opens(1).sessions(2).entries(50));
        List<Tab> tabs = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            tabs.add(enter(limits, "10.0.0." + i, null));
        }
        assertThat(limits.addresses()).isEqualTo(50);
        enter(limits, "10.0.1.1", null);
        enter(limits, "10.0.1.2", null);
        assertThat(limits.enter("10.0.1.3", null, 0))
                .as("both of one address, for want of room")
                .isNull();
        assertThat(limits.enter("10.0.0.7", null, 0))
                .as("has an account of its own")
                .isNotNull();
        tabs.forEach(Tab::leave);
        enter(limits, "10.0.1.3", null);
        assertThat(limits.addresses()).isLessThanOrEqualTo(50);
    }
}
