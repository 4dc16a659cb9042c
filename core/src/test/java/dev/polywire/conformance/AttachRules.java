package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.RuleTest.On;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section 3: who may attach, and which attach wins. */
abstract class AttachRules extends ConformanceGroup {
    AttachRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R10 an attach whose number is not greater is refused, and touches nothing")
    void stale() {
        server();
        ReferenceClient client = connected();
        for (int i = 0; i < 3; i++) {
            client.cut();
            client.connect();
        }
        Attached living = waiting(client);
        long last = living.wire.attach();
        for (long number : new long[] {last, last - 1}) {
            Attached late = raw(hello(null), attempt(client, number));
            assertEquals("stale", late.reason());
            OpeningRules.assertClosed(late, 4009, 409);
        }
        client.ask(Frames.publish("a", "open:x", 1));
        assertTrue(
                !living.driver.streams() || living == client.newest() && !living.over(), "still the same connection");
    }

    @Test
    @DisplayName("R11 the newest attach wins, and the one that it replaces is told so")
    void newestWins() {
        KitServer server = server();
        ReferenceClient client = connected();
        Attached replaced = waiting(client);
        Attached thief = raw(hello(null), attempt(client, 50));
        assertEquals("replaced", replaced.reason());
        if (duplex(client)) {
            assertEquals(4008, replaced.end().code());
        }
        server.session(id(client)).send("n", 1);
        assertEquals(true, thief.welcome().getBoolean("resumed"));
        assertTrue(client.frames().isEmpty());
    }

    // On other wires: a POST belongs to no connection.
    @RuleTest(On.DUPLEX)
    @DisplayName("R11 what still comes from a replaced connection is ignored")
    void replacedIsIgnored() {
        KitServer server = server();
        ReferenceClient client = connected();
        Attached old = client.newest();
        raw(hello(null), attempt(client, 50)).welcome();
        ClientLoop.link(old).send(Frames.publish("a", "open:x", 1).toBuffer());
        ReferenceClient witness = connected();
        witness.ask(Frames.publish("w", "open:x", 2));
        Await.until("the end of the old connection", old::over);
        assertEquals(1, server.published().size());
    }

    @Test
    @DisplayName("R14 the public id with a wrong secret opens nothing, and the session is untouched")
    void wrongSecret() {
        KitServer server = server();
        ReferenceClient client = connected();
        String id = id(client);
        Attached thief = raw(hello(null), new ClientMachine.Attempt(wire(client), id, "guessed", 9, 0, 0));
        if (thief.driver.streams()) {
            JsonObject welcome = thief.welcome();
            assertEquals("unknown", welcome.getString("reason"));
            assertNotEquals(id, welcome.getString("session"));
        } else {
            assertEquals("unknown", thief.reason());
        }
        assertEquals("ack", client.ask(Frames.publish("a", "open:x", 1)).getString("type"));
        assertTrue(server.ended().isEmpty());
    }

    // On other wires: a poll has no hello, so its token goes in a header.
    @RuleTest(On.STREAMING)
    @DisplayName("R15 another user is refused, and the session is untouched")
    void otherUser() {
        KitServer server = server();
        ReferenceClient client = client().token("user:ann");
        client.connect();
        Attached thief = raw(hello("user:bob"), attempt(client, 9));
        assertEquals("forbidden", thief.reason());
        OpeningRules.assertClosed(thief, 4004, 403);
        assertEquals("ack", client.ask(Frames.publish("a", "open:x", 1)).getString("type"));
        assertTrue(server.ended().isEmpty());
        Attached same = raw(hello("user:ann"), attempt(client, 9));
        assertEquals(true, same.welcome().getBoolean("resumed"), "a refused number is not used up");
    }

    // On other wires: probes of one-way wires go by POST.
    @RuleTest(On.DUPLEX)
    @DisplayName("R18 a ping before hello is answered, and changes nothing")
    void probe() {
        KitServer server = server();
        ReferenceClient client = connected();
        Attached probe = raw(Frames.of("ping").put("id", "probe").toBuffer());
        Await.until("the pong", () -> probe.first() != null);
        assertEquals("pong", probe.first().getString("type"));
        assertEquals("probe", probe.first().getString("id"));
        assertEquals(1, server.opened().size());
        client.ask(Frames.publish("a", "open:x", 1));
        ClientLoop.link(probe).send(hello(null));
        assertEquals(false, probe.welcome().getBoolean("resumed"), "hello may follow on the same connection");
    }

    // On other wires: a WebSocket is probed before hello.
    @RuleTest({On.POSTING, On.STREAMING})
    @DisplayName("R18 a ping by POST is answered on the stream")
    void probeByPost() {
        server();
        ReferenceClient client = connected();
        client.control(Frames.of("ping").put("id", "probe"));
        client.awaitControl("the pong", frame -> Frames.is(frame, "pong") && "probe".equals(frame.getString("id")));
    }

    @Test
    @DisplayName("R18 the old wire is used until the new one is welcome")
    void makeBeforeBreak() {
        KitServer server = server();
        ReferenceClient client = connected();
        for (int i = 1; i <= 10; i++) {
            server.session(id(client)).send("n", i);
            client.attach(client.driver()).welcome();
            client.send(Frames.publish("open:x", i));
        }
        Await.until(
                "ten each way",
                () -> client.frames().size() == 10 && server.published().size() == 10);
        assertTrue(client.controls().stream().noneMatch(frame -> Frames.is(frame, "violation")));
    }

    private static ClientMachine.Attempt attempt(ReferenceClient client, long attach) {
        return client.look(machine -> new ClientMachine.Attempt(
                machine.attach(true).wire(),
                machine.session(),
                machine.secret(),
                attach,
                machine.received(),
                machine.confirmed()));
    }

    private static ClientMachine.Wire wire(ReferenceClient client) {
        return client.look(machine -> machine.attach(true)).wire();
    }

    private static io.vertx.core.buffer.Buffer hello(@org.jspecify.annotations.Nullable String token) {
        JsonObject hello =
                Frames.of("hello").put("versions", new JsonArray().add(1)).put("client", "0123456789abcdef");
        return (token == null ? hello : hello.put("token", token)).toBuffer();
    }
}
