package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.Session;
import dev.polywire.conformance.RuleTest.On;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sections 1, 4 and 5: counting, and order in both directions. */
abstract class OrderRules extends ConformanceGroup {
    private static final int MANY = 2000;

    OrderRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R20 what the server sends arrives once and in order")
    void downstream() {
        KitServer server = server();
        ReferenceClient client = connected();
        Session session = server.session(id(client));
        IntStream.rangeClosed(1, MANY).forEach(i -> session.send("n", i));
        Await.until("all " + MANY, () -> client.frames().size() >= MANY);
        assertUpTo(
                MANY,
                client.frames().stream()
                        .map(frame -> frame.getInteger("payload"))
                        .toList());
    }

    @Test
    @DisplayName("R25 what the client sends takes effect once and in order")
    void upstream() {
        KitServer server = server();
        ReferenceClient client = connected();
        for (int i = 1; i <= MANY; i++) {
            client.send(Frames.publish("open:x", i));
        }
        Await.until("all " + MANY + " confirmed", () -> client.look(ClientMachine::confirmed) == MANY);
        Await.until("all published", () -> server.published().size() >= MANY);
        assertUpTo(
                MANY,
                server.published().stream()
                        .map(each -> Integer.valueOf(each.payload()))
                        .toList());
    }

    @Test
    @DisplayName("R29 a frame does not overtake one whose authoriser is slow")
    void slowAuthoriser() {
        KitServer server = server();
        ReferenceClient client = connected();
        client.send(Frames.publish("a", "slow:x", 1));
        client.send(Frames.publish("b", "open:x", 2));
        Await.until("acceptance of both", () -> client.look(ClientMachine::confirmed) == 2);
        assertTrue(server.published().isEmpty());
        server.letGo();
        client.await("the ack of the second", frame -> "b".equals(frame.getString("id")));
        assertEquals(
                List.of("1", "2"),
                server.published().stream().map(KitServer.Published::payload).toList());
    }

    @Test
    @DisplayName("R1 unknown types and unusable frames count one each")
    void allCount() {
        server();
        ReferenceClient client = connected();
        client.send(Frames.of("dance"));
        client.send(Frames.of("publish"));
        client.send(Frames.of("noop"));
        assertEquals(4, client.send(Frames.publish("p", "secret:x", 1)));
        assertEquals(1, error(client, "unknown_type").getInteger("frame"));
        assertEquals(2, error(client, "bad_frame").getInteger("frame"));
        assertEquals(4, error(client, "forbidden").getInteger("frame"));
        inStep(client, 4);
    }

    @Test
    @DisplayName("R2 a bad frame is answered by an error with its number, and the session goes on")
    void badFrame() {
        server();
        ReferenceClient client = connected();
        client.ask(Frames.publish("a", "open:x", 1));
        JsonObject refused = client.ask(Frames.of("subscribe").put("id", "s").put("channels", "none"));
        assertEquals("error", refused.getString("type"));
        assertEquals("bad_frame", refused.getString("code"));
        assertEquals(2, refused.getInteger("frame"));
        assertEquals("ack", client.ask(Frames.publish("b", "open:x", 1)).getString("type"));
    }

    @Test
    @DisplayName("R39 a ping with the right count is answered by a pong with its id")
    void pong() {
        server();
        ReferenceClient client = connected();
        client.ask(Frames.publish("a", "open:x", 1));
        inStep(client, 1);
    }

    // On other wires: POSTs have no order among each other in which counts could be compared.
    @RuleTest(On.DUPLEX)
    @DisplayName("R39 a ping with another count closes the wire, not the session")
    void outOfStep() {
        KitServer server = server();
        ReferenceClient client = connected();
        client.ask(Frames.publish("a", "open:x", 1));
        client.control(Frames.ping("drift", 7));
        assertEquals("out_of_step", client.newest().reason());
        assertEquals(4010, client.newest().end().code());
        assertEquals(true, client.connect().getBoolean("resumed"));
        assertEquals("ack", client.ask(Frames.publish("b", "open:x", 2)).getString("type"));
        assertEquals(2, server.published().size());
    }

    // On other wires: a poll is itself the heartbeat.
    @RuleTest(On.STREAMING)
    @DisplayName("R38 the server's pings come and state how many frames it has sent")
    void serverPings() {
        KitServer server = server(session -> session.heartbeat(Duration.ofMillis(200)));
        ReferenceClient client = connected();
        IntStream.range(0, 3).forEach(i -> server.session(id(client)).send("n", i));
        client.awaitControl(
                "a ping that counts 3", frame -> Frames.is(frame, "ping") && frame.getInteger("count") == 3);
        assertTrue(client.controls().stream().noneMatch(frame -> Frames.is(frame, "violation")));
    }

    // On other wires: a stream has pings.
    @RuleTest(On.POLLING)
    @DisplayName("R38 a poll with nothing to tell is answered in time, by the welcome alone")
    void emptyPoll() {
        server(session -> session.heartbeat(Duration.ofMillis(150)));
        ReferenceClient client = connected();
        Await.until("three more polls", () -> client.controls().size() >= 4);
        assertTrue(
                client.controls().stream().allMatch(frame -> Frames.is(frame, "welcome")),
                () -> client.controls().toString());
        assertTrue(client.frames().isEmpty());
    }

    @Test
    @DisplayName("R22 acknowledged frames are not sent again")
    void acknowledged() {
        KitServer server = server();
        ReferenceClient client = connected();
        for (int i = 1; i <= 10; i++) {
            server.session(id(client)).send("n", i);
        }
        Await.until("all ten", () -> client.frames().size() == 10);
        client.cut();
        assertEquals(11, client.connect().getInteger("first"));
    }

    private static JsonObject error(ReferenceClient client, String code) {
        return client.await(
                "error " + code, frame -> Frames.is(frame, "error") && code.equals(frame.getString("code")));
    }

    /** Both ends agree about the client's frames. */
    private static void inStep(ReferenceClient client, long count) {
        Await.until("confirmation", () -> client.look(ClientMachine::confirmed) == count);
        Await.until("a pong", () -> {
            // again and again, because there may be no poll to answer on
            client.control(Frames.ping("step", count));
            return client.controls().stream()
                    .anyMatch(frame -> Frames.is(frame, "pong") && "step".equals(frame.getString("id")));
        });
        assertTrue(client.controls().stream().noneMatch(frame -> Frames.is(frame, "bye")));
    }
}
