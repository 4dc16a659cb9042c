package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.SessionOptions;
import dev.polywire.conformance.ClientDriver.Answer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The end of credentials: told ahead, put off in-band, and kept to on every wire. Nobody else resumes a session meanwhile. */
abstract class ExpiryRules extends ConformanceGroup {
    private static final String MINUTE = "user:ann;60000";
    private static final String HOUR = "user:ann;3600000";

    ExpiryRules(TransportKit kit) {
        super(kit);
    }

    /** Nothing but the credentials ends while time is moved by hand. */
    private KitServer still() {
        return optioned(true, options -> options.session(patient(options.session())));
    }

    private static SessionOptions patient(SessionOptions session) {
        return session.grace(Duration.ofHours(1)).heartbeat(Duration.ofMinutes(10));
    }

    private ReferenceClient opened(String token) {
        ReferenceClient client = client().token(token);
        client.connect();
        client.ask(Frames.publish("first", "open:x", 0));
        return client;
    }

    private static JsonObject refresh(String id, String token) {
        return Frames.of("refresh").put("id", id).put("token", token);
    }

    private static JsonObject warned(ReferenceClient client) {
        return client.await("a call for a new token", frame -> Frames.is(frame, "refresh"));
    }

    private void expire(KitServer server, ReferenceClient client) {
        Attached wire = waiting(client);
        server.advance(61_000);
        if (client.driver().streams()) {
            assertEquals("unauthenticated", wire.reason());
            if (duplex(client)) {
                assertEquals(4001, wire.end().code());
            }
        } else {
            // The poll that waits is told, or else the next one.
            assertEquals("unauthenticated", client.over());
        }
    }

    @Test
    @DisplayName("R75 a client is asked for a new token ahead of time, and goes on with it in the same session")
    void refreshed() {
        KitServer server = still();
        ReferenceClient client = opened(MINUTE);
        server.advance(31_000);
        int left = warned(client).getInteger("expiresIn");
        assertTrue(left > 20_000 && left <= 30_000, () -> "expiresIn " + left);
        client.token(HOUR);
        assertEquals("ack", client.ask(refresh("r", HOUR)).getString("type"));
        server.advance(61_000);
        assertEquals("ack", client.ask(Frames.publish("p", "open:x", 1)).getString("type"));
        assertEquals(1, server.opened().size());
        assertTrue(server.ended().isEmpty());
    }

    @Test
    @DisplayName(
            "R76 credentials that end without new ones take the wire along, with 4001, and what is sent by POST is refused")
    void expired() {
        KitServer server = still();
        ReferenceClient client = opened(MINUTE);
        String id = id(client);
        expire(server, client);
        if (!duplex(client)) {
            Answer answer = client.control(Frames.of("received").put("count", 0));
            assertEquals(401, answer.status(), answer::body);
        }
        assertNotNull(server.find(id), "it waits for its grace");
    }

    @Test
    @DisplayName(
            "R76 a session whose credentials have ended is not resumed with them, but with new ones, and nothing is lost")
    void resumed() {
        KitServer server = still();
        ReferenceClient client = opened(MINUTE);
        client.ask(Frames.subscribe("s", "open:x"));
        expire(server, client);
        server.realtime().channels().publish("open:x", "n", 7);
        for (String token : new String[] {MINUTE, null}) {
            Attached refused = client.token(token).attach(driver());
            assertEquals("unauthenticated", refused.reason());
            OpeningRules.assertClosed(refused, 4001, 401);
        }
        client.token(HOUR);
        assertEquals(true, client.connect().getBoolean("resumed"));
        client.await("what came meanwhile", frame -> Integer.valueOf(7).equals(frame.getValue("payload")));
        assertEquals("ack", client.ask(Frames.publish("p", "open:x", 1)).getString("type"));
        assertEquals(1, server.opened().size());
    }

    @Test
    @DisplayName("R75 an older token that still comes along does not take back what a newer one has put off")
    void older() {
        KitServer server = still();
        ReferenceClient client = opened(HOUR);
        client.cut();
        client.token(MINUTE);
        assertEquals(true, client.connect().getBoolean("resumed"));
        server.advance(61_000);
        assertEquals("ack", client.ask(Frames.publish("p", "open:x", 1)).getString("type"));
        assertEquals(1, server.opened().size());
    }

    @RuleTest(RuleTest.On.ALONE) // who takes a session over counts what is left by the wall clock, which no test moves
    @DisplayName("R75 a client that was away when it would have been asked is asked when it is back")
    void askedLater() {
        KitServer server = still();
        ReferenceClient client = opened(MINUTE);
        Attached wire = client.newest();
        client.cut();
        Await.until("the end of the connection", wire::over);
        server.advance(31_000);
        client.connect();
        warned(client);
    }

    @RuleTest(RuleTest.On.POSTING)
    @DisplayName("R76 a bare read ends with the credentials that it began with")
    void bare() {
        KitServer server = still();
        String path = driver().streams() ? "/sse" : "/poll";
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Authorization", "Bearer " + MINUTE);
        try (Poster poster = new Poster(vertx(), server.port())) {
            Future<Answer> reading = poster.ask(HttpMethod.GET, path + "?channel=open:x", headers);
            Await.until("a reader", () -> server.stat("bareReaders") == 1);
            // In steps: nobody knows when it has begun to look at the clock.
            Await.until("its end", () -> {
                server.advance(10_000);
                return reading.isComplete();
            });
            Await.until("no reader", () -> server.stat("bareReaders") == 0);
        }
    }

    @Test
    @DisplayName("R15 the secret alone opens nothing: another user is refused, and the session stays as it was")
    void stolen() {
        KitServer server = still();
        ReferenceClient client = opened("user:ann");
        Attached thief = client.token("user:eve").attach(driver());
        assertEquals("forbidden", thief.reason());
        OpeningRules.assertClosed(thief, 4004, 403);
        assertTrue(server.ended().isEmpty());
        client.token("user:ann");
        assertEquals(true, client.connect().getBoolean("resumed"));
        assertEquals("ack", client.ask(Frames.publish("p", "open:x", 1)).getString("type"));
    }

    @RuleTest(RuleTest.On.STREAMING)
    @DisplayName("R76 the secret alone resumes nothing that was looked at more than a minute ago; the token does")
    void secretAlone() {
        KitServer server = still();
        ReferenceClient client = opened("user:ann");
        client.token(null);
        assertEquals(true, client.connect().getBoolean("resumed"));
        server.advance(61_000);
        Attached refused = client.attach(driver());
        assertEquals("unauthenticated", refused.reason());
        OpeningRules.assertClosed(refused, 4001, 401);
        assertTrue(server.ended().isEmpty());
        client.token("user:ann");
        assertEquals(true, client.connect().getBoolean("resumed"));
        assertEquals("ack", client.ask(Frames.publish("p", "open:x", 1)).getString("type"));
    }

    @RuleTest(RuleTest.On.POLLING)
    @DisplayName("R76 a client that has shown its token when it began to poll may go on without it")
    void pollsGoOn() {
        KitServer server = still();
        ReferenceClient client = opened("user:ann");
        client.token(null);
        for (int i = 0; i < 3; i++) {
            server.advance(61_000);
            assertEquals(true, client.connect().getBoolean("resumed"));
            assertEquals("ack", client.ask(Frames.publish("p" + i, "open:x", i)).getString("type"));
        }
        assertEquals(1, server.opened().size());
        // The Authorizer is asked all the same.
        server.ban("ann");
        server.advance(61_000);
        assertEquals("forbidden", client.attach(client.driver()).reason());
    }

    @RuleTest(RuleTest.On.POLLING)
    @DisplayName("R76 a hello by which polling begins again must show a token a minute after the last look")
    void pollsBegin() {
        KitServer server = still();
        ReferenceClient client = opened("user:ann");
        MultiMap headers = MultiMap.caseInsensitiveMultiMap()
                .add("Content-Type", "application/json")
                .add("Polywire-Session", id(client))
                .add("Polywire-Secret", client.look(ClientMachine::secret))
                .add("Polywire-Attach", "1000")
                .add("Polywire-Received", "0")
                .add("Polywire-Confirmed", "0");
        Buffer hello = Frames.of("hello")
                .put("versions", new JsonArray().add(1))
                .put("client", "0123456789abcdef")
                .toBuffer();
        HttpDriver thief = (HttpDriver) driver();
        // A poll of the client's own that came later would be a look.
        waiting(client);
        server.advance(61_000);
        Answer refused = Await.get("a refusal", thief.request(HttpMethod.POST, "/poll", headers, hello));
        assertEquals(401, refused.status(), refused::body);
        assertEquals("ack", client.ask(Frames.publish("p", "open:x", 1)).getString("type"));
    }

    @Test
    @DisplayName("R75 a token of somebody else, or none that can be read, refreshes nothing")
    void refusedRefresh() {
        KitServer server = still();
        ReferenceClient client = opened(MINUTE);
        assertEquals("forbidden", client.ask(refresh("a", "user:eve;3600000")).getString("code"));
        assertEquals("invalid_token", client.ask(refresh("b", "garbled")).getString("code"));
        assertEquals("unauthenticated", client.ask(refresh("c", "bad")).getString("code"));
        assertEquals("unauthenticated", client.ask(refresh("d", "user:ann;-1")).getString("code"));
        expire(server, client);
    }
}
