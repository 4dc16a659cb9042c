package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.conformance.RuleTest.On;
import dev.polywire.protocol.CloseReason;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a user, an address or the whole node may use is the same on every wire, and who is within it does not notice the others. */
abstract class SharedLimitRules extends ConformanceGroup {
    /** What is a second's worth of 1 may come ten times at once. */
    private static final int BURST = 10;

    SharedLimitRules(TransportKit kit) {
        super(kit);
    }

    @RuleTest(On.ONE_CLOCK)
    @DisplayName("R60 an address that connects too often is told by HTTP when to come again")
    void connects() {
        KitServer server = limited(limits -> limits.address().connects(1));
        for (int i = 0; i < BURST; i++) {
            raw(hello(null)).welcome();
        }
        server.settle();
        Attached refused = raw(hello(null));
        assertEquals("rate_limited", refused.reason());
        assertEquals(429, refused.end().code(), "before any upgrade");
        assertTrue(new JsonObject(refused.end().body()).getInteger("retryAfter") > 0);
        elsewhere(server).connect();
        server.advance(1000);
        raw(hello(null)).welcome();
        assertEquals(BURST + 2, server.sessions());
    }

    @RuleTest(On.ONE_CLOCK)
    @DisplayName(
            "R60 an address that opens too many sessions is told when to come again, and goes on with those that it has")
    void opens() {
        KitServer server = limited(limits -> limits.address().opens(1));
        ReferenceClient first = connected();
        for (int i = 1; i < BURST; i++) {
            connected();
        }
        server.settle();
        Attached refused = raw(hello(null));
        assertTooMany(refused, "rate_limited");
        first.cut();
        assertEquals(true, first.connect().getBoolean("resumed"), "coming back opens nothing");
        assertAcknowledged(first, "a");
        elsewhere(server).connect();
        server.advance(1000);
        connected();
    }

    @Test
    @DisplayName("R61 the newest session of a user who has too many is refused, until one of them ends")
    void sessionsOfUser() {
        KitServer server = limited(limits -> limits.userSessions(2));
        ReferenceClient first = user("ann");
        ReferenceClient second = user("ann");
        server.settle();
        assertTooMany(raw(hello("user:ann")), "rate_limited");
        user("bob");
        assertAcknowledged(first, "a");
        Await.get("a close", server.session(id(second)).close(CloseReason.NORMAL));
        server.settle();
        assertAcknowledged(user("ann"), "b");
    }

    @Test
    @DisplayName("R61 the newest session of an address that has too many is refused, until one of them ends")
    void sessionsOfAddress() {
        KitServer server = limited(limits -> limits.address().sessions(2));
        ReferenceClient first = connected();
        ReferenceClient second = connected();
        server.settle();
        assertTooMany(raw(hello(null)), "rate_limited");
        ReferenceClient far = elsewhere(server);
        far.connect();
        assertAcknowledged(first, "a");
        Await.get("a close", server.session(id(second)).close(CloseReason.NORMAL));
        server.settle();
        connected();
        assertAcknowledged(far, "b");
    }

    @Test
    @DisplayName("R61 a session counts at the address from which its client has attached last")
    void moves() {
        KitServer server = limited(limits -> limits.address().sessions(1));
        ReferenceClient client = connected();
        server.settle();
        assertTooMany(raw(hello(null)), "rate_limited");
        ClientDriver far = driver(new Elsewhere(vertx(), server.port()).port());
        client.cut();
        assertEquals(true, client.attach(far).welcome().getBoolean("resumed"));
        assertAcknowledged(client, "a");
        server.settle();
        ReferenceClient other = connected();
        server.settle();
        assertTooMany(raw(hello(null)), "rate_limited");
        assertAcknowledged(other, "b");
        other.cut();
        assertEquals(
                true, other.attach(far).welcome().getBoolean("resumed"), "nobody is refused a session that is there");
        assertAcknowledged(other, "c");
    }

    @RuleTest(On.ALONE) // of several nodes each has a limit of its own
    @DisplayName("R61 the newest session of a node that has too many is refused")
    void sessionsOfNode() {
        limited(limits -> limits.sessions(1));
        ReferenceClient client = connected();
        assertTooMany(raw(hello(null)), "unavailable");
        assertAcknowledged(client, "a");
    }

    @RuleTest(On.ONE_CLOCK)
    @DisplayName("R62 all sessions of a user share what it may send")
    void messagesOfUser() {
        KitServer server = limited(limits -> limits.userMessages(1));
        ReferenceClient first = user("ann").acknowledging(false);
        ReferenceClient second = user("ann").acknowledging(false);
        ReferenceClient other = user("bob").acknowledging(false);
        assertUsedUp(server, first, second);
        assertAcknowledged(other, "other");
        server.advance(1000);
        assertAcknowledged(second, "again");
    }

    @RuleTest(On.ONE_CLOCK)
    @DisplayName("R62 all sessions of an address share what it may send")
    void messagesOfAddress() {
        KitServer server = limited(limits -> limits.address().messages(1));
        ReferenceClient first = connected().acknowledging(false);
        ReferenceClient second = user("ann").acknowledging(false);
        ReferenceClient other = elsewhere(server).acknowledging(false);
        other.connect();
        assertUsedUp(server, first, second);
        assertAcknowledged(other, "other");
        server.advance(1000);
        assertAcknowledged(second, "again");
    }

    @Test
    @DisplayName("R62 who goes on regardless of a limit that others share is closed, and the others are not")
    void abuse() {
        KitServer server = limited(limits -> limits.userMessages(1));
        ReferenceClient quiet = user("ann").acknowledging(false);
        ReferenceClient loud = user("ann").acknowledging(false);
        for (int i = 0; i < BURST + 110; i++) {
            loud.send(Frames.publish("open:x", i));
        }
        Await.until("the end", () -> server.ended().contains(new KitServer.Ended(id(loud), CloseReason.POLICY)));
        if (duplex(loud)) {
            assertEquals(1008, loud.newest().end().code());
        }
        server.advance(1000);
        assertAcknowledged(quiet, "a");
        assertEquals(1, server.ended().size());
    }

    @RuleTest(On.ONE_CLOCK)
    @DisplayName("R62 the bytes of a user are limited as its frames are")
    void bytesOfUser() {
        KitServer server = limited(limits -> limits.userBytes(50));
        ReferenceClient first = user("ann").acknowledging(false);
        ReferenceClient second = user("ann").acknowledging(false);
        assertAcknowledged(first, Frames.publish("large", "open:x", "x".repeat(400)));
        server.settle();
        JsonObject error = second.ask(Frames.publish("refused", "open:x", "x".repeat(40)));
        assertEquals("rate_limited", error.getString("code"), error::encode);
        assertEquals(1, error.getInteger("frame"));
        server.advance(2000);
        assertAcknowledged(second, Frames.publish("again", "open:x", "x".repeat(40)));
    }

    @RuleTest(On.ONE_CLOCK)
    @DisplayName("R62 the bytes of an address are limited as its frames are")
    void bytesOfAddress() {
        KitServer server = limited(limits -> limits.address().bytes(50));
        ReferenceClient first = connected().acknowledging(false);
        ReferenceClient second = user("ann").acknowledging(false);
        ReferenceClient other = elsewhere(server).acknowledging(false);
        other.connect();
        assertAcknowledged(first, Frames.publish("large", "open:x", "x".repeat(400)));
        server.settle();
        assertEquals(
                "rate_limited",
                second.ask(Frames.publish("refused", "open:x", "x".repeat(40))).getString("code"));
        assertAcknowledged(other, Frames.publish("other", "open:x", "x".repeat(40)));
        server.advance(2000);
        assertAcknowledged(second, Frames.publish("again", "open:x", "x".repeat(40)));
    }

    @RuleTest(On.ALONE) // a session that goes from node to node begins anew
    @DisplayName("R63 a session that is attached to too often is left as it is, and its client told when to come again")
    void attaches() {
        KitServer server = limited(limits -> limits.attaches(1));
        ReferenceClient client = client().attentive(false);
        client.connect();
        for (int i = 0; i < BURST; i++) {
            assertEquals(true, client.attach(client.driver()).welcome().getBoolean("resumed"), "attach " + i);
        }
        Attached living = client.newest();
        Attached refused = client.attach(client.driver());
        assertTooMany(refused, "rate_limited");
        assertTrue(!living.driver.streams() || !living.over(), "the wire in use stays");
        assertNotNull(server.find(id(client)));
        server.advance(1000);
        assertEquals(true, client.attach(client.driver()).welcome().getBoolean("resumed"));
        connected();
    }

    // On other wires: nothing waits for an answer.
    @RuleTest(On.POLLING)
    @DisplayName("R63 so many polls of an address may wait at a time")
    void polls() {
        KitServer server = limited(limits -> limits.address().polls(2));
        ReferenceClient first = connected();
        waiting(first);
        // One after the other: a poll that has just ended may still be counted while its client's next one comes.
        server.settle();
        ReferenceClient second = connected();
        waiting(second);
        server.settle();
        assertTooMany(raw(hello(null)), "rate_limited");
        elsewhere(server).connect();
        Await.get("a close", server.session(id(first)).close(CloseReason.NORMAL));
        Await.until("the end of the poll", () -> first.newest().over());
        server.settle();
        raw(hello(null)).welcome();
    }

    @Test
    @DisplayName("R64 a session is ended whose client sends nothing but what keeps the connection going")
    void idle() {
        KitServer server = limited(limits -> limits.idle(Duration.ofSeconds(8)));
        ReferenceClient client = connected();
        ReferenceClient busy = connected();
        assertAcknowledged(client, "a");
        server.advance(5000);
        assertAcknowledged(busy, "b");
        server.advance(5000);
        assertEquals("disconnected", client.over());
        Await.until(
                "onDisconnect",
                () -> server.ended().contains(new KitServer.Ended(id(client), CloseReason.DISCONNECTED)));
        assertAcknowledged(busy, "c");
        assertEquals(1, server.ended().size());
    }

    // On other wires: a poll ends by itself.
    @RuleTest(On.STREAMING)
    @DisplayName("R65 a connection that has lasted long enough is closed, and the session goes on with another one")
    void age() {
        KitServer server = limited(limits -> limits.connectionAge(Duration.ofSeconds(10)));
        ReferenceClient client = connected();
        assertAcknowledged(client, "a");
        Attached old = client.newest();
        server.advance(8900);
        assertAcknowledged(client, "b");
        assertTrue(!old.over(), "not before its time");
        server.advance(2200);
        assertEquals("renew", old.reason());
        JsonObject bye = old.bye();
        assertNotNull(bye);
        assertEquals(4016, bye.getInteger("code"));
        assertEquals("resume", bye.getString("reconnect"));
        if (duplex(client)) {
            assertEquals(4016, old.end().code());
        }
        server.session(id(client)).send("n", 1);
        assertEquals(true, client.connect().getBoolean("resumed"));
        client.await("what came meanwhile", frame -> Frames.is(frame, "message"));
        assertAcknowledged(client, "c");
        assertTrue(server.ended().isEmpty());
    }

    @Test
    @DisplayName("R66 an overloaded node takes nobody new in, and leaves those who are there alone")
    void overload() {
        KitServer server = limited(limits -> limits.overload().heapPercent(90));
        ReferenceClient client = connected();
        server.heap(0.95);
        server.advance(1000);
        assertTooMany(raw(hello(null)), "unavailable");
        assertNoTicket(server);
        assertAcknowledged(client, "a");
        client.cut();
        assertEquals(true, client.connect().getBoolean("resumed"));
        assertEquals(true, server.realtime().stats().getBoolean("overloaded"));
        server.heap(0.8);
        server.advance(1000);
        assertTooMany(raw(hello(null)), "unavailable");
        server.heap(0.5);
        server.advance(1000);
        connected();
        assertAcknowledged(client, "b");
    }

    @Test
    @DisplayName("R66 a node whose event loops are late takes nobody new in, and leaves those who are there alone")
    void late() {
        KitServer server = limited(limits -> limits.overload().lag(Duration.ofMillis(500)));
        ReferenceClient client = connected();
        server.lag(700);
        server.advance(1000);
        assertTooMany(raw(hello(null)), "unavailable");
        assertAcknowledged(client, "a");
        server.lag(0);
        server.advance(1000);
        connected();
    }

    @Test
    @DisplayName("R28 a channel's name may be so long as the server says")
    void channelLength() {
        limited(limits -> limits.channelLength(20));
        ReferenceClient client = connected();
        String name = "open:" + "x".repeat(15);
        assertEquals("subscribed", client.ask(Frames.subscribe("a", name)).getString("type"));
        assertEquals(
                "bad_channel", client.ask(Frames.subscribe("b", name + "x")).getString("code"));
        assertEquals(
                "bad_channel", client.ask(Frames.publish("c", name + "x", 1)).getString("code"));
    }

    private ReferenceClient user(String name) {
        ReferenceClient client = client().token("user:" + name);
        client.connect();
        return client;
    }

    /** A client at another address, not connected yet. */
    private ReferenceClient elsewhere(KitServer server) {
        return client(driver(new Elsewhere(vertx(), server.port()).port()));
    }

    /** Uses up what two sessions share, and sees that each of them is refused what the other has used. */
    private void assertUsedUp(KitServer server, ReferenceClient first, ReferenceClient second) {
        for (int i = 0; i < BURST; i++) {
            assertAcknowledged(first, "p" + i);
        }
        server.settle();
        JsonObject error = second.ask(Frames.publish("refused", "open:x", 1));
        assertEquals("rate_limited", error.getString("code"), error::encode);
        assertEquals(1, error.getInteger("frame"), "it is consumed");
        assertTrue(error.getInteger("retryAfter") > 0, error::encode);
        assertEquals(BURST, server.published().size());
    }

    private static void assertAcknowledged(ReferenceClient client, String id) {
        assertAcknowledged(client, Frames.publish(id, "open:x", 1));
    }

    private static void assertAcknowledged(ReferenceClient client, JsonObject publish) {
        JsonObject answer = client.ask(publish);
        assertEquals("ack", answer.getString("type"), answer::encode);
    }

    /** A ticket would be as good as a promise to be let in. */
    private void assertNoTicket(KitServer server) {
        try (Poster poster = new Poster(vertx(), server.port())) {
            MultiMap ann = MultiMap.caseInsensitiveMultiMap().add("Authorization", "Bearer user:ann");
            assertEquals(503, poster.request(HttpMethod.POST, "/ticket", ann).status());
        }
    }

    /** Refused for now, in the words of its wire. */
    private static void assertTooMany(Attached refused, String code) {
        assertEquals(code, refused.reason());
        boolean later = code.equals("unavailable");
        OpeningRules.assertClosed(refused, 1013, later ? 503 : 429);
        JsonObject refusal = refused.refusal();
        assertNotNull(refusal);
        assertTrue(refusal.getInteger("retryAfter") > 0, refusal::encode);
        JsonObject bye = refused.bye();
        assertTrue(
                !refused.driver.duplex()
                        || bye != null && "try_later".equals(bye.getString("reason")) && bye.containsKey("retryAfter"),
                refused::toString);
    }

    private static io.vertx.core.buffer.Buffer hello(@Nullable String token) {
        JsonObject hello =
                Frames.of("hello").put("versions", new JsonArray().add(1)).put("client", "0123456789abcdef");
        return (token == null ? hello : hello.put("token", token)).toBuffer();
    }
}
