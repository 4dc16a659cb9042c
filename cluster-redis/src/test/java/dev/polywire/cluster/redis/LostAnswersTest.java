package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Ledger.Entry;
import dev.polywire.spi.Ledger.Taken;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of sessions on their way between nodes when Redis does what it is told, and nobody hears of it. */
class LostAnswersTest {
    private static final String ROOM = "room:1";
    private static final String SESSION = "0123456789ab.session";
    private static final Duration LONG = Duration.ofSeconds(30);

    private final List<Life> lives = new ArrayList<>();
    private @Nullable RedisServer server;

    @AfterEach
    void end() {
        lives.forEach(Life::end);
        if (server != null) {
            server.close();
        }
    }

    private RedisServer start() {
        RedisServer started = RedisServer.standalone(false);
        server = started;
        return started;
    }

    private Life join(RedisCluster cluster) {
        Life life = new Life(cluster);
        lives.add(life);
        return life.join();
    }

    private static Ledger ledger(Life node) {
        return node.cluster.ledger();
    }

    private static Future<Long> give(Life node, @Nullable Life to, Duration keep) {
        return ledger(node).give(SESSION, 0, "proof", to == null ? null : to.name(), Buffer.buffer("state"), keep);
    }

    /** Has Redis know the scripts: a node that is told that it does not know them would load them. */
    private static void warm(Life node) {
        Await.get("give", ledger(node).give("another", 0, "proof", null, Buffer.buffer(), LONG));
        assertNotNull(Await.get("take", ledger(node).take("another", "proof")));
    }

    private static Entry find(Life node) {
        Entry entry = Await.get("find", ledger(node).find(SESSION));
        assertNotNull(entry);
        return entry;
    }

    private static void assertNothingFor(Life node) {
        assertEquals(
                Optional.empty(),
                Await.get("take", ledger(node).take(SESSION, "proof").map(Optional::ofNullable)));
    }

    private static boolean kept(RedisServer redis, String field) {
        return redis.node()
                .call("HEXISTS", "polywire:{s:" + SESSION + "}", field)
                .contains("1");
    }

    @Test
    @DisplayName("R37 a session that was taken is had by its taker although the answer got lost, and by nobody else")
    void taken() {
        RedisServer redis = start();
        Cast cast = new Cast(redis, RedisOptions.Mode.STANDALONE);
        Life giver = join(cast.node());
        Gate gate = new Gate(giver.vertx, redis.node().port());
        Life taker = join(cast.node(gate));
        warm(giver);
        assertEquals(1, Await.get("give", give(giver, null, LONG)));
        gate.deafen();
        Future<@Nullable Taken> taking = ledger(taker).take(SESSION, "proof");
        Await.until("Redis has done it", () -> taker.name().equals(find(giver).owner()));
        gate.shut();
        assertNothingFor(giver);
        assertFalse(taking.isComplete());
        gate.open();
        Await.until("an answer", LONG, taking::isComplete);
        Taken taken = Await.get("take", taking);
        assertNotNull(taken);
        assertEquals("state", taken.state().toString());
        assertEquals(2, taken.fence());
        assertEquals(new Entry(taker.name(), 2, false, null), find(giver));
        assertNothingFor(taker);
        assertEquals(List.of(), Await.get("renew", ledger(taker).renew(List.of(SESSION))));
        for (String field : List.of("s", "p", "t")) {
            assertFalse(kept(redis, field), field + " is not needed any more.");
        }
        assertEquals(new Entry(taker.name(), 2, false, null), find(giver));
    }

    @Test
    @DisplayName(
            "R37 a session that was given is known to be given although the answer got lost, and another node has it by now")
    void given() {
        RedisServer redis = start();
        Cast cast = new Cast(redis, RedisOptions.Mode.STANDALONE);
        Life taker = join(cast.node());
        Gate gate = new Gate(taker.vertx, redis.node().port());
        Life giver = join(cast.node(gate));
        warm(taker);
        gate.deafen();
        Future<Long> giving = give(giver, null, LONG);
        Await.until("Redis has done it", () -> {
            Entry entry = Await.get("find", ledger(taker).find(SESSION).map(Optional::ofNullable))
                    .orElse(null);
            return entry != null && entry.waits();
        });
        gate.shut();
        assertNotNull(Await.get("take", ledger(taker).take(SESSION, "proof")));
        assertFalse(giving.isComplete());
        gate.open();
        Await.until("an answer", LONG, giving::isComplete);
        assertEquals(1, Await.get("give", giving));
        assertEquals(new Entry(taker.name(), 2, false, null), find(taker));
    }

    @Test
    @DisplayName(
            "R37 a session whose Redis sleeps for longer than any call may take waits for whichever node its client reaches")
    void outlasts() {
        RedisServer redis = start();
        Cast cast = new Cast(redis, RedisOptions.Mode.STANDALONE);
        Life giver = join(cast.node());
        Life taker = join(cast.node());
        redis.node().pause();
        Future<Long> giving = give(giver, taker, LONG);
        Future<?> other = ledger(giver).find(SESSION);
        Await.until("a call was given up", LONG, other::isComplete);
        Await.until(
                "connections were, too",
                LONG,
                () -> !giver.cluster.parts().commands().up());
        Cast.pass(Duration.ofMillis(500));
        assertFalse(giving.isComplete());
        redis.node().resume();
        Await.until("it is written", LONG, giving::isComplete);
        assertEquals(1, Await.get("give", giving));
        Await.until(
                "the taker is back",
                LONG,
                () -> taker.cluster.parts().commands().up());
        Taken taken = Await.get("take", ledger(taker).take(SESSION, "proof"));
        assertNotNull(taken);
        assertEquals("state", taken.state().toString());
    }

    @Test
    @DisplayName(
            "R34 a session that could not be given away leaves no member behind: neither when somebody else has it, nor when Redis was away")
    void noGhost() {
        RedisServer redis = start();
        Cast cast = new Cast(redis, RedisOptions.Mode.STANDALONE);
        Life watcher = join(cast.node());
        watcher.enter(ROOM, "w");
        Gate gate = new Gate(watcher.vertx, redis.node().port());
        Life giver = join(cast.node(gate));
        Duration keep = Duration.ofMillis(1500);
        giver.enter(ROOM, "refused");
        assertEquals(1, Await.get("give", ledger(watcher).give("refused", 0, "proof", null, Buffer.buffer(), LONG)));
        assertEquals(
                ErrorCode.LOST,
                RedisNodesFaultsTest.refusal(ledger(giver).give("refused", 0, "proof", null, Buffer.buffer(), keep)));
        giver.enter(ROOM, "late");
        gate.shut();
        Future<Long> giving = ledger(giver).give("late", 0, "proof", null, Buffer.buffer(), keep);
        Await.until("it is given up", LONG, giving::isComplete);
        assertEquals(ErrorCode.UNAVAILABLE, RedisNodesFaultsTest.refusal(giving));
        gate.open();
        Await.until(
                "both have left", LONG, () -> watcher.heard(ROOM, Leave.class).size() == 2);
        assertEquals(List.of("w"), watcher.sessions(ROOM));
    }

    @Test
    @DisplayName(
            "R35 entries are renewed at each master that answers, and what is another node's is told, although one is away")
    void oneMasterAway() {
        RedisServer redis = RedisServer.cluster(false);
        server = redis;
        Cast cast = new Cast(redis, RedisOptions.Mode.CLUSTER);
        Life owner = join(cast.node());
        Life other = join(cast.node());
        List<String> sessions = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String session = owner.name() + "." + i;
            sessions.add(session);
            Await.get("give", ledger(other).give(session, 0, "proof", null, Buffer.buffer("state"), LONG));
            assertNotNull(Await.get("take", ledger(owner).take(session, "proof")));
            if (i % 3 == 0) {
                Await.get("end", ledger(other).end(session, 2, ErrorCode.LOST));
            }
        }
        redis.nodes().get(0).pause();
        try {
            List<String> lost = Await.get("renew", ledger(owner).renew(sessions));
            assertFalse(lost.isEmpty());
            for (String session : lost) {
                assertEquals(0, sessions.indexOf(session) % 3);
            }
            List<String> there = sessions.stream()
                    .filter(session -> sessions.indexOf(session) % 3 == 0)
                    .filter(session -> Await.get(
                            "find",
                            ledger(other).find(session).map(found -> true).otherwise(false)))
                    .toList();
            assertEquals(
                    there.stream().sorted().toList(), lost.stream().sorted().toList());
        } finally {
            redis.nodes().get(0).resume();
        }
        assertNull(ledger(owner).renew(List.of()).cause());
    }
}
