package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.protocol.ServerFrame.Join;
import dev.polywire.protocol.ServerFrame.Leave;
import dev.polywire.protocol.ServerFrame.PresenceList;
import dev.polywire.redis.server.Node;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What nodes make of a Redis that fails: nobody is buried for it, and everybody is present again who was. */
abstract class NodesFaults {
    static final String ROOM = "room:1";
    private static final String HALL = "hall:1";
    static final Duration LONG = Duration.ofSeconds(30);

    final List<Life> lives = new ArrayList<>();
    RedisServer server;
    Cast cast;

    abstract RedisServer start(boolean durable);

    abstract RedisOptions.Mode mode();

    private void begin(boolean durable) {
        if (server != null) {
            server.close();
        }
        server = start(durable);
        cast = new Cast(server, mode());
    }

    @BeforeEach
    void begin() {
        begin(false);
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

    /** Three nodes with a member each in both channels; every one has renewed for long enough to bury. */
    List<Life> three() {
        List<Life> three = List.of(join(), join(), join());
        for (int i = 0; i < 3; i++) {
            three.get(i).enter(ROOM, "r" + i);
            three.get(i).enter(HALL, "h" + i);
        }
        awaitSteady(three);
        return three;
    }

    private static void awaitSteady(List<Life> nodes) {
        Await.until("all have renewed for a while", LONG, () -> nodes.stream().allMatch(Life::steady));
    }

    static void awaitSessions(Life at, String channel, String... sessions) {
        List<String> expected = Stream.of(sessions).sorted().toList();
        Await.until(
                "presence of " + expected + ", not " + at.sessions(channel),
                LONG,
                () -> at.sessions(channel).equals(expected));
    }

    /** All are as they were: the same names, everybody present, and nobody ever told that somebody left. */
    void assertUnharmed(List<Life> nodes, List<String> names) {
        for (Life node : nodes) {
            awaitSessions(node, ROOM, "r0", "r1", "r2");
            awaitSessions(node, HALL, "h0", "h1", "h2");
        }
        awaitSteady(nodes);
        assertEquals(names, nodes.stream().map(Life::name).toList());
        for (Life node : nodes) {
            assertEquals(List.of(), node.buried);
            assertEquals(List.of(), node.heard(ROOM, Leave.class));
            assertEquals(List.of(), node.heard(HALL, Leave.class));
            // A node that was forgotten is back when it has renewed its lease.
            Await.until(
                    "all are known",
                    LONG,
                    () -> names.stream()
                            .sorted()
                            .toList()
                            .equals(Await.get("nodes", node.cluster.peers().nodes()).stream()
                                    .map(dev.polywire.spi.Peers.Node::name)
                                    .toList()));
        }
        Life watcher = nodes.get(0);
        nodes.get(1).enter(ROOM, "late");
        Await.until(
                "changes are told as before",
                LONG,
                () -> watcher.heard(ROOM, Join.class).stream()
                        .anyMatch(join -> join.member().session().equals("late")));
        assertEquals("hi", ask(watcher, nodes.get(2).name()));
        // And who is really dead is still found out.
        nodes.get(2).kill();
        awaitSessions(watcher, ROOM, "late", "r0", "r1");
        awaitSessions(watcher, HALL, "h0", "h1");
        Await.until(
                "both were told",
                LONG,
                () -> nodes.subList(0, 2).stream()
                        .allMatch(node -> node.heard(ROOM, Leave.class).size() == 1
                                && node.heard(HALL, Leave.class).size() == 1));
        assertEquals(List.of(), nodes.get(0).buried);
        assertEquals(List.of(), nodes.get(1).buried);
    }

    private static String ask(Life from, String node) {
        return Await.get("ask", from.cluster.peers().ask(node, Buffer.buffer("hi"), 5000))
                .toString();
    }

    @Test
    @DisplayName(
            "A26, R34 after FLUSHALL every node is there again under its name, and everybody is present; nobody leaves")
    void flushed() {
        List<Life> nodes = three();
        List<String> names = nodes.stream().map(Life::name).toList();
        server.nodes().forEach(node -> node.call("FLUSHALL"));
        Await.until(
                "watchers are told who is there",
                LONG,
                () -> nodes.stream()
                        .allMatch(node -> !node.heard(ROOM, PresenceList.class).isEmpty()));
        assertUnharmed(nodes, names);
    }

    @Test
    @DisplayName(
            "A26, R34 after a restart that lost everything it is the same, and who was to leave meanwhile has left")
    void restartedEmpty() {
        List<Life> nodes = three();
        List<String> names = nodes.stream().map(Life::name).toList();
        nodes.get(0).enter(ROOM, "leaves");
        server.nodes().forEach(Node::kill);
        assertUnavailable(nodes.get(0).cluster.presence().leave(ROOM, "leaves"));
        server.nodes().forEach(Node::start);
        assertUnharmed(nodes, names);
    }

    @Test
    @DisplayName("R38 nobody is buried for a lease that nobody could renew: Redis slept for longer than three leases")
    void slept() {
        List<Life> nodes = three();
        List<String> names = nodes.stream().map(Life::name).toList();
        nodes.get(0).enter(ROOM, "leaves");
        server.nodes().forEach(Node::pause);
        try {
            assertUnavailable(nodes.get(0).cluster.presence().leave(ROOM, "leaves"));
            Cast.pass(Cast.LEASE.multipliedBy(3));
            nodes.forEach(node -> assertFalse(node.held()));
            assertUnavailable(nodes.get(1).entering(ROOM, "nobody"));
            assertEquals(names, nodes.stream().map(Life::name).toList());
        } finally {
            server.nodes().forEach(Node::resume);
        }
        nodes.forEach(node -> awaitSessions(node, ROOM, "r0", "r1", "r2"));
        // That one really left, when it could; nobody else did.
        for (Life node : nodes) {
            Await.until("it is told", LONG, () -> told(node, "leaves"));
            assertTrue(node.heard(ROOM, Leave.class).size() <= 1);
            assertEquals(List.of(), node.heard(HALL, Leave.class));
            assertEquals(List.of(), node.buried);
        }
        awaitSteady(nodes);
        assertEquals(names, nodes.stream().map(Life::name).toList());
    }

    /** Either by a leave, or by a list without it. */
    private static boolean told(Life node, String session) {
        return node.heard(ROOM, Leave.class).stream()
                        .anyMatch(leave -> leave.member().session().equals(session))
                || node.heard(ROOM, PresenceList.class).stream()
                        .anyMatch(list -> list.members().stream()
                                .noneMatch(member -> member.session().equals(session)));
    }

    @Test
    @DisplayName("R38 nor when Redis was gone for longer than three leases, and came back with everything it had")
    void gone() {
        begin(true);
        List<Life> nodes = three();
        List<String> names = nodes.stream().map(Life::name).toList();
        server.nodes().forEach(Node::kill);
        Cast.pass(Cast.LEASE.multipliedBy(3));
        server.nodes().forEach(Node::start);
        assertUnharmed(nodes, names);
    }

    static boolean ready(Life node) {
        return Await.get("ready", node.cluster.ready()).isOk();
    }

    @Test
    @DisplayName("One of several servers forgets everything, without a broken connection: what lay there is put back")
    void oneFlushed() {
        List<Life> nodes = three();
        for (Node one : server.nodes()) {
            one.call("FLUSHALL");
            for (Life node : nodes) {
                awaitSessions(node, ROOM, "r0", "r1", "r2");
                awaitSessions(node, HALL, "h0", "h1", "h2");
            }
        }
        List<String> names = nodes.stream().map(Life::name).toList();
        // What the survivors go by, when this node dies, may be the last to be put back.
        Cast.pass(Cast.LEASE);
        assertUnharmed(nodes, names);
    }

    @Test
    @DisplayName("Calls end in time while Redis sleeps, and as unavailable")
    void callsEnd() {
        List<Life> nodes = three();
        Life one = nodes.get(0);
        String other = nodes.get(1).name();
        server.nodes().forEach(Node::pause);
        try {
            for (int round = 0; round < 3; round++) {
                long began = System.nanoTime();
                List<Future<?>> calls = new ArrayList<>();
                calls.add(one.entering(ROOM, "x" + round));
                calls.add(one.cluster
                        .presence()
                        .update(ROOM, "r0", Life.member("r0").state()));
                calls.add(one.cluster.presence().leave(ROOM, "x" + round));
                calls.add(one.cluster.presence().read(ROOM, 1000));
                calls.add(one.cluster.peers().nodes());
                calls.add(one.cluster.peers().tellAll(Buffer.buffer("all")));
                calls.add(one.cluster.peers().ask(other, Buffer.buffer("one"), 1500));
                calls.add(one.cluster.ledger().find("s"));
                calls.add(one.cluster.ledger().end("s", 0, ErrorCode.LOST));
                calls.add(one.cluster.ledger().renew(List.of("s", "t")));
                calls.add(one.cluster
                        .ledger()
                        .give("s", 0, "proof", other, Buffer.buffer("state"), Duration.ofSeconds(1)));
                calls.forEach(NodesFaults::assertUnavailable);
                long millis = (System.nanoTime() - began) / 1_000_000;
                assertTrue(millis < 4500, millis + " ms, although no call may take longer than 1000, tried twice.");
            }
        } finally {
            server.nodes().forEach(Node::resume);
        }
        awaitSteady(nodes);
        // Those calls may have come through after all; what they left is removed.
        awaitSessions(one, ROOM, "r0", "r1", "r2");
        nodes.forEach(node -> assertEquals(List.of(), node.buried));
    }

    static ErrorCode refusal(Future<?> call) {
        Await.until("an end", call::isComplete);
        assertTrue(call.failed(), "It did not fail, but gave " + call.result());
        return ((ProtocolException) call.cause()).code();
    }

    static void assertUnavailable(Future<?> call) {
        assertEquals(ErrorCode.UNAVAILABLE, refusal(call));
    }
}
