package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.Authorizer;
import dev.polywire.auth.Rules;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sections 3 and 6: who may do what, and what becomes of who no longer may. */
abstract class AuthorisationRules extends ConformanceGroup {
    /** After so long a resume is looked at again. */
    private static final long STALE = 61_000;

    AuthorisationRules(TransportKit kit) {
        super(kit);
    }

    private ReferenceClient connected(String user) {
        ReferenceClient client = client().token("user:" + user);
        client.connect();
        return client;
    }

    private static String code(JsonObject answer) {
        return Frames.is(answer, "error") ? answer.getString("code") : answer.getString("type");
    }

    private static JsonObject ask(String type, String id, String channel) {
        return Frames.of(type).put("id", id).put("channel", channel);
    }

    /** What a client is told to a subscribe, a question for history and one for members. */
    private static List<String> reads(ReferenceClient client, String channel) {
        return List.of(
                code(client.ask(Frames.subscribe("s-" + channel, channel))),
                code(client.ask(ask("history", "h-" + channel, channel))),
                code(client.ask(ask("presence", "p-" + channel, channel))));
    }

    private static final List<String> REFUSED = List.of("forbidden", "forbidden", "forbidden");

    @Test
    @DisplayName("R28 what the authoriser refuses is answered, whatever is asked, and the next frame goes on")
    void everyAction() {
        KitServer server = server();
        ReferenceClient client = connected();
        assertEquals(REFUSED, reads(client, "secret:x"));
        assertEquals("forbidden", code(client.ask(Frames.publish("p", "secret:x", 1))));
        assertEquals(
                "forbidden", code(client.ask(Frames.of("request").put("id", "r").put("address", "secret:x"))));
        assertEquals("subscribed", code(client.ask(Frames.subscribe("o", "open:x"))));
        server.realtime().channels().publish("secret:x", "n", 1);
        server.realtime().channels().publish("open:x", "n", 2);
        client.await("what is allowed", frame -> Integer.valueOf(2).equals(frame.getValue("payload")));
        assertTrue(
                client.frames().stream().noneMatch(frame -> Integer.valueOf(1).equals(frame.getValue("payload"))));
    }

    @Test
    @DisplayName("R28 an authoriser that fails refuses, and says nothing of its failure")
    void failing() {
        server();
        ReferenceClient client = connected();
        assertEquals(REFUSED, reads(client, "faulty:x"));
        JsonObject refused = client.ask(Frames.publish("p", "faulty:x", 1));
        assertEquals("forbidden", refused.getString("code"));
        assertFalse(refused.encode().contains("thrown"), refused::encode);
        assertEquals("ack", code(client.ask(Frames.publish("q", "open:x", 1))));
    }

    @Test
    @DisplayName("R28 an authoriser that fails when it is asked about a connection or a request refuses that as well")
    void failingAtTheDoor() {
        KitServer server = server();
        server.realtime().request("time", (session, payload) -> Future.succeededFuture(1));
        ReferenceClient client = connected();
        List<Authorizer> faulty = List.of(
                (principal, action, target) -> {
                    throw new IllegalStateException("thrown by a test");
                },
                (principal, action, target) -> Future.failedFuture("thrown by a test"),
                (principal, action, target) ->
                        vertx().timer(1).compose(later -> Future.failedFuture("thrown by a test")));
        for (int i = 0; i < faulty.size(); i++) {
            server.rule(faulty.get(i));
            assertEquals(
                    "forbidden",
                    code(client.ask(Frames.of("request").put("id", "r" + i).put("address", "time"))));
            Attached refused = client().attach(driver());
            assertEquals("forbidden", refused.reason());
            OpeningRules.assertClosed(refused, 4004, 403);
            assertFalse(refused.toString().contains("thrown"), refused::toString);
        }
        assertEquals(1, server.opened().size());
    }

    @Test
    @DisplayName("R50 claims of the token name the channels, and what may be done in them")
    void claims() {
        KitServer server = server();
        server.rule(Rules.firstOf(Rules.claims(), Rules.allow(Authorizer.Action.CONNECT)));
        ReferenceClient ann =
                connected("ann;;{\"channels\":{\"kept:*\":[\"subscribe\",\"history\"],\"open:x\":[\"publish\"]}}");
        assertEquals(List.of("subscribed", "history", "forbidden"), reads(ann, "kept:x"));
        assertEquals("forbidden", code(ann.ask(Frames.publish("k", "kept:x", 1))));
        assertEquals(REFUSED, reads(ann, "open:x"));
        assertEquals("ack", code(ann.ask(Frames.publish("o", "open:x", 1))));
        assertEquals("forbidden", code(ann.ask(Frames.publish("y", "open:y", 1))));
        ReferenceClient broken = connected("bob;;{\"channels\":[\"kept:x\"]}");
        assertEquals(REFUSED, reads(broken, "kept:x"));
    }

    @Test
    @DisplayName("R50 a tenant's sessions are confined to the tenant's channels, and to their own")
    void tenants() {
        KitServer server = server();
        server.rule(Rules.firstOf(Rules.tenants(), Rules.allow(Authorizer.Action.values())));
        ReferenceClient ann = connected("ann;;{\"tenant\":\"acme\"}");
        ReferenceClient nobody = connected();
        assertEquals("subscribed", code(ann.ask(Frames.subscribe("own", "acme/chat"))));
        assertEquals("subscribed", code(ann.ask(Frames.subscribe("user", "user:ann"))));
        for (String other : List.of("globex/chat", "acmes/chat", "acme", "open:x", "user:bob")) {
            assertEquals(REFUSED, reads(ann, other), other);
            assertEquals("forbidden", code(ann.ask(Frames.publish("p-" + other, other, 1))), other);
        }
        assertEquals(REFUSED, reads(nobody, "acme/chat"));
        server.realtime().channels().publish("globex/chat", "n", 1);
        server.realtime().channels().publish("acme/chat", "n", 2);
        ann.await("what is of the tenant", frame -> Integer.valueOf(2).equals(frame.getValue("payload")));
        assertTrue(ann.frames().stream().noneMatch(frame -> Integer.valueOf(1).equals(frame.getValue("payload"))));
    }

    @Test
    @DisplayName("R50 user:<id> is read by that user alone, without configuration")
    void personal() {
        KitServer server = server();
        ReferenceClient ann = connected("ann");
        ReferenceClient bob = connected("bob");
        ReferenceClient nobody = connected();
        assertEquals("subscribed", code(ann.ask(Frames.subscribe("s", "user:ann"))));
        for (ReferenceClient other : List.of(bob, nobody)) {
            assertEquals(REFUSED, reads(other, "user:ann"));
            assertEquals(REFUSED, reads(other, "user:"));
            assertEquals(REFUSED, reads(other, "user"));
        }
        assertEquals(REFUSED, reads(nobody, "user:null"));
        assertEquals(REFUSED, reads(ann, "user:ann:x"));
        assertEquals("forbidden", code(ann.ask(Frames.publish("p", "user:ann", 1))), "clients publish by the options");
        assertEquals("no_history", code(ann.ask(ask("history", "h", "user:ann"))), "allowed, but there is none");
        server.realtime().channels().publish("user:ann", "n", 1);
        ann.await("what is hers", frame -> Integer.valueOf(1).equals(frame.getValue("payload")));
    }

    @Test
    @DisplayName("R50 the options name who may subscribe: known users, the owner, nobody")
    void subscribers() {
        server();
        ReferenceClient ann = connected("ann");
        ReferenceClient nobody = connected();
        assertEquals("subscribed", code(ann.ask(Frames.subscribe("k", "known:x"))));
        assertEquals(REFUSED, reads(nobody, "known:x"));
        assertEquals("subscribed", code(ann.ask(Frames.subscribe("o", "own:ann"))));
        assertEquals("forbidden", code(ann.ask(Frames.subscribe("b", "own:bob"))));
        assertEquals(REFUSED, reads(ann, "closed:x"));
        assertEquals("ack", code(nobody.ask(Frames.publish("p", "closed:x", 1))), "publishing is another option");
    }

    @Test
    @DisplayName("R50 where only subscribers may ask for history and members, others are told to subscribe")
    void readers() {
        server();
        ReferenceClient client = connected();
        for (String channel : List.of("members:x", "ticket:x")) {
            assertEquals("not_subscribed", code(client.ask(ask("history", "h-" + channel, channel))));
            assertEquals("not_subscribed", code(client.ask(ask("presence", "p-" + channel, channel))));
        }
        assertEquals(List.of("subscribed", "history", "presence"), reads(client, "members:y"));
        assertEquals(List.of("subscribed", "forbidden", "forbidden"), reads(client, "unread:x"));
    }

    @Test
    @DisplayName(
            "R51 a token opens its own channel to its own user, and a channel that asks for one opens to nothing else")
    void tokens() {
        server();
        ReferenceClient ann = connected("ann");
        assertEquals("forbidden", code(ann.ask(Frames.subscribe("none", "ticket:x"))));
        assertEquals("forbidden", code(ann.ask(shown("wrong", "ticket:x", "guessed"))));
        assertEquals("forbidden", code(ann.ask(shown("other", "ticket:x", KitServer.ticket("ann", "ticket:y")))));
        assertEquals("forbidden", code(ann.ask(shown("his", "ticket:x", KitServer.ticket("bob", "ticket:x")))));
        assertEquals("subscribed", code(ann.ask(shown("right", "ticket:x", KitServer.ticket("ann", "ticket:x")))));
        JsonObject again = ann.ask(Frames.subscribe("again", "ticket:x"));
        assertEquals(true, again.getBoolean("already"), again::encode);
        assertEquals("history", code(ann.ask(ask("history", "h", "ticket:x"))));
    }

    @Test
    @DisplayName("R51 of several channels in one subscribe each needs its own token")
    void tokenEach() {
        server();
        ReferenceClient ann = connected("ann");
        ann.send(Frames.subscribe("s", "open:x", "ticket:x", "ticket:y", "open:y")
                .put("tokens", new JsonObject().put("ticket:y", KitServer.ticket("ann", "ticket:y"))));
        for (String channel : List.of("open:x", "ticket:x", "ticket:y", "open:y")) {
            JsonObject answer = ann.await(
                    "an answer for " + channel,
                    frame -> "s".equals(frame.getString("id")) && channel.equals(frame.getString("channel")));
            assertEquals(channel.equals("ticket:x") ? "forbidden" : "subscribed", code(answer), answer::encode);
        }
    }

    private static JsonObject shown(String id, String channel, String token) {
        return Frames.subscribe(id, channel).put("tokens", new JsonObject().put(channel, token));
    }

    @Test
    @DisplayName(
            "R15 who was banned from a channel meanwhile resumes without it: unsent frames are gone, the others a gap")
    void bannedMeanwhile() {
        KitServer server = frozen(session -> session.grace(Duration.ofMinutes(10)));
        ReferenceClient client = connected("ann");
        client.ask(Frames.subscribe("k", "kept:x"));
        // It has history, because without it a session that goes to another node has a gap there (R87).
        client.ask(Frames.subscribe("o", "kept:y"));
        int received = client.frames().size();
        client.attentive(false);
        client.cut();
        server.realtime().channels().publish("kept:x", "n", "sent");
        Heard first = hear(client, 50, received);
        first.await(1);
        first.link.cut();
        if (client.driver().streams()) {
            Await.until("the end of it", () -> !server.session(id(client)).connected());
        }
        server.realtime().channels().publish("kept:x", "n", "unsent");
        server.realtime().channels().publish("kept:y", "n", "other");
        server.ban("kept:x");
        server.advance(STALE);
        Heard second = hear(client, 51, received);
        List<JsonObject> frames = second.await(3);
        assertEquals("gap", frames.get(0).getString("type"));
        assertEquals("denied", frames.get(0).getString("reason"));
        assertEquals("kept:x", frames.get(0).getString("channel"));
        assertEquals("other", frames.get(1).getString("payload"));
        assertEquals("unsubscribed", frames.get(2).getString("type"));
        assertEquals("denied", frames.get(2).getString("reason"));
        server.realtime().channels().publish("kept:x", "n", "later");
        assertTrue(server.session(id(client)).channels().equals(java.util.Set.of("kept:y")));
        assertEquals(3, second.counted().size(), second.frames::toString);
    }

    @Test
    @DisplayName("R15 who may not connect any more does not resume, and the session waits for who may")
    void bannedUser() {
        KitServer server = frozen(session -> session.grace(Duration.ofMinutes(10)));
        ReferenceClient client = connected("ann");
        client.ask(Frames.subscribe("o", "open:y"));
        client.cut();
        server.ban("ann");
        server.advance(STALE);
        Attached refused = client.attach(client.driver());
        assertEquals("forbidden", refused.reason());
        OpeningRules.assertClosed(refused, 4004, 403);
        assertTrue(server.ended().isEmpty());
        assertEquals("forbidden", client().token("user:ann").attach(driver()).reason());
    }

    @Test
    @DisplayName("R15 a refresh is looked at as a resume is: banned from a channel, banned altogether, another user")
    void refresh() {
        KitServer server = server();
        ReferenceClient client = connected("ann");
        client.ask(Frames.subscribe("k", "kept:x"));
        assertEquals("ack", code(client.ask(refreshed("1", "user:ann"))));
        assertEquals("forbidden", code(client.ask(refreshed("2", "user:bob"))));
        server.ban("kept:x");
        assertEquals("ack", code(client.ask(refreshed("3", "user:ann"))));
        JsonObject out = client.await("the end of the channel", frame -> Frames.is(frame, "unsubscribed"));
        assertEquals("denied", out.getString("reason"));
        assertEquals("forbidden", code(client.ask(Frames.subscribe("again", "kept:x"))));
        server.ban("ann");
        assertEquals("forbidden", code(client.ask(refreshed("4", "user:ann"))));
    }

    private static JsonObject refreshed(String id, String token) {
        return Frames.of("refresh").put("id", id).put("token", token);
    }

    /** One connection that resumes, and acknowledges nothing. */
    private final class Heard implements ClientDriver.Listener {
        final List<JsonObject> frames = new CopyOnWriteArrayList<>();
        ClientDriver.Link link;

        @Override
        public void frame(String text) {
            frames.add(new JsonObject(text));
        }

        @Override
        public void closed(ClientDriver.End end) {}

        List<JsonObject> counted() {
            return frames.stream()
                    .filter(frame -> !List.of("welcome", "ping", "pong", "received", "bye")
                            .contains(frame.getString("type")))
                    .toList();
        }

        List<JsonObject> await(int count) {
            Await.until(count + " frames among " + frames, () -> counted().size() >= count);
            return counted();
        }
    }

    private Heard hear(ReferenceClient client, long attach, int received) {
        ClientDriver driver = driver();
        Heard heard = new Heard();
        Buffer hello = Frames.of("hello")
                .put("versions", new JsonArray().add(1))
                .put("client", "0123456789abcdef")
                .put("token", "user:ann")
                .toBuffer();
        ClientMachine.Attempt resume = client.look(machine -> new ClientMachine.Attempt(
                machine.attach(true).wire(),
                machine.session(),
                machine.secret(),
                attach,
                received,
                machine.confirmed()));
        io.vertx.core.Promise<ClientDriver.Link> opened = io.vertx.core.Promise.promise();
        vertx().getOrCreateContext()
                .runOnContext(run -> opened.complete(driver.open(new ClientDriver.Opening(hello, resume, -1), heard)));
        heard.link = Await.get("a connection", opened.future());
        return heard;
    }
}
