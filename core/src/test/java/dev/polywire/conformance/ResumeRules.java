package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.Session;
import dev.polywire.protocol.CloseReason;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section 3: what survives when connections are cut. */
abstract class ResumeRules extends ConformanceGroup {
    private static final int CUTS = 20;
    private static final int BURST = 40;

    ResumeRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R12 connections cut at random points lose, repeat and reorder nothing on the way down")
    void downstream() {
        seeded(random -> {
            KitServer server = server();
            ReferenceClient client = connected();
            int sent = 0;
            for (int cut = 0; cut < CUTS; cut++) {
                // Each time anew: it may have gone to another node.
                Session session = server.session(id(client));
                for (int i = 0; i < BURST; i++) {
                    session.send("n", ++sent);
                }
                awaitSome(client, random, sent);
                client.cut();
                for (int i = random.nextInt(BURST) + BURST / 2; i > 0; i--) {
                    session.send("n", ++sent);
                }
                assertEquals(true, client.connect().getBoolean("resumed"));
            }
            int last = sent;
            Await.until("all " + last, () -> client.frames().size() >= last);
            assertUpTo(
                    last,
                    client.frames().stream()
                            .map(frame -> frame.getInteger("payload"))
                            .toList());
            assertNoViolation(client);
        });
    }

    @Test
    @DisplayName("R12 connections cut at random points lose, repeat and reorder nothing on the way up")
    void upstream() {
        seeded(random -> {
            KitServer server = server();
            ReferenceClient client = connected();
            int sent = 0;
            for (int cut = 0; cut < CUTS; cut++) {
                for (int i = 0; i < BURST; i++) {
                    client.send(Frames.publish("open:x", ++sent));
                }
                int enough = Math.min(sent, server.published().size() + random.nextInt(BURST));
                Await.until("some of " + sent, () -> server.published().size() >= enough);
                client.cut();
                client.send(Frames.publish("open:x", ++sent));
                assertEquals(true, client.connect().getBoolean("resumed"));
            }
            int last = sent;
            Await.until(
                    "all " + last,
                    () -> server.published().size() >= last && client.look(ClientMachine::confirmed) == last);
            assertUpTo(
                    last,
                    server.published().stream()
                            .map(each -> Integer.valueOf(each.payload()))
                            .toList());
            assertNoViolation(client);
        });
    }

    @Test
    @DisplayName("R17 after a resume the client is still in its channels")
    void subscriptions() {
        KitServer server = server();
        ReferenceClient client = connected();
        client.ask(Frames.subscribe("s", "open:x"));
        client.cut();
        server.realtime().channels().publish("open:x", "n", 1);
        client.connect();
        client.await("what came meanwhile", frame -> Integer.valueOf(1).equals(frame.getValue("payload")));
        server.realtime().channels().publish("open:x", "n", 2);
        client.await("what comes", frame -> Integer.valueOf(2).equals(frame.getValue("payload")));
    }

    @Test
    @DisplayName("R12 a lower count that comes late brings nothing back")
    void lowerCount() {
        KitServer server = server();
        ReferenceClient client = connected();
        for (int i = 1; i <= 3; i++) {
            server.session(id(client)).send("n", i);
        }
        Await.until("all three", () -> client.frames().size() == 3);
        client.control(Frames.of("received").put("count", 3));
        client.control(Frames.of("received").put("count", 1));
        client.control(Frames.ping("p", 0));
        client.awaitControl("the pong behind them", frame -> Frames.is(frame, "pong"));
        client.cut();
        Attached attached = client.attach(truth -> new ClientMachine.Attempt(
                truth.wire(), truth.session(), truth.secret(), truth.attach(), 1, truth.confirmed()));
        assertEquals(4, attached.welcome().getInteger("first"));
    }

    @Test
    @DisplayName("R13 a client that received more than was sent has lost its session")
    void aheadDownstream() {
        ahead(99, 0);
    }

    @Test
    @DisplayName("R13 a client whose frames were confirmed beyond what was accepted has lost its session")
    void aheadUpstream() {
        ahead(0, 99);
    }

    private void ahead(long received, long confirmed) {
        KitServer server = server();
        ReferenceClient client = connected();
        String old = id(client);
        client.ask(Frames.publish("a", "open:x", 1));
        client.cut();
        Attached attached = client.attach(truth -> new ClientMachine.Attempt(
                truth.wire(),
                truth.session(),
                truth.secret(),
                truth.attach(),
                truth.received() + received,
                truth.confirmed() + confirmed));
        assertEquals("lost", goneBecause(attached));
        Await.until("its end", () -> server.ended().contains(new KitServer.Ended(old, CloseReason.LOST)));
    }

    @Test
    @DisplayName("R16 a session without a connection ends with its grace, and its client is told so once it is back")
    void grace() {
        KitServer server = frozen(session -> session.grace(Duration.ofSeconds(10)));
        ReferenceClient client = connected();
        String old = id(client);
        client.ask(Frames.publish("a", "open:x", 1));
        client.cut();
        // In steps, because nobody knows when the server notices the cut; none after the end, or that would be
        // forgotten, too.
        Await.until("the end of its grace", () -> {
            boolean over = server.find(old) == null;
            server.advance(over ? 0 : 100);
            return over;
        });
        Await.until("its end", () -> server.ended().contains(new KitServer.Ended(old, CloseReason.EXPIRED)));
        assertEquals("expired", goneBecause(client.attach(client.driver())));
        assertEquals(
                1,
                server.ended().stream()
                        .filter(ended -> ended.session().equals(old))
                        .count());
    }

    @Test
    @DisplayName("R16 a session that is used does not end with its grace")
    void graceIsCancelled() {
        KitServer server = server(session -> session.grace(Duration.ofMillis(1500)));
        ReferenceClient idle = connected();
        ReferenceClient client = connected();
        client.cut();
        client.connect();
        idle.close();
        Await.until("the end of the idle one", () -> !server.ended().isEmpty());
        assertEquals(1, server.ended().size());
        client.ask(Frames.publish("a", "open:x", 1));
    }

    /** The reason in a welcome that opens a new session, or in the reply that says there is none (R14). */
    static String goneBecause(Attached attached) {
        if (!attached.driver.streams()) {
            return attached.reason();
        }
        JsonObject welcome = attached.welcome();
        assertEquals(false, welcome.getBoolean("resumed"), welcome::encode);
        return welcome.getString("reason");
    }

    private static void awaitSome(ReferenceClient client, Random random, int sent) {
        int enough = client.frames().size() + random.nextInt(BURST);
        Await.until("some of " + sent, () -> client.frames().size() >= Math.min(enough, sent));
    }

    private static void assertNoViolation(ReferenceClient client) {
        List<JsonObject> found = client.controls().stream()
                .filter(frame -> Frames.is(frame, "violation"))
                .toList();
        assertTrue(found.isEmpty(), found::toString);
    }
}
