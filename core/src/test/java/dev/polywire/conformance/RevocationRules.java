package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.Revocation;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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

    @Test
    @DisplayName("R52 a token that is revoked is refused, and the user's other tokens are not")
    void token() {
        KitServer server = server();
        ReferenceClient lost = connected("ann;;{\"jti\":\"lost\"}");
        ReferenceClient kept = connected("ann;;{\"jti\":\"kept\"}");
        assertEquals(1, revoke(server, new Revocation.Token("lost")));
        assertEquals("disconnected", lost.over());
        assertEquals("ack", kept.ask(Frames.publish("p", "open:x", 1)).getString("type"));
        Attached refused = client().token("user:ann;;{\"jti\":\"lost\"}").attach(driver());
        assertEquals("forbidden", refused.reason());
        OpeningRules.assertClosed(refused, 4004, 403);
    }

    @Test
    @DisplayName("R52 a user who is logged out of everything comes back with a token that was issued afterwards")
    void issued() {
        KitServer server = server();
        ReferenceClient old = connected("ann;;{\"iat\":1700000000}");
        assertEquals(1, revoke(server, new Revocation.Issued("ann", Instant.ofEpochSecond(1_700_000_001))));
        assertEquals("disconnected", old.over());
        for (String earlier : List.of("user:ann;;{\"iat\":1700000000}", "user:ann")) {
            assertEquals("forbidden", client().token(earlier).attach(driver()).reason());
        }
        connected("ann;;{\"iat\":1700000002}");
    }

    @RuleTest(RuleTest.On.POSTING)
    @DisplayName("R52 a user's bare reads end at once, and no other begins while the revocation holds")
    void bare() {
        KitServer server = server();
        String path = (driver().streams() ? "/sse" : "/poll") + "?channel=open:x";
        MultiMap ann = MultiMap.caseInsensitiveMultiMap().add("Authorization", "Bearer user:ann");
        MultiMap bob = MultiMap.caseInsensitiveMultiMap().add("Authorization", "Bearer user:bob");
        try (Poster poster = new Poster(vertx(), server.port())) {
            Future<ClientDriver.Answer> hers = poster.ask(HttpMethod.GET, path, ann);
            Future<ClientDriver.Answer> his = poster.ask(HttpMethod.GET, path, bob);
            Await.until("two readers", () -> server.stat("bareReaders") == 2);
            revoke(server, new Revocation.User("ann"));
            Await.until("the end of hers", hers::isComplete);
            Await.until("his alone", () -> server.stat("bareReaders") == 1);
            assertEquals(false, his.isComplete());
            assertEquals(403, poster.request(HttpMethod.GET, path, ann).status());
        }
    }

    private static io.vertx.core.buffer.Buffer hello(String nonce) {
        return Frames.of("hello")
                .put("versions", new JsonArray().add(1))
                .put("client", nonce)
                .put("token", "user:ann")
                .toBuffer();
    }
}
