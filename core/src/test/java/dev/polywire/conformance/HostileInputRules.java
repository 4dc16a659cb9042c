package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.ChannelHandler;
import dev.polywire.Session;
import dev.polywire.conformance.RuleTest.On;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is no protocol is answered by stable codes, and never touches another session. */
abstract class HostileInputRules extends ConformanceGroup {
    private static final Buffer NO_UTF8 = Buffer.buffer("{\"type\":\"publish\",\"channel\":\"open:x\",\"payload\":\"")
            .appendByte((byte) 0xc3)
            .appendByte((byte) 0x28)
            .appendString("\"}");

    HostileInputRules(TransportKit kit) {
        super(kit);
    }

    // On other wires: R26 says what a POST does with them.
    @RuleTest(On.DUPLEX)
    @DisplayName("R2 what is no frame is bad_frame, counts, and leaves the session alone")
    void noFrames() {
        Bystander bystander = new Bystander();
        ReferenceClient client = connected();
        List<Buffer> hostile = List.of(
                Buffer.buffer("nothing"),
                Buffer.buffer("{\"type\":"),
                Buffer.buffer("[]"),
                Buffer.buffer("7"),
                Buffer.buffer("null"),
                Buffer.buffer("{}"),
                Buffer.buffer("{\"type\":7}"),
                Buffer.buffer("{\"type\":\"noop\"}{\"type\":\"noop\"}"),
                NO_UTF8);
        for (int i = 1; i <= hostile.size(); i++) {
            Buffer frame = hostile.get(i - 1);
            assertEquals(i, client.send(frame, false));
            int number = i;
            JsonObject error = client.await(
                    "an error for " + frame, answer -> Integer.valueOf(number).equals(answer.getInteger("frame")));
            assertEquals("bad_frame", error.getString("code"), () -> frame + " got " + error);
            assertHarmless(error);
        }
        assertEquals("ack", client.ask(Frames.publish("a", "open:x", 1)).getString("type"));
        bystander.untouched();
    }

    // On other wires: R2 says what a WebSocket does with it.
    @RuleTest(On.POSTING)
    @DisplayName("R26 invalid UTF-8 in a POST is 400, and nothing counts")
    void invalidUtf8() {
        Bystander bystander = new Bystander();
        ReferenceClient client = connected();
        ClientDriver.Answer answer = post(client, NO_UTF8);
        assertEquals(400, answer.status());
        assertEquals("bad_frame", new JsonObject(answer.body()).getString("code"));
        assertEquals("ack", client.ask(Frames.publish("a", "open:x", 1)).getString("type"));
        bystander.untouched();
    }

    @Test
    @DisplayName("R2 members of the wrong type are bad_frame")
    void wrongTypes() {
        Bystander bystander = new Bystander();
        ReferenceClient client = connected();
        List<JsonObject> hostile = List.of(
                Frames.of("publish").put("id", "0").put("channel", 7).put("payload", 1),
                Frames.of("publish").put("id", "1").put("channel", "open:x"),
                Frames.of("subscribe").put("id", "2").put("channels", 7),
                Frames.of("subscribe").put("id", "3"),
                Frames.of("history").put("id", "4").put("channel", "kept:x").put("limit", "many"),
                Frames.of("request").put("id", "5").put("address", List.of()),
                Frames.of("refresh").put("id", "6").put("token", 7),
                Frames.subscribe("7", "kept:x").put("positions", 7));
        for (JsonObject frame : hostile) {
            JsonObject error = client.ask(frame);
            assertEquals("error", error.getString("type"), frame::encode);
            assertEquals("bad_frame", error.getString("code"), () -> frame + " got " + error);
            assertHarmless(error);
        }
        JsonObject unknown = client.ask(Frames.of("dance").put("id", "d"));
        assertEquals("unknown_type", unknown.getString("code"));
        assertEquals(hostile.size() + 1, unknown.getInteger("frame"));
        bystander.untouched();
    }

    @Test
    @DisplayName("R2 JSON that is too deep is bad_frame")
    void tooDeep() {
        Bystander bystander = new Bystander();
        ReferenceClient client = connected();
        String deep = "[".repeat(5000) + "]".repeat(5000);
        Buffer frame =
                Buffer.buffer("{\"type\":\"publish\",\"id\":\"d\",\"channel\":\"open:x\",\"payload\":" + deep + "}");
        client.send(frame, false);
        Await.until(
                "a refusal",
                () -> !client.refused().isEmpty() || !client.frames().isEmpty());
        String code = client.frames().isEmpty()
                ? new JsonObject(client.refused().get(0).body()).getString("code")
                : client.frames().get(0).getString("code");
        assertEquals("bad_frame", code);
        bystander.untouched();
    }

    @Test
    @DisplayName("R7 what is no hello opens nothing")
    void noHello() {
        Bystander bystander = new Bystander();
        int before = bystander.server.opened().size();
        for (String hostile : List.of(
                "nothing",
                "{",
                "[]",
                "7",
                "{}",
                "{\"type\":\"hello\"}",
                "{\"type\":\"hello\",\"versions\":\"1\"}",
                "{\"type\":\"hello\",\"versions\":[]}",
                "{\"type\":\"hello\",\"versions\":[1],\"client\":7}",
                "{\"type\":\"hello\",\"versions\":[1],\"client\":\"" + "c".repeat(100_000) + "\"}",
                "{\"type\":\"bye\"}",
                "{\"type\":\"received\",\"count\":-1}")) {
            Attached raw = raw(Buffer.buffer(hostile));
            String reason = raw.reason();
            assertTrue(
                    List.of("bad_frame", "too_large", "unsupported_version").contains(reason),
                    () -> hostile.substring(0, Math.min(60, hostile.length())) + " got " + reason);
            int code = raw.end().code();
            assertTrue(List.of(4000, 1009, 4007, 400, 413).contains(code), () -> hostile + " got " + code);
            if (raw.refusal() != null) {
                assertHarmless(raw.refusal());
            }
        }
        assertEquals(before, bystander.server.opened().size());
        bystander.untouched();
    }

    @Test
    @DisplayName("R9 counts that cannot be are bad_frame, and touch nothing")
    void impossibleCounts() {
        Bystander bystander = new Bystander();
        ReferenceClient client = connected();
        client.ask(Frames.publish("a", "open:x", 1));
        for (JsonObject hostile : List.of(
                Frames.of("received").put("count", -1),
                Frames.of("received").put("count", "many"),
                Frames.of("received").put("count", 1L << 53),
                Frames.of("received"))) {
            client.control(hostile);
        }
        Await.until("a living session", () -> {
            if (client.newest().over() && client.driver().streams()) {
                client.connect();
            }
            return true;
        });
        assertEquals("ack", client.ask(Frames.publish("b", "open:x", 1)).getString("type"));
        assertTrue(bystander.server.ended().isEmpty());
        bystander.untouched();
    }

    @Test
    @DisplayName("R39 an acknowledgement of what was never sent closes the wire, not the session")
    void acknowledgesTheFuture() {
        Bystander bystander = new Bystander();
        ReferenceClient client = connected();
        client.ask(Frames.publish("a", "open:x", 1));
        Attached wire = waiting(client);
        client.control(Frames.of("received").put("count", 1_000_000));
        assertEquals("out_of_step", wire.reason());
        assertEquals(true, client.connect().getBoolean("resumed"));
        assertEquals("ack", client.ask(Frames.publish("b", "open:x", 1)).getString("type"));
        bystander.untouched();
    }

    // On other wires: the wire's endpoints are not HTTP requests.
    @RuleTest(On.POSTING)
    @DisplayName("Section 2.1: other methods and content types are refused by their codes")
    void wrongRequests() {
        Bystander bystander = new Bystander();
        HttpDriver http = (HttpDriver) bystander.client.driver();
        String endpoint = http.streams() ? "/sse" : "/poll";
        MultiMap json = MultiMap.caseInsensitiveMultiMap().add("Content-Type", "application/json");
        MultiMap text = MultiMap.caseInsensitiveMultiMap().add("Content-Type", "text/plain");
        Buffer hello = Buffer.buffer("{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}");
        refused(http, HttpMethod.POST, endpoint, text, hello, 415, "unsupported_media_type");
        refused(http, HttpMethod.POST, "/send", text, hello, 415, "unsupported_media_type");
        refused(http, HttpMethod.DELETE, endpoint, json, null, 405, "method_not_allowed");
        refused(http, HttpMethod.GET, "/send", json, null, 405, "method_not_allowed");
        refused(http, HttpMethod.POST, "/send", json, Buffer.buffer("[]"), 400, "bad_frame");
        refused(http, HttpMethod.POST, "/send", json, Buffer.buffer("x".repeat(300_000)), 413, "too_large");
        bystander.untouched();
    }

    @Test
    @DisplayName("Section 10: what the application's code fails with stays on the server")
    void faultsOfTheApplication() {
        Bystander bystander = new Bystander();
        String secret = "jdbc:secret";
        bystander.server.each(realtime -> realtime.request("throws", (session, payload) -> {
            throw new IllegalStateException(secret);
        }));
        bystander.server.each(realtime -> realtime.request("fails", (session, payload) -> Future.failedFuture(secret)));
        bystander.server.watch(new ChannelHandler() {
            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                if (publication.message().channel() != null
                        && publication.message().channel().equals("open:y")) {
                    return Future.succeededFuture(publication);
                }
                throw new IllegalStateException(secret);
            }
        });
        ReferenceClient client = connected();
        for (JsonObject frame : List.of(
                Frames.of("request").put("id", "1").put("address", "throws").put("payload", 1),
                Frames.of("request").put("id", "2").put("address", "fails").put("payload", 1),
                Frames.publish("3", "open:x", 1))) {
            JsonObject error = client.ask(frame);
            assertEquals("error", error.getString("type"), frame::encode);
            assertFalse(error.encode().contains(secret), error::encode);
            assertHarmless(error);
        }
        // The kit's authenticator fails with a text of its own.
        Attached refused = raw(Buffer.buffer(
                "{\"type\":\"hello\",\"versions\":[1],\"token\":\"nobody\",\"client\":\"0123456789abcdef\"}"));
        assertEquals("unauthenticated", refused.reason());
        if (refused.refusal() != null) {
            assertFalse(refused.refusal().encode().contains("who is that"), refused.refusal()::encode);
        }
        refused.end();
        bystander.untouched();
    }

    private static void refused(
            HttpDriver http,
            HttpMethod method,
            String endpoint,
            MultiMap headers,
            Buffer body,
            int status,
            String code) {
        ClientDriver.Answer answer = Await.get("an answer", http.request(method, endpoint, headers, body));
        assertEquals(status, answer.status(), () -> method + " " + endpoint + " got " + answer);
        assertEquals(code, new JsonObject(answer.body()).getString("code"));
    }

    private static ClientDriver.Answer post(ReferenceClient client, Buffer body) {
        String secret = client.look(ClientMachine::secret);
        return Await.get("an answer", client.driver().post(id(client), secret, 1, body));
    }

    /** An error never carries internals. */
    private static void assertHarmless(JsonObject error) {
        String message = error.getString("message", "");
        assertFalse(
                message.contains("Exception") || message.contains("dev.polywire") || message.contains("\tat "),
                message);
        assertFalse(message.contains("jackson") || message.contains("io.vertx"), message);
    }

    /** Another session of the same server, which must not notice anything. */
    private final class Bystander {
        private final KitServer server = server();
        private final ReferenceClient client = connected();
        private final String id = id(client);

        private void untouched() {
            server.session(id).send("still", "there");
            client.await("a message to the bystander", frame -> "there".equals(frame.getValue("payload")));
            assertEquals("ack", client.ask(Frames.publish("still", "open:y", 1)).getString("type"));
            assertEquals(id, id(client));
            assertTrue(client.controls().stream().noneMatch(frame -> Frames.is(frame, "violation")));
            assertTrue(!client.driver().streams()
                    || client.newest() != null && !client.newest().over());
        }
    }
}
