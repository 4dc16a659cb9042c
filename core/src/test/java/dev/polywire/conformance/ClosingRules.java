package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.RuleTest.On;
import dev.polywire.protocol.CloseReason;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section 7: heartbeats and closing. */
abstract class ClosingRules extends ConformanceGroup {
    ClosingRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R40 the client's bye is answered, and the application is told once")
    void clientSaysBye() {
        KitServer server = server();
        ReferenceClient client = connected();
        waiting(client);
        client.ask(Frames.publish("a", "open:x", 1));
        Attached last = waiting(client);
        client.control(Frames.bye(1));
        Await.until("onDisconnect", () -> server.ended().contains(new KitServer.Ended(id(client), CloseReason.NORMAL)));
        assertEquals(1, server.ended().size());
        assertTrue(server.sessions() == 0);
        JsonObject bye = bye(client);
        if (bye == null) {
            return; // no poll was waiting
        }
        assertEquals(1000, bye.getInteger("code"));
        assertEquals("normal", bye.getString("reason"));
        assertEquals("none", bye.getString("reconnect"));
        assertEquals(1, bye.getInteger("sent"), "the ack");
        last.end();
    }

    @Test
    @DisplayName("R40 a bye waits for frames that are still missing")
    void byeOvertakes() {
        KitServer server = server();
        ReferenceClient client = connected();
        client.control(Frames.bye(1));
        if (!client.driver().streams()) {
            client.attach(client.driver()).welcome(); // the answer to a bye comes by a poll like any other
        }
        client.send(Frames.publish("open:x", 1));
        Await.until("onDisconnect", () -> server.ended().size() == 1);
        assertEquals(1, server.published().size());
        assertEquals(CloseReason.NORMAL, server.ended().get(0).reason());
    }

    @Test
    @DisplayName("R40 the application's close is told, with its reason and what was sent")
    void applicationCloses() {
        KitServer server = server();
        ReferenceClient client = connected();
        waiting(client);
        server.session(id(client)).send("n", 1);
        client.await("the message", frame -> Frames.is(frame, "message"));
        waiting(client);
        server.session(id(client)).close(CloseReason.DISCONNECTED);
        assertEquals("disconnected", client.over());
        Await.until("onDisconnect", () -> server.ended().size() == 1);
        JsonObject bye = bye(client);
        if (bye == null) {
            return; // no poll was waiting; the next one was told
        }
        assertEquals(4013, bye.getInteger("code"));
        assertEquals("disconnected", bye.getString("reason"));
        assertEquals("none", bye.getString("reconnect"));
        assertEquals(1, bye.getInteger("sent"));
        if (duplex(client)) {
            assertEquals(4013, client.newest().end().code());
        }
    }

    @Test
    @DisplayName("R14 who was away when the session was closed is told why")
    void closedMeanwhile() {
        KitServer server = server();
        ReferenceClient client = connected();
        String id = id(client);
        client.cut();
        Await.get("a close", server.session(id).close(CloseReason.DISCONNECTED));
        Attached back = client.attach(client.driver());
        String reason =
                back.driver.streams() && back.welcomed() ? back.welcome().getString("reason") : goneReason(back);
        assertTrue(java.util.List.of("disconnected", "denied").contains(reason), reason);
    }

    // On other wires: between two polls a session counts as connected.
    @RuleTest(On.STREAMING)
    @DisplayName("R16 the end of a connection is noticed at once")
    void noticed() {
        KitServer server = server();
        ReferenceClient client = connected();
        waiting(client);
        assertTrue(server.session(id(client)).connected());
        client.cut();
        Await.until(
                "the session to be without connection",
                () -> !server.session(id(client)).connected());
    }

    // On other wires: a poll ends by itself.
    @RuleTest(On.STREAMING)
    @DisplayName("R38 a connection from whose client nothing comes is closed, and the session waits")
    void silence() {
        // Not shorter: two of them must be enough for a cold JVM on a busy machine to answer while it is attentive.
        KitServer server = server(session -> session.heartbeat(Duration.ofMillis(1000)));
        ReferenceClient client = connected();
        client.ask(Frames.publish("a", "open:x", 1));
        client.attentive(false);
        assertEquals("heartbeat_timeout", client.newest().reason());
        assertTrue(server.ended().isEmpty());
        client.attentive(true);
        assertEquals(true, client.connect().getBoolean("resumed"));
    }

    // On other wires: a poll ends by itself.
    @RuleTest(On.STREAMING)
    @DisplayName("R38 a connection whose client answers is not closed")
    void answered() {
        KitServer server = server(session -> session.heartbeat(Duration.ofMillis(500)));
        ReferenceClient client = connected();
        ReferenceClient silent = connected();
        silent.close();
        String gone = id(silent);
        Await.until(
                "four pings",
                () -> client.controls().stream()
                                .filter(f -> Frames.is(f, "ping"))
                                .count()
                        >= 4);
        assertTrue(!client.newest().over());
        assertTrue(server.ended().stream().noneMatch(ended -> !ended.session().equals(gone)));
    }

    @Test
    @DisplayName("R40 a server that shuts down says restart")
    void restart() {
        KitServer server = server();
        ReferenceClient client = connected();
        waiting(client);
        server.stop();
        if (server.size() > 1) {
            // The session has not ended: it waits for the next node (R89).
            JsonObject moved = bye(client);
            assertTrue(moved == null || moved.getInteger("code") == 4016, "renew");
            assertEquals(0, server.ended().size());
            return;
        }
        Await.until(
                "onDisconnect", () -> server.ended().contains(new KitServer.Ended(id(client), CloseReason.RESTART)));
        assertEquals(1, server.ended().size());
        JsonObject bye = bye(client);
        if (bye == null) {
            return; // no poll was waiting
        }
        assertEquals(1012, bye.getInteger("code"));
        assertEquals("new", bye.getString("reconnect"));
    }

    /** The server's bye, which a stream always gets, and a poll when one was waiting. */
    private static @Nullable JsonObject bye(ReferenceClient client) {
        client.over();
        JsonObject bye = client.controls().stream()
                .filter(frame -> Frames.is(frame, "bye"))
                .findFirst()
                .orElse(null);
        assertTrue(bye != null || !client.driver().streams(), "no bye on a stream");
        return bye;
    }

    private static String goneReason(Attached back) {
        Await.until("an answer", () -> back.welcomed() || back.over());
        return back.welcomed() ? back.welcome().getString("reason") : back.reason();
    }
}
