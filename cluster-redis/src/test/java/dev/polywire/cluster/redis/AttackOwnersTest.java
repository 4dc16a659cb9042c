package dev.polywire.cluster.redis;

import static dev.polywire.cluster.redis.NodesFaults.LONG;
import static dev.polywire.cluster.redis.NodesFaults.ROOM;
import static dev.polywire.cluster.redis.NodesFaults.refusal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ServerFrame.Join;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Ledger.Entry;
import dev.polywire.spi.Ledger.Taken;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The attacks on the design that concern who has a session, and who is present, each on a real Redis. */
class AttackOwnersTest {
    private final List<Life> lives = new ArrayList<>();
    private final List<RedisServer> servers = new ArrayList<>();
    private Cast cast;

    @BeforeEach
    void begin() {
        server();
        cast = new Cast(servers.get(0), RedisOptions.Mode.STANDALONE);
    }

    private Node server() {
        RedisServer server = RedisServer.standalone(false);
        servers.add(server);
        return server.node();
    }

    @AfterEach
    void end() {
        lives.forEach(Life::end);
        servers.forEach(RedisServer::close);
    }

    private Life join() {
        return join(cast.options());
    }

    private Life join(RedisOptions options) {
        Life life = new Life(Cast.node(options));
        lives.add(life);
        return life.join();
    }

    private static Ledger ledger(Life node) {
        return node.cluster.ledger();
    }

    private static long give(Life from, String session, long fence, @Nullable Life to, Duration keep) {
        return Await.get(
                "give",
                ledger(from)
                        .give(
                                session,
                                fence,
                                "proof",
                                to == null ? null : to.name(),
                                Buffer.buffer("from " + fence),
                                keep));
    }

    private static void assertMayNotGive(Life node, String session, long fence) {
        assertEquals(
                ErrorCode.LOST, refusal(ledger(node).give(session, fence, "proof", null, Buffer.buffer("mine"), LONG)));
    }

    private static @Nullable Taken take(Life node, String session) {
        return Await.get("take", ledger(node).take(session, "proof"));
    }

    private static Taken taken(@Nullable Taken taken) {
        assertNotNull(taken);
        return taken;
    }

    private static Entry find(Life node, String session) {
        Entry entry = Await.get("find", ledger(node).find(session));
        assertNotNull(entry);
        return entry;
    }

    private static void awaitBuried(Life by, String name) {
        Await.until(
                "it is buried",
                LONG,
                () -> refusal(by.cluster.peers().ask(name, Buffer.buffer("?"), 200)) == ErrorCode.LOST);
    }

    private static List<String> left(Life at) {
        return at.heard(ROOM, Leave.class).stream()
                .map(leave -> leave.member().session())
                .toList();
    }

    @Test
    @DisplayName(
            "hole 33, rules 35 and 38: an owner sleeps, is fenced and wakes: it can neither give what it had nor keep it, nor is it present with it")
    void ownerWakes() {
        Life first = join();
        Life sleeper = join();
        Life other = join();
        other.enter(ROOM, "w");
        sleeper.enter(ROOM, "own");
        assertEquals(1, give(first, "came", 0, sleeper, LONG));
        assertEquals(1, taken(take(sleeper, "came")).fence());
        Await.until("the others may bury", LONG, () -> first.steady() && other.steady());
        String before = sleeper.name();
        cast.sleep(sleeper.cluster);
        try {
            awaitBuried(other, before);
            // As a node does that was reached by the client of each.
            assertTrue(Await.get("end", ledger(other).end("own", 0, ErrorCode.LOST)));
            assertTrue(Await.get("end", ledger(other).end("came", 1, ErrorCode.LOST)));
        } finally {
            cast.wake(sleeper.cluster);
        }
        Await.until("it learns", LONG, () -> !sleeper.buried.isEmpty());
        assertEquals(List.of(before), sleeper.buried);
        assertNotEquals(before, sleeper.name());
        assertMayNotGive(sleeper, "own", 0);
        assertMayNotGive(sleeper, "came", 1);
        assertEquals(List.of("came"), Await.get("renew", ledger(sleeper).renew(List.of("came"))));
        for (String session : List.of("own", "came")) {
            for (Life each : lives) {
                assertNull(take(each, session));
            }
        }
        Await.until("it may write again", LONG, sleeper::held);
        sleeper.enter(ROOM, "new");
        assertEquals(List.of("new", "w"), other.sessions(ROOM));
        assertEquals(List.of("own"), left(other));
    }

    @Test
    @DisplayName(
            "hole 33, rule 35: a fail-over rolls back who has a session, and a second one takes the copy: of the two only one can keep it or give it")
    void rolledBack() {
        Node old = servers.get(0).node();
        Node next = server();
        next.call("REPLICAOF", "127.0.0.1", Integer.toString(old.port()));
        RedisOptions both =
                cast.options().setMode(RedisOptions.Mode.REPLICATED).setEndpoints(List.of(old.uri(), next.uri()));
        Life first = join(both);
        Life second = join(both);
        Life third = join(both);
        assertEquals(1, give(first, "s", 0, null, LONG));
        String key = cast.options().getPrefix() + "{s:s}";
        Await.until("the replica has it", LONG, () -> next.call("EXISTS", key).equals(":1"));
        next.call("REPLICAOF", "NO", "ONE");
        assertEquals(2, taken(take(second, "s")).fence());
        old.kill();
        Await.until(
                "they are at the new master",
                LONG,
                () -> lives.stream()
                        .allMatch(
                                node -> Await.get("ready", node.cluster.ready()).isOk()));
        assertEquals(new Entry(null, 1, true, null), find(third, "s"));
        assertEquals(2, taken(take(third, "s")).fence(), "Nobody can know.");
        assertMayNotGive(second, "s", 2);
        assertEquals(List.of("s"), Await.get("renew", ledger(second).renew(List.of("s"))));
        assertEquals(List.of(), Await.get("renew", ledger(third).renew(List.of("s"))));
        assertMayNotGive(first, "s", 0);
        assertEquals(3, give(third, "s", 2, second, LONG));
        assertEquals(3, taken(take(second, "s")).fence());
    }

    @Test
    @DisplayName(
            "hole 35, rules 37 and 6: who took a state dies; nobody gets the copy, and the session is lost for good")
    void noCopy() {
        Life first = join();
        Life dies = join();
        Life third = join();
        assertEquals(1, give(first, "s", 0, dies, LONG));
        assertNull(take(third, "s"));
        assertEquals("from 0", taken(take(dies, "s")).state().toString());
        String key = cast.options().getPrefix() + "{s:s}";
        assertEquals(":1", servers.get(0).node().call("HEXISTS", key, "s"), "Its answer might have been lost.");
        String name = dies.name();
        Await.until("the others may bury", LONG, () -> first.steady() && third.steady());
        dies.kill();
        awaitBuried(third, name);
        for (Life each : List.of(first, third)) {
            assertNull(take(each, "s"));
            assertMayNotGive(each, "s", 0);
            assertMayNotGive(each, "s", 1);
        }
        assertTrue(Await.get("end", ledger(third).end("s", 1, ErrorCode.LOST)));
        assertEquals(ErrorCode.LOST, find(first, "s").over());
        assertEquals(":0", servers.get(0).node().call("HEXISTS", key, "s"));
        assertNull(take(first, "s"));
    }

    @Test
    @DisplayName(
            "hole 36, rule 34: a session that was given away, came back and is given again stays present as long as the second time")
    void givenTwice() {
        Life first = join();
        Life second = join();
        Life watcher = join();
        watcher.enter(ROOM, "w");
        first.enter(ROOM, "s");
        Duration soon = Duration.ofMillis(600);
        assertEquals(1, give(first, "s", 0, null, soon));
        long began = System.nanoTime();
        assertEquals(2, taken(take(second, "s")).fence());
        second.enter(ROOM, "s");
        assertEquals(3, give(second, "s", 2, first, LONG));
        assertEquals(3, taken(take(first, "s")).fence());
        first.enter(ROOM, "s");
        assertEquals(4, give(first, "s", 3, null, LONG));
        assertTrue(System.nanoTime() - began < soon.toNanos(), "This machine is too slow for what is to be shown.");
        // What is overdue is looked for three times in a lease.
        Cast.pass(soon.plus(Cast.LEASE));
        assertEquals(List.of(), left(watcher));
        assertEquals(List.of("s", "w"), watcher.sessions(ROOM));
        assertEquals(5, taken(take(second, "s")).fence());
        second.enter(ROOM, "s");
        first.leave();
        assertEquals(List.of("s", "w"), watcher.sessions(ROOM));
        assertEquals(
                1,
                Stream.of(watcher.heard(ROOM, Join.class), watcher.heard(ROOM, Leave.class))
                        .flatMap(List::stream)
                        .filter(change -> !(change instanceof Join join)
                                || join.member().session().equals("s"))
                        .count());
    }
}
