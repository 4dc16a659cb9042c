package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Ledger.Entry;
import dev.polywire.spi.Ledger.Taken;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every ledger of moved sessions has to pass. Extend it, and say how nodes are made. */
public abstract class LedgerConformance extends ClusterKit {
    private static final String PROOF = "who knows this";
    private static final Duration LONG = Duration.ofMinutes(5);

    private Member one;
    private Member other;

    /** For the subclasses. */
    protected LedgerConformance() {}

    /**
     * Lets time pass: virtual time, or by waiting for it.
     *
     * @param time how much
     */
    protected abstract void pass(Duration time);

    @BeforeEach
    void two() {
        one = join();
        other = join();
    }

    private String session() {
        return one.name() + "." + UUID.randomUUID();
    }

    private static Ledger ledger(Member node) {
        return node.cluster.ledger();
    }

    private static @Nullable Entry find(Member node, String session) {
        return Await.get("find", ledger(node).find(session));
    }

    private static long give(Member node, String session, long fence, @Nullable Member to, String state) {
        String name = to == null ? null : to.name();
        return Await.get("give", ledger(node).give(session, fence, PROOF, name, Buffer.buffer(state), LONG));
    }

    private static @Nullable Taken take(Member node, String session) {
        return Await.get("take", ledger(node).take(session, PROOF));
    }

    private static Taken taken(@Nullable Taken taken) {
        assertNotNull(taken);
        return taken;
    }

    private static boolean end(Member node, String session, long fence) {
        return Await.get("end", ledger(node).end(session, fence, ErrorCode.EXPIRED));
    }

    private static List<String> renew(Member node, String... sessions) {
        return Await.get("renew", ledger(node).renew(List.of(sessions)));
    }

    @Test
    @DisplayName("A session that never moved has no entry, and nothing waits")
    void unmoved() {
        String session = session();
        assertNull(find(one, session));
        assertNull(take(other, session));
        assertEquals(List.of(session), renew(one, session));
        assertNull(find(one, session));
    }

    @Test
    @DisplayName("R35, R37 what is given to a node is taken by that one, once, under the next fence")
    void given() {
        String session = session();
        assertEquals(1, give(one, session, 0, other, "state"));
        assertEquals(new Entry(other.name(), 1, true, null), find(one, session));
        assertNull(take(one, session));
        Taken taken = taken(take(other, session));
        assertEquals("state", taken.state().toString());
        assertEquals(1, taken.fence());
        assertEquals(new Entry(other.name(), 1, false, null), find(one, session));
        assertNull(take(other, session));
        assertNull(take(one, session));
    }

    @Test
    @DisplayName("R35, R37 what is given to whoever comes is taken by one of them, under a fence of its own")
    void anybody() {
        for (int i = 0; i < 20; i++) {
            String session = session();
            assertEquals(1, give(one, session, 0, null, "state"));
            assertEquals(new Entry(null, 1, true, null), find(one, session));
            Future<@Nullable Taken> mine = ledger(one).take(session, PROOF);
            Future<@Nullable Taken> theirs = ledger(other).take(session, PROOF);
            Taken first = Await.get("take", mine.otherwiseEmpty());
            Taken second = Await.get("take", theirs.otherwiseEmpty());
            assertTrue((first == null) != (second == null), first + " and " + second);
            assertEquals(2, taken(first == null ? second : first).fence());
            Member owner = first == null ? other : one;
            assertEquals(new Entry(owner.name(), 2, false, null), find(other, session));
        }
    }

    @Test
    @DisplayName("R3 who does not know what a session was given away with neither takes it nor keeps it waiting")
    void proof() {
        String session = session();
        give(one, session, 0, null, "state");
        Entry before = find(one, session);
        for (Member each : List.of(one, other)) {
            assertEquals(ErrorCode.UNKNOWN, refusal(ledger(each).take(session, "something else")));
        }
        assertEquals(before, find(one, session));
        assertEquals("state", taken(take(other, session)).state().toString());
        assertNull(Await.get("take", ledger(one).take(session, "something else")));
    }

    @Test
    @DisplayName("R35 nobody gives what somebody else has by now")
    void oldFence() {
        String session = session();
        give(one, session, 0, other, "first");
        assertEquals(ErrorCode.LOST, refusal(ledger(one).give(session, 0, PROOF, null, Buffer.buffer("again"), LONG)));
        long fence = taken(take(other, session)).fence();
        assertEquals(ErrorCode.LOST, refusal(ledger(one).give(session, 0, PROOF, null, Buffer.buffer("again"), LONG)));
        assertEquals(fence + 1, give(other, session, fence, one, "second"));
        assertEquals("second", taken(take(one, session)).state().toString());
        assertEquals(
                ErrorCode.LOST, refusal(ledger(other).give(session, fence, PROOF, null, Buffer.buffer("third"), LONG)));
    }

    @Test
    @DisplayName("R35 an owner is a node and a fence: nobody else gives under the same fence, nor anybody what waits")
    void sameFence() {
        String session = session();
        long fence = give(one, session, 0, other, "state");
        for (Member each : List.of(one, other)) {
            assertEquals(
                    ErrorCode.LOST,
                    refusal(ledger(each).give(session, fence, PROOF, null, Buffer.buffer("mine"), LONG)));
        }
        assertEquals("state", taken(take(other, session)).state().toString());
        assertEquals(
                ErrorCode.LOST, refusal(ledger(one).give(session, fence, PROOF, null, Buffer.buffer("mine"), LONG)));
        assertEquals(new Entry(other.name(), fence, false, null), find(one, session));
    }

    @Test
    @DisplayName("R38 what has ended is taken and given by nobody")
    void ended() {
        String waiting = session();
        long fence = give(one, waiting, 0, other, "state");
        assertFalse(end(one, waiting, fence - 1));
        assertTrue(end(one, waiting, fence));
        assertNull(take(other, waiting));
        Entry entry = find(other, waiting);
        assertNotNull(entry);
        assertEquals(ErrorCode.EXPIRED, entry.over());
        assertFalse(entry.waits());
        assertTrue(entry.fence() > fence);
        assertEquals(
                ErrorCode.LOST,
                refusal(ledger(one).give(waiting, entry.fence(), PROOF, null, Buffer.buffer("again"), LONG)));
        String unmoved = session();
        assertTrue(end(other, unmoved, 0));
        assertEquals(ErrorCode.LOST, refusal(ledger(one).give(unmoved, 0, PROOF, null, Buffer.buffer("state"), LONG)));
    }

    @Test
    @DisplayName("Renewing tells what is another node's, or over")
    void renewed() {
        String mine = session();
        String theirs = session();
        String over = session();
        for (String session : List.of(mine, theirs, over)) {
            give(one, session, 0, null, "state");
        }
        taken(take(one, mine));
        taken(take(other, theirs));
        Taken gone = taken(take(one, over));
        assertTrue(end(other, over, gone.fence()));
        List<String> lost = new ArrayList<>(renew(one, mine, theirs, over));
        lost.sort(null);
        List<String> expected = new ArrayList<>(List.of(theirs, over));
        expected.sort(null);
        assertEquals(expected, lost);
        assertEquals(List.of(), renew(one, mine));
        assertEquals(List.of(), renew(one));
    }

    @Test
    @DisplayName("A state that nobody comes for is not kept for ever")
    void expires() {
        String session = session();
        Await.get("give", ledger(one).give(session, 0, PROOF, null, Buffer.buffer("state"), Duration.ofMillis(200)));
        pass(Duration.ofMillis(400));
        assertNull(take(other, session));
    }

    @Test
    @DisplayName("A state may have a megabyte of any bytes")
    void large() {
        String session = session();
        byte[] bytes = new byte[1 << 20];
        new Random(1).nextBytes(bytes);
        Buffer state = Buffer.buffer(bytes);
        Await.get("give", ledger(one).give(session, 0, PROOF, null, state, LONG));
        assertEquals(state, taken(take(other, session)).state());
    }

    @Test
    @DisplayName("R35 whoever tries, each state is had once, and fences rise")
    void once() {
        long seed = Long.getLong("polywire.seed", System.nanoTime());
        Random random = new Random(seed);
        String session = session();
        List<Member> nodes = List.of(one, other, join());
        Member owner = one;
        long fence = 0;
        for (int i = 0; i < 40; i++) {
            Member to = random.nextInt(3) == 0 ? null : nodes.get(random.nextInt(3));
            long given = give(owner, session, fence, to, "state " + i);
            assertEquals(fence + 1, given, "seed " + seed);
            List<Future<@Nullable Taken>> tries = new ArrayList<>();
            for (int j = 0; j < 6; j++) {
                tries.add(ledger(nodes.get(j % 3)).take(session, PROOF));
            }
            int had = 0;
            for (int j = 0; j < 6; j++) {
                Taken taken = Await.get("take", tries.get(j));
                if (taken != null) {
                    had++;
                    owner = nodes.get(j % 3);
                    assertEquals("state " + i, taken.state().toString(), "seed " + seed);
                    assertEquals(to == null ? given + 1 : given, taken.fence(), "seed " + seed);
                    fence = taken.fence();
                }
            }
            assertEquals(1, had, "seed " + seed);
            assertTrue(to == null || to == owner, "seed " + seed);
        }
    }
}
