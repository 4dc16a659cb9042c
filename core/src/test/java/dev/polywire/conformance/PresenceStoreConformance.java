package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.ServerFrame.Join;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.protocol.ServerFrame.Member;
import dev.polywire.protocol.ServerFrame.PresenceChange;
import dev.polywire.spi.PresenceStore;
import dev.polywire.spi.PresenceStore.Snapshot;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every presence store has to pass. Extend it, and say how a node's store is made. */
public abstract class PresenceStoreConformance {
    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private int names;
    private Heard heard = new Heard();
    private @Nullable PresenceStore made;

    /** For the subclasses. */
    protected PresenceStoreConformance() {}

    /**
     * Makes the store of one node. The kit sets the listener and closes it.
     *
     * @return a new one for each test
     */
    protected abstract PresenceStore create();

    @BeforeEach
    void open() {
        heard = new Heard();
        made = create();
        made.listen(heard);
    }

    @AfterEach
    void close() {
        Await.get("close", store().close());
    }

    private PresenceStore store() {
        PresenceStore store = made;
        if (store == null) {
            throw new IllegalStateException("There is a store only within a test.");
        }
        return store;
    }

    private static final int ALL = Integer.MAX_VALUE;

    private String channel() {
        return "kit:" + run + "-" + ++names;
    }

    private static Member member(String session, @Nullable String user) {
        return new Member(session, user, Payload.of("online"), 1000);
    }

    private Snapshot join(String channel, String session, @Nullable String user) {
        return Await.get("join", store().join(channel, member(session, user), ALL));
    }

    private boolean leave(String channel, String session) {
        return Await.get("leave", store().leave(channel, session));
    }

    private boolean update(String channel, String session, Object state) {
        return Await.get("update", store().update(channel, session, Payload.of(state)));
    }

    private Snapshot read(String channel) {
        return Await.get("read", store().read(channel, ALL));
    }

    private List<ServerFrame> changes(String channel, int count) {
        return heard.await(channel, ServerFrame.class, count);
    }

    private static long version(ServerFrame change) {
        if (change instanceof Join join) {
            return join.version();
        }
        if (change instanceof Leave leave) {
            return leave.version();
        }
        if (change instanceof PresenceChange update) {
            return update.version();
        }
        throw new AssertionError("This is no change of presence: " + change);
    }

    @Test
    @DisplayName(
            "R35 each change is announced with the version that follows the one before, and with the count after it")
    void versions() {
        String channel = channel();
        Snapshot first = join(channel, "s1", "u1");
        assertEquals(List.of(member("s1", "u1")), first.members());
        assertEquals(1, first.count());
        Snapshot second = join(channel, "s2", "u2");
        assertEquals(List.of(member("s1", "u1"), member("s2", "u2")), second.members());
        assertTrue(update(channel, "s1", "away"));
        assertTrue(leave(channel, "s2"));
        long v = first.version();
        assertEquals(v + 1, second.version());
        Member away = new Member("s1", "u1", Payload.of("away"), 1000);
        assertEquals(
                List.of(
                        new Join(channel, member("s1", "u1"), 1, v, true),
                        new Join(channel, member("s2", "u2"), 2, v + 1, true),
                        new PresenceChange(channel, away, 2, v + 2),
                        new Leave(channel, member("s2", "u2"), 1, v + 3, true)),
                changes(channel, 4));
        assertEquals(new Snapshot(List.of(away), 1, v + 3), read(channel));
        assertEquals(new Snapshot(List.of(), 1, v + 3), Await.get("count", store().read(channel, 0)));
    }

    @Test
    @DisplayName("R35 as many are listed as were asked for, those that came first, and all are counted")
    void listed() {
        String channel = channel();
        for (int i = 0; i < 50; i++) {
            join(channel, "s" + i, "u" + i);
        }
        Snapshot joined = Await.get("join", store().join(channel, member("last", "u"), 1000));
        int listed = joined.members().size();
        assertTrue(listed > 0 && listed < 10, listed + " are listed");
        assertEquals(member("s0", "u0"), joined.members().get(0));
        assertEquals(51, joined.count());
        assertEquals(joined, Await.get("read", store().read(channel, 1000)));
        Snapshot all = read(channel);
        assertEquals(51, all.members().size());
        assertEquals(joined.members(), all.members().subList(0, listed));
    }

    @Test
    @DisplayName(
            "R35 every session but the one that comes or goes hears of it; of a change of state that one does, too")
    void whoHears() {
        String channel = channel();
        join(channel, "s1", null);
        update(channel, "s1", 1);
        leave(channel, "s1");
        changes(channel, 3);
        for (Heard.Arrival arrival : heard.all(channel)) {
            if (arrival.frame() instanceof PresenceChange) {
                assertEquals(null, arrival.except(), "Its own version would jump.");
            } else {
                assertTrue(arrival.except() == null || arrival.except().equals("s1"));
            }
        }
    }

    @Test
    @DisplayName("R36 what changes nothing is not announced: joining again, leaving twice, a state of nobody")
    void nothingChanges() {
        String channel = channel();
        Snapshot first = join(channel, "s1", "u1");
        assertEquals(first, join(channel, "s1", "u1"));
        assertFalse(update(channel, "s9", "away"));
        assertFalse(leave(channel, "s9"));
        assertFalse(leave(channel(), "s1"));
        assertEquals(first, read(channel));
        assertTrue(leave(channel, "s1"));
        assertFalse(leave(channel, "s1"));
        join(channel, "s2", "u2");
        // In one channel the order is kept: once s2 is here, everything before it would be.
        List<ServerFrame> changes = changes(channel, 3);
        assertEquals(3, changes.size());
        assertEquals(first.version() + 2, version(changes.get(2)));
    }

    @Test
    @DisplayName("R35 first and last tell of a user's first and last session; one without a user is alone")
    void firstAndLast() {
        String channel = channel();
        join(channel, "s1", "u1");
        join(channel, "s2", "u1");
        join(channel, "s3", "u2");
        join(channel, "s4", null);
        join(channel, "s5", null);
        leave(channel, "s1");
        leave(channel, "s4");
        leave(channel, "s2");
        join(channel, "s6", "u1");
        changes(channel, 9);
        assertEquals(
                List.of(true, false, true, true, true, true),
                heard.of(channel, Join.class).stream().map(Join::first).toList());
        assertEquals(
                List.of(false, true, true),
                heard.of(channel, Leave.class).stream().map(Leave::last).toList());
    }

    @Test
    @DisplayName("R35 versions do not begin again when a channel has been empty: a subscriber may hold an old one")
    void emptyForAWhile() {
        String channel = channel();
        join(channel, "s1", "u1");
        leave(channel, "s1");
        long left = version(changes(channel, 2).get(1));
        Snapshot empty = read(channel);
        assertEquals(0, empty.count());
        assertEquals(List.of(), empty.members());
        assertTrue(join(channel, "s2", "u2").version() > left);
        assertTrue(empty.version() >= left, "A reader is not put back.");
    }

    @Test
    @DisplayName("R35 a channel where nobody ever came is empty")
    void neverUsed() {
        Snapshot empty = read(channel());
        assertEquals(List.of(), empty.members());
        assertEquals(0, empty.count());
    }

    @Test
    @DisplayName("R36 presence is by session and channel: the same session elsewhere is another member")
    void byChannel() {
        String one = channel();
        String other = channel();
        join(one, "s1", "u1");
        join(other, "s1", "u1");
        leave(one, "s1");
        assertEquals(0, read(one).count());
        assertEquals(1, read(other).count());
    }

    @Test
    @DisplayName("R36 calls for one session take effect in the order in which they were made")
    void order() {
        String channel = channel();
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            calls.add(store().join(channel, member("s1", "u1"), ALL));
            calls.add(store().leave(channel, "s1"));
        }
        calls.add(store().join(channel, member("s1", "u1"), ALL));
        Await.get("all", Future.all(calls));
        assertEquals(1, read(channel).count());
        assertEquals(41, changes(channel, 41).size());
    }

    @Test
    @DisplayName("R35 whoever applies the announcements in order knows the members, whatever happened")
    void replay() {
        long seed = Long.getLong("polywire.seed", System.nanoTime());
        Random random = new Random(seed);
        String channel = channel();
        Snapshot start = join(channel, "s0", "u0");
        List<Future<?>> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            String session = "s" + (1 + random.nextInt(6));
            int dice = random.nextInt(3);
            if (dice == 0) {
                calls.add(store().join(channel, member(session, "u" + random.nextInt(2)), ALL));
            } else if (dice == 1) {
                calls.add(store().update(channel, session, Payload.of(i)));
            } else {
                calls.add(store().leave(channel, session));
            }
        }
        Await.get("all", Future.all(calls));
        Snapshot end = read(channel);
        int expected = (int) (end.version() - start.version()) + 1;
        List<ServerFrame> changes = changes(channel, expected);
        Map<String, Member> members = new LinkedHashMap<>();
        long version = start.version() - 1;
        for (ServerFrame change : changes) {
            assertEquals(++version, version(change), "seed " + seed);
            if (change instanceof Join join) {
                members.put(join.member().session(), join.member());
                assertEquals(members.size(), join.count(), "seed " + seed);
            } else if (change instanceof Leave leave) {
                members.remove(leave.member().session());
                assertEquals(members.size(), leave.count(), "seed " + seed);
            } else if (change instanceof PresenceChange update) {
                members.put(update.member().session(), update.member());
            }
        }
        assertEquals(end.version(), version, "seed " + seed);
        assertEquals(List.copyOf(members.values()), end.members(), "seed " + seed);
    }
}
