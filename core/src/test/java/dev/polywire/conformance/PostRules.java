package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.RateLimit;
import dev.polywire.conformance.RuleTest.On;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;

/** Section 5, where frames go up by POST. */
abstract class PostRules extends ConformanceGroup {
    PostRules(TransportKit kit) {
        super(kit);
    }

    @RuleTest(On.POSTING)
    @DisplayName("R25 a POST that starts too far changes nothing, and learns where to start")
    void tooFar() {
        KitServer server = server();
        ReferenceClient client = poster();
        ClientDriver.Answer answer = post(client, 3, Frames.publish("a", "open:x", 1));
        assertEquals(409, answer.status());
        assertEquals("out_of_order", code(answer));
        assertEquals(0, new JsonObject(answer.body()).getInteger("received"));
        assertEquals(1, received(post(client, 1, Frames.publish("b", "open:x", 2))));
        Await.until("the second", () -> server.published().size() == 1);
        assertEquals("2", server.published().get(0).payload());
    }

    @RuleTest(On.POSTING)
    @DisplayName("R25 of a POST that overlaps, what was accepted before is dropped")
    void overlap() {
        KitServer server = server();
        ReferenceClient client = poster();
        assertEquals(2, received(post(client, 1, Frames.publish("open:x", 1), Frames.publish("open:x", 2))));
        assertEquals(2, received(post(client, 1, Frames.publish("open:x", 1), Frames.publish("open:x", 2))));
        assertEquals(
                3,
                received(post(
                        client,
                        1,
                        Frames.publish("open:x", 1),
                        Frames.publish("open:x", 2),
                        Frames.publish("open:x", 3))));
        Await.until("the third", () -> server.published().size() >= 3);
        assertEquals(
                List.of("1", "2", "3"),
                server.published().stream().map(KitServer.Published::payload).toList());
    }

    @RuleTest(On.POSTING)
    @DisplayName("R25 repeats are dropped before a limit is charged")
    void repeatsAreFree() {
        KitServer server = frozen(session -> session.rate(new RateLimit(1, 3, 1 << 20, 1 << 20, 100)));
        ReferenceClient client = poster();
        for (int i = 0; i < 5; i++) {
            assertEquals(2, received(post(client, 1, Frames.publish("open:x", 1), Frames.publish("open:x", 2))));
        }
        assertEquals(3, received(post(client, 3, Frames.publish("c", "open:x", 3))));
        Await.until("the third", () -> server.published().size() == 3);
    }

    @RuleTest(On.POSTING)
    @DisplayName("R26 malformed JSON is 400, and nothing of the body counts")
    void malformed() {
        KitServer server = server();
        ReferenceClient client = poster();
        String good = Frames.publish("open:x", 1).encode();
        for (String body : List.of("", "[", "[" + good + ",", "[" + good + "]x", good + good, "{]", "nothing")) {
            ClientDriver.Answer answer = post(client, 1, Buffer.buffer(body));
            assertEquals(400, answer.status(), () -> body + " was answered by " + answer);
            assertEquals("bad_frame", code(answer));
        }
        assertEquals(1, received(post(client, 1, Frames.publish("b", "open:x", 2))));
        Await.until("the good one", () -> server.published().size() == 1);
        assertEquals("2", server.published().get(0).payload());
    }

    @RuleTest(On.POSTING)
    @DisplayName("R26 one frame is a body, too, and its answer counts it")
    void oneFrame() {
        server();
        ReferenceClient client = poster();
        assertEquals(1, received(post(client, 1, Frames.publish("open:x", 1).toBuffer())));
        assertEquals(
                1,
                received(post(client, 1, Frames.of("received").put("count", 0).toBuffer())));
    }

    @RuleTest(On.POSTING)
    @DisplayName("R26 only uncounted frames may be sent without Polywire-First")
    void withoutFirst() {
        KitServer server = server();
        ReferenceClient client = poster();
        assertEquals(0, received(post(client, 0, Frames.of("received").put("count", 0))));
        ClientDriver.Answer answer = post(client, 0, Frames.publish("open:x", 1));
        assertEquals(400, answer.status(), answer::toString);
        assertTrue(server.published().isEmpty());
        assertEquals(1, received(post(client, 1, Frames.publish("open:x", 2))));
    }

    @RuleTest(On.POSTING)
    @DisplayName("R26 a frame that is refused does not stop the rest of its body")
    void refusedInside() {
        KitServer server = server();
        ReferenceClient client = poster();
        assertEquals(
                3,
                received(
                        post(client, 1, Frames.publish("open:x", 1), Frames.of("dance"), Frames.publish("open:x", 3))));
        assertEquals(
                2, client.await("the error", frame -> Frames.is(frame, "error")).getInteger("frame"));
        Await.until("both", () -> server.published().size() == 2);
    }

    @RuleTest(On.POSTING)
    @DisplayName("R14 a POST to a session that is not there is 404, and says why")
    void noSession() {
        server();
        ReferenceClient client = poster();
        Buffer body = Frames.of("received").put("count", 0).toBuffer();
        ClientDriver.Answer answer = Await.get("an answer", client.driver().post("never", "was", 0, body));
        assertEquals(404, answer.status());
        assertEquals("unknown", code(answer));
        answer = Await.get("an answer", client.driver().post(id(client), "wrong", 0, body));
        assertEquals(404, answer.status());
        assertEquals("unknown", code(answer));
    }

    private ReferenceClient poster() {
        ReferenceClient client = connected();
        client.mute(10);
        return client;
    }

    private static ClientDriver.Answer post(ReferenceClient client, long first, JsonObject... frames) {
        return post(client, first, new JsonArray(List.of((Object[]) frames)).toBuffer());
    }

    private static ClientDriver.Answer post(ReferenceClient client, long first, Buffer body) {
        String secret = client.look(ClientMachine::secret);
        return Await.get("an answer to a POST", client.driver().post(id(client), secret, first, body));
    }

    private static String code(ClientDriver.Answer answer) {
        return new JsonObject(answer.body()).getString("code");
    }

    private static long received(ClientDriver.Answer answer) {
        assertEquals(200, answer.status(), answer::toString);
        return new JsonObject(answer.body()).getLong("received");
    }
}
