package dev.polywire.cluster.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.polywire.cluster.redis.server.RedisServer;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ServerFrame.Leave;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Nodes on one Redis, and on one with a replica. */
class RedisNodesFaultsTest extends NodesFaults {
    @Override
    RedisServer start(boolean durable) {
        return RedisServer.standalone(durable);
    }

    @Override
    RedisOptions.Mode mode() {
        return RedisOptions.Mode.STANDALONE;
    }

    @Test
    @DisplayName("R38 nor when a replica has taken over, which took longer than a lease")
    void failedOver() {
        server.close();
        server = RedisServer.sentinel(false);
        cast = new Cast(server, RedisOptions.Mode.SENTINEL);
        List<Life> nodes = three();
        List<String> names = nodes.stream().map(Life::name).toList();
        server.node().kill();
        Await.until("nobody is ready", LONG, () -> nodes.stream().noneMatch(NodesFaults::ready));
        Await.until("all are ready", LONG, () -> nodes.stream().allMatch(NodesFaults::ready));
        assertUnharmed(nodes, names);
    }

    @Test
    @DisplayName(
            "A node that is cut off is buried by the others, loses its right to write before that, and comes back under another name")
    void cutOff() {
        List<Life> others = three();
        Gate gate = new Gate(others.get(0).vertx, server.node().port());
        Life cut = new Life(cast.node(gate));
        lives.add(cut);
        cut.join();
        cut.enter(ROOM, "cut");
        String before = cut.name();
        gate.shut();
        awaitSessions(others.get(0), ROOM, "r0", "r1", "r2");
        assertFalse(cut.held(), "The lease had ended for the others, so it had here.");
        assertUnavailable(cut.entering(ROOM, "again"));
        assertEquals(ErrorCode.LOST, refusal(others.get(1).cluster.peers().ask(before, Buffer.buffer("?"), 2000)));
        others.forEach(node -> Await.until(
                "told once", LONG, () -> node.heard(ROOM, Leave.class).size() == 1));
        assertEquals(List.of(), cut.buried);
        gate.open();
        Await.until("it knows", LONG, () -> !cut.buried.isEmpty());
        assertEquals(List.of(before), cut.buried);
        assertNotEquals(before, cut.name());
        Await.until("it may write again", LONG, cut::held);
        Await.until(
                "it is ready",
                LONG,
                () -> Await.get("ready", cut.cluster.ready()).isOk());
        cut.enter(ROOM, "again");
        awaitSessions(others.get(0), ROOM, "again", "r0", "r1", "r2");
        Await.until(
                "it is asked",
                LONG,
                () -> Await.get(
                        "asked",
                        others.get(0)
                                .cluster
                                .peers()
                                .ask(cut.name(), Buffer.buffer("hi"), 1000)
                                .map(true)
                                .otherwise(false)));
        others.forEach(node -> assertEquals(1, node.heard(ROOM, Leave.class).size()));
        others.forEach(node -> assertEquals(List.of(), node.buried));
    }
}
