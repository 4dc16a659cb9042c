package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.RuleTest.On;
import dev.polywire.protocol.CloseReason;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section 2: opening. */
abstract class OpeningRules extends ConformanceGroup {
    OpeningRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R6 the first frame is a welcome that says all a new client must know")
    void welcomeIsFirst() {
        server();
        ReferenceClient client = client();
        Attached attached = client.attach(client.driver());
        JsonObject welcome = attached.welcome();
        assertEquals(welcome, attached.first());
        assertEquals(1, welcome.getInteger("version"));
        assertEquals(0, welcome.getInteger("received"));
        assertEquals(1, welcome.getInteger("first"));
        assertEquals(false, welcome.getBoolean("resumed"));
        assertEquals(22, welcome.getString("secret").length(), "128 random bits");
        assertNotEquals(welcome.getString("secret"), welcome.getString("session"));
        assertTrue(welcome.containsKey("user"), "user is null when anonymous, not absent: " + welcome);
        assertEquals(25_000, welcome.getInteger("heartbeat"));
        assertEquals(30_000, welcome.getInteger("grace"));
        assertEquals(new JsonArray().add(client.driver().name()), welcome.getJsonArray("transports"));
        assertNotNull(welcome.getJsonObject("limits").getInteger("frame"));
    }

    @Test
    @DisplayName("R6 the first frame of a resumed connection is a welcome, whatever waits behind it")
    void welcomeIsFirstAgain() {
        KitServer server = server();
        ReferenceClient client = connected();
        client.ask(Frames.publish("p", "open:x", 0));
        client.cut();
        for (int i = 0; i < 5; i++) {
            Await.get("a send", server.session(id(client)).send("n", i));
        }
        Attached attached = client.attach(client.driver());
        JsonObject welcome = attached.welcome();
        assertEquals(welcome, attached.first());
        assertEquals(true, welcome.getBoolean("resumed"));
        assertEquals(1, welcome.getInteger("received"));
        assertTrue(welcome.getInteger("first") <= 2, welcome::encode);
        assertFalse(welcome.containsKey("secret"), "a secret is told once");
        client.await("the frames that waited", frame -> Integer.valueOf(4).equals(frame.getValue("payload")));
    }

    @Test
    @DisplayName("R5 the highest version that both speak is chosen")
    void versionIsNegotiated() {
        server();
        Attached raw = raw(hello(1, 99).toBuffer());
        assertEquals(1, raw.welcome().getInteger("version"));
    }

    @Test
    @DisplayName("R5 without a common version the answer lists those that there are")
    void noCommonVersion() {
        server();
        Attached raw = raw(hello(98, 99).toBuffer());
        assertEquals("unsupported_version", raw.reason());
        assertEquals(new JsonArray().add(1), raw.refusal().getJsonArray("versions"));
        assertClosed(raw, 4007, 400);
    }

    @Test
    @DisplayName("R7 a counted frame before the welcome is refused")
    void countedBeforeWelcome() {
        KitServer server = server();
        Attached raw = raw(Frames.publish("p", "open:x", 1).toBuffer());
        assertEquals("bad_frame", raw.reason());
        assertClosed(raw, 4000, 400);
        assertTrue(server.published().isEmpty());
        assertTrue(server.opened().isEmpty());
    }

    // On other wires: a request says its hello or is refused at once.
    @RuleTest(On.DUPLEX)
    @DisplayName("R7 a connection that says no hello is closed in time")
    void silentAtTheDoor() {
        server(session -> session.helloTimeout(Duration.ofMillis(100)));
        Attached raw = raw(null);
        assertEquals(4003, raw.end().code());
    }

    @Test
    @DisplayName("R7 a new session from whose client nothing follows is dropped")
    void orphan() {
        KitServer server = server(session -> session.orphanTimeout(Duration.ofMillis(150)));
        ReferenceClient client = client().attentive(false);
        client.connect();
        Await.until("the end of the orphan", () -> server.sessions() == 0);
        Await.until("onDisconnect", () -> server.ended().size() == 1);
    }

    @Test
    @DisplayName("R7 a session from whose client something followed is not dropped")
    void noOrphan() {
        KitServer server = server(session -> session.orphanTimeout(Duration.ofMillis(150)));
        ReferenceClient orphan = client().attentive(false);
        ReferenceClient client = connected();
        client.ask(Frames.publish("p", "open:x", 0));
        orphan.connect();
        Await.until("the end of the orphan", () -> server.ended().size() == 1);
        assertNotNull(server.find(id(client)));
        client.ask(Frames.publish("q", "open:x", 0));
    }

    @Test
    @DisplayName("R7 an attach is something that follows, so that a client with nothing to say keeps its session")
    void resumedIsNoOrphan() {
        KitServer server = server(session -> session.orphanTimeout(Duration.ofMillis(300)));
        ReferenceClient client = client().attentive(false);
        client.connect();
        client.cut();
        client.connect();
        ReferenceClient orphan = client().attentive(false);
        orphan.connect();
        Await.until(
                "the end of the later orphan",
                () -> server.ended().stream().anyMatch(ended -> ended.session().equals(id(orphan))));
        assertEquals(1, server.ended().size(), "and of nobody else");
    }

    @Test
    @DisplayName("R42 refused credentials are told, and nothing is opened")
    void refusedCredentials() {
        KitServer server = server();
        Attached attached = client().token("bad").attach(driver());
        assertEquals("unauthenticated", attached.reason());
        assertClosed(attached, 4001, 401);
        assertTrue(server.opened().isEmpty());
    }

    @Test
    @DisplayName("R42 a token in hello says who the session belongs to")
    void tokenInHello() {
        KitServer server = server();
        ReferenceClient client = client().token("user:ann");
        assertEquals("ann", client.connect().getString("user"));
        assertEquals("ann", server.session(id(client)).principal().id());
        assertEquals(client.driver().name(), server.session(id(client)).transport());
        Await.until("onConnect", () -> server.opened().contains(id(client)));
    }

    @Test
    @DisplayName("R14 who resumes a session that never was gets a new one, or 404 on a poll")
    void unknownSession() {
        KitServer server = server();
        ClientMachine.Wire nobody =
                connected().look(machine -> machine.attach(true)).wire();
        Attached raw = raw(hello(1).toBuffer(), new ClientMachine.Attempt(nobody, "never", "was", 3, 7, 7));
        if (raw.driver.streams()) {
            JsonObject welcome = raw.welcome();
            assertEquals(false, welcome.getBoolean("resumed"));
            assertEquals("unknown", welcome.getString("reason"));
            assertNotNull(welcome.getString("secret"));
        } else {
            assertEquals("unknown", raw.reason());
            assertEquals(404, raw.end().code());
        }
        assertTrue(server.ended().stream().noneMatch(ended -> ended.reason() == CloseReason.LOST));
    }

    private static JsonObject hello(Integer... versions) {
        return Frames.of("hello")
                .put("versions", new JsonArray(java.util.List.of((Object[]) versions)))
                .put("client", "0123456789abcdef");
    }

    static void assertClosed(Attached raw, int code, int status) {
        assertEquals(
                raw.driver.duplex() ? code : status,
                raw.end().code(),
                () -> raw.end().toString());
    }

    static Buffer text(String text) {
        return Buffer.buffer(text);
    }
}
