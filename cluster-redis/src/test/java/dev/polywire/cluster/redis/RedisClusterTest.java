package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ServerFrame.Join;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Ledger.Entry;
import dev.polywire.spi.Ledger.Taken;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How a node begins, goes on and ends, as the engine drives it. */
class RedisClusterTest {
    private static final String ROOM = "room:1";
    private static final Duration LONG = Duration.ofSeconds(30);

    private final List<Life> lives = new ArrayList<>();
    private RedisServer server;
    private Cast cast;

    @BeforeEach
    void begin() {
        server = RedisServer.standalone(false);
        cast = new Cast(server, RedisOptions.Mode.STANDALONE);
    }

    @AfterEach
    void end() {
        lives.forEach(Life::end);
        server.close();
    }

    private Life join() {
        Life life = new Life(cast.node());
        lives.add(life);
        return life.join();
    }

    private String clients() {
        return server.node().call("CLIENT", "LIST", "TYPE", "normal")
                + server.node().call("CLIENT", "LIST", "TYPE", "pubsub");
    }

    private long connections() {
        // One is the question itself.
        return Stream.of(clients().split("\n"))
                        .filter(line -> line.contains("addr="))
                        .count()
                - 1;
    }

    @Test
    @DisplayName("A node that leaves closes its connections, and its keys do not stay: what remains has an end")
    void leavesNothing() {
        Life one = join();
        one.enter(ROOM, "a");
        assertEquals(2, connections(), "One for commands, and one for subscriptions.");
        one.leave();
        Await.until("no connection, not " + clients(), () -> connections() == 0);
        Await.get("leave again", one.cluster.leave().map(true));
        for (String key : server.node().call("KEYS", "*").split("\n")) {
            if (!key.startsWith("*")) {
                boolean shared = key.contains("{nodes}");
                assertTrue(shared || !server.node().call("PTTL", key).equals(":-1"), key + " would stay for ever.");
            }
        }
        assertEquals(ErrorCode.UNAVAILABLE, RedisNodesFaultsTest.refusal(one.entering(ROOM, "b")));
        assertEquals(
                ErrorCode.UNAVAILABLE,
                RedisNodesFaultsTest.refusal(one.cluster.peers().nodes()));
    }

    @Test
    @DisplayName(
            "A node that cannot reach Redis does not join, says so in time, and leaves no connection and no attempt behind")
    void cannotJoin() {
        Gate gate = new Gate(join().vertx, server.node().port());
        gate.shut();
        Life late = new Life(cast.node(gate));
        long began = System.nanoTime();
        assertEquals(ErrorCode.UNAVAILABLE, RedisNodesFaultsTest.refusal(late.cluster.join(late.vertx)));
        assertTrue(System.nanoTime() - began < 6_000_000_000L, "connectTimeout, and thrice callTimeout, are 4 s.");
        int attempts = gate.attempts.get();
        Cast.pass(Duration.ofMillis(700));
        assertEquals(attempts, gate.attempts.get(), "It goes on trying.");
        assertThrows(IllegalStateException.class, () -> late.cluster.join(late.vertx), "A node joins once.");
        late.end();
    }

    @Test
    @DisplayName("While Redis is away a node tries again at a calm pace, and works for nothing else")
    void calm() {
        Life other = join();
        Gate gate = new Gate(other.vertx, server.node().port());
        Life one = new Life(cast.node(gate));
        lives.add(one);
        one.join();
        for (int i = 0; i < 50; i++) {
            one.enter("room:" + i, "s" + i);
        }
        Promise<Long> thread = Promise.promise();
        one.cluster
                .parts()
                .commands()
                .context()
                .runOnContext(v -> thread.complete(Thread.currentThread().getId()));
        long id = Await.get("thread", thread.future());
        gate.shut();
        Await.until("it knows", () -> !one.cluster.parts().commands().up());
        int attempts = gate.attempts.get();
        long cpu = ManagementFactory.getThreadMXBean().getThreadCpuTime(id);
        Cast.pass(Duration.ofSeconds(3));
        int made = gate.attempts.get() - attempts;
        long millis = (ManagementFactory.getThreadMXBean().getThreadCpuTime(id) - cpu) / 1_000_000;
        // Two connections, with pauses of 150 to 300 ms after the first few.
        assertTrue(made >= 10 && made <= 60, made + " attempts in 3 s.");
        assertTrue(millis < 1000, millis + " ms of work in 3 s.");
        assertFalse(Await.get("ready", one.cluster.ready()).isOk());
        assertTrue(Await.get("alive", one.cluster.alive()).isOk());
        gate.open();
        Await.until("ready", LONG, () -> Await.get("ready", one.cluster.ready()).isOk());
    }

    @Test
    @DisplayName("A node leaves in time also when Redis is away, and the others bury it")
    void leavesAlone() {
        Life other = join();
        Gate gate = new Gate(other.vertx, server.node().port());
        Life one = new Life(cast.node(gate));
        lives.add(one);
        one.join();
        one.enter(ROOM, "a");
        other.enter(ROOM, "b");
        gate.shut();
        long began = System.nanoTime();
        one.leave();
        assertTrue(System.nanoTime() - began < 5_000_000_000L, "Thrice callTimeout are 3 s.");
        Await.until(
                "the others have it buried", LONG, () -> other.sessions(ROOM).equals(List.of("b")));
        Await.until("told once", LONG, () -> other.heard(ROOM, Leave.class).size() == 1);
    }

    @Test
    @DisplayName(
            "R34, R37 sessions that were given away stay present when their node goes, and nobody hears of their move")
    void givenAway() {
        Life old = join();
        Life next = join();
        Life watcher = join();
        watcher.enter(ROOM, "w");
        old.enter(ROOM, "moves");
        old.enter(ROOM, "waits");
        old.enter(ROOM, "goes");
        String name = old.name();
        Duration keep = Duration.ofMillis(2500);
        for (String session : List.of("moves", "waits")) {
            Await.get("give", old.cluster.ledger().give(session, 0, "proof", null, Buffer.buffer(session), keep));
        }
        old.leave();
        assertEquals(List.of("moves", "w", "waits"), watcher.sessions(ROOM));
        assertEquals(
                ErrorCode.LOST,
                RedisNodesFaultsTest.refusal(watcher.cluster.peers().ask(name, Buffer.buffer("?"), 1000)));
        assertEquals(List.of("goes"), left(watcher));
        Taken taken = Await.get("take", next.cluster.ledger().take("moves", "proof"));
        assertNotNull(taken);
        assertEquals("moves", taken.state().toString());
        next.enter(ROOM, "moves");
        Await.until("nobody has come for the other", LONG, () -> left(watcher).size() == 2);
        assertEquals(List.of("goes", "waits"), left(watcher));
        assertEquals(List.of("moves", "w"), watcher.sessions(ROOM));
        assertEquals(3 + 1, watcher.heard(ROOM, Join.class).size(), "A move is no join.");
        assertEquals(true, Await.get("leave", next.cluster.presence().leave(ROOM, "moves")));
    }

    private static List<String> left(Life at) {
        return at.heard(ROOM, Leave.class).stream()
                .map(leave -> leave.member().session())
                .toList();
    }

    @Test
    @DisplayName("R34 what nobody has taken in time is removed by its node too, when that lives on")
    void notTaken() {
        Life old = join();
        Life watcher = join();
        watcher.enter(ROOM, "w");
        old.enter(ROOM, "waits");
        Await.get(
                "give",
                old.cluster.ledger().give("waits", 0, "proof", null, Buffer.buffer("state"), Duration.ofMillis(500)));
        assertEquals(List.of("w", "waits"), watcher.sessions(ROOM));
        Await.until("it has left", LONG, () -> left(watcher).equals(List.of("waits")));
        assertEquals(List.of("w"), watcher.sessions(ROOM));
    }

    @Test
    @DisplayName("R35 the entry of a session that has moved is written again by its owner when Redis has forgotten it")
    void ledgerForgotten() {
        Life old = join();
        Life next = join();
        Await.get("give", old.cluster.ledger().give("s", 0, "proof", next.name(), Buffer.buffer("state"), LONG));
        assertNotNull(Await.get("take", next.cluster.ledger().take("s", "proof")));
        server.node().call("FLUSHALL");
        assertEquals(List.of(), Await.get("renew", next.cluster.ledger().renew(List.of("s"))));
        assertEquals(
                new Entry(next.name(), 1, false, null),
                Await.get("find", old.cluster.ledger().find("s")));
        assertEquals(
                ErrorCode.LOST,
                RedisNodesFaultsTest.refusal(
                        old.cluster.ledger().give("s", 0, "proof", null, Buffer.buffer("again"), LONG)));
        // One that never knew it does not make itself the owner.
        server.node().call("FLUSHALL");
        assertEquals(List.of("s"), Await.get("renew", old.cluster.ledger().renew(List.of("s"))));
    }

    @Test
    @DisplayName("R35 who gives again under an old fence when Redis has forgotten it leaves one owner")
    void forgottenWhileGiving() {
        Life old = join();
        Life next = join();
        for (String to : new String[] {next.name(), null}) {
            String session = "to " + to;
            Await.get(
                    "give", old.cluster.ledger().give(session, 0, "proof", next.name(), Buffer.buffer("state"), LONG));
            assertNotNull(Await.get("take", next.cluster.ledger().take(session, "proof")));
            server.node().call("FLUSHALL");
            // As when the answer got lost, so that it was tried once more.
            Await.get("give", old.cluster.ledger().give(session, 0, "proof", to, Buffer.buffer("stale"), LONG));
            var lost = Await.get("renew", next.cluster.ledger().renew(List.of(session)));
            if (to == null) {
                assertEquals(List.of(session), lost, "It ends what is somebody else's to take.");
            } else {
                assertEquals(List.of(), lost);
                assertEquals(
                        new Entry(next.name(), 1, false, null),
                        Await.get("find", old.cluster.ledger().find(session)));
                assertEquals(
                        Optional.empty(),
                        Await.get(
                                "take",
                                next.cluster.ledger().take(session, "proof").map(Optional::ofNullable)));
            }
        }
    }

    @Test
    @DisplayName("A state that was written is found again when the answer got lost, and is not written twice")
    void giveAnswerLost() {
        Life one = join();
        server.node().pause();
        var given = one.cluster.ledger().give("s", 0, "proof", null, Buffer.buffer("state"), LONG);
        Await.until(
                "it is on its way, and unanswered",
                () -> !one.cluster.parts().commands().up());
        server.node().resume();
        if (Await.get("an end", given.map(fence -> fence == 1).otherwise(false))) {
            assertEquals(
                    new Entry(null, 1, true, null),
                    Await.get("find", one.cluster.ledger().find("s")));
        } else {
            assertEquals(ErrorCode.UNAVAILABLE, RedisNodesFaultsTest.refusal(given));
        }
        Await.until(
                "it is there",
                LONG,
                () -> Await.get("ready", one.cluster.ready()).isOk());
        Entry entry = Await.get("find", one.cluster.ledger().find("s"));
        assertTrue(entry == null || entry.fence() == 1, "It was written twice.");
    }

    @Test
    @DisplayName("R34 members of a killed node are gone a lease and a third after it, and what it takes to remove them")
    void stale() {
        Life dead = join();
        List<Life> others = List.of(join(), join());
        others.get(0).enter(ROOM, "w");
        for (int i = 0; i < 500; i++) {
            dead.enter(ROOM, "s" + i);
        }
        Await.until("all may bury", LONG, () -> others.stream().allMatch(Life::steady));
        long began = System.nanoTime();
        dead.kill();
        Await.until("all have left", LONG, () -> left(others.get(0)).size() == 500);
        long millis = (System.nanoTime() - began) / 1_000_000;
        long most = Cast.LEASE.toMillis() * 4 / 3 + 1000;
        assertTrue(millis <= most, millis + " ms, and " + most + " are promised.");
        assertEquals(List.of("w"), others.get(1).sessions(ROOM));
    }

    @Test
    @DisplayName(
            "Calls of a connection that broke may come after all: who was added so leaves, who was removed is put back")
    void lateCalls() {
        Life one = join();
        Life watcher = join();
        watcher.enter(ROOM, "w");
        one.enter(ROOM, "real");
        PresenceKeys keys = new PresenceKeys(one.cluster.parts().commands(), cast.options());
        Await.get("late", keys.join(ROOM, one.name(), Life.member("ghost"), 0));
        Await.until("it was noticed", LONG, () -> watcher.sessions(ROOM).equals(List.of("real", "w")));
        // Both at once: the number is right, the names are not.
        server.node().call("CLIENT", "KILL", "TYPE", "normal");
        Await.until(
                "it comes late",
                LONG,
                () -> Await.get(
                        "an end",
                        keys.join(ROOM, one.name(), Life.member("ghost"), 0)
                                .map(true)
                                .otherwise(false)));
        Await.get("late", keys.leave(ROOM, one.name(), "real"));
        Await.until("it was noticed", LONG, () -> watcher.sessions(ROOM).equals(List.of("real", "w")));
    }

    @Test
    @DisplayName("Options that contradict each other are refused")
    void options() {
        RedisOptions redis = new RedisOptions().setCallTimeout(Duration.ofSeconds(2));
        assertRefused(redis, new NodeOptions().setLease(Duration.ofSeconds(2)));
        redis.setWaitReplicas(1).setWaitReplicasTimeout(Duration.ofSeconds(2));
        assertRefused(redis, new NodeOptions());
    }

    private static void assertRefused(RedisOptions redis, NodeOptions nodes) {
        String text = String.valueOf(assertThrows(IllegalArgumentException.class, () -> new RedisCluster(redis, nodes))
                .getMessage());
        assertTrue(text.endsWith("."), text);
    }
}
