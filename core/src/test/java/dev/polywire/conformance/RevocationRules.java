package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.Revocation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** R52: what is revoked ends at once, and does not come back while the revocation holds. */
abstract class RevocationRules extends ConformanceGroup {
    private static final Duration HOUR = Duration.ofHours(1);

    RevocationRules(TransportKit kit) {
        super(kit);
    }

    private ReferenceClient connected(String user) {
        ReferenceClient client = client().token("user:" + user);
        client.connect();
        return client;
    }

    private static int revoke(KitServer server, Revocation what) {
        return Await.get("a revocation", server.realtime().sessions().revoke(what, HOUR));
    }

    @Test
    @DisplayName("R52 a user's sessions end at once, all of them and no others, and their clients are told")
    void ends() {
        KitServer server = server();
        ReferenceClient one = connected("ann");
        ReferenceClient two = connected("ann");
        ReferenceClient other = connected("bob");
        assertEquals(2, revoke(server, new Revocation.User("ann")));
        assertEquals("disconnected", one.over());
        assertEquals("disconnected", two.over());
        assertEquals("ack", other.ask(Frames.publish("p", "open:x", 1)).getString("type"));
    }

    @Test
    @DisplayName("R52 a revoked user is refused for that time, and let in after it")
    void refused() {
        KitServer server = frozen(session -> {});
        connected("ann");
        revoke(server, new Revocation.User("ann"));
        Attached refused = client().token("user:ann").attach(driver());
        assertEquals("forbidden", refused.reason());
        OpeningRules.assertClosed(refused, 4004, 403);
        assertEquals("bob", client().token("user:bob").connect().getString("user"));
        server.advance(HOUR.toMillis() - 1);
        assertEquals("forbidden", client().token("user:ann").attach(driver()).reason());
        server.advance(1);
        assertEquals("ann", client().token("user:ann").connect().getString("user"));
    }

    @Test
    @DisplayName("R52 a revocation that is taken back holds no longer")
    void restored() {
        KitServer server = server();
        revoke(server, new Revocation.User("ann"));
        assertTrue(Await.get("restored", server.realtime().sessions().restore(new Revocation.User("ann"))));
        assertEquals("ann", client().token("user:ann").connect().getString("user"));
    }

    @Test
    @DisplayName("R52 who was away when the user was revoked neither resumes nor opens anew")
    void away() {
        KitServer server = server();
        ReferenceClient client = connected("ann");
        client.cut();
        revoke(server, new Revocation.User("ann"));
        Attached back = client.attach(client.driver());
        // A poll names no user, and is told what became of its session.
        assertEquals(back.driver.streams() ? "forbidden" : "disconnected", back.reason());
    }

    @Test
    @DisplayName("R52 a revoked session's client is refused, and another client of the same user is not")
    void session() {
        KitServer server = server();
        Attached raw = raw(hello("0123456789abcdef"));
        String id = raw.welcome().getString("session");
        ReferenceClient same = connected("ann");
        assertEquals(1, revoke(server, new Revocation.OneSession(id)));
        Await.until(
                "its end",
                () -> server.ended().stream().anyMatch(ended -> ended.session().equals(id)));
        assertEquals("forbidden", raw(hello("0123456789abcdef")).reason());
        assertEquals("ann", raw(hello("fedcba9876543210")).welcome().getString("user"));
        assertEquals("ack", same.ask(Frames.publish("p", "open:x", 1)).getString("type"));
    }

    @Test
    @DisplayName("R52 a refresh with what was revoked is refused")
    void refresh() {
        KitServer server = server();
        ReferenceClient client = connected("ann");
        revoke(server, new Revocation.User("bob"));
        JsonObject frame = Frames.of("refresh").put("id", "r").put("token", "user:bob");
        assertEquals("forbidden", client.ask(frame).getString("code"));
        assertEquals("ack", client.ask(Frames.publish("p", "open:x", 1)).getString("type"));
    }

    private static io.vertx.core.buffer.Buffer hello(String nonce) {
        return Frames.of("hello")
                .put("versions", new JsonArray().add(1))
                .put("client", nonce)
                .put("token", "user:ann")
                .toBuffer();
    }
}
