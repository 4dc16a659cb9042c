package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.Channels;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section 6: channels over this wire. */
abstract class ChannelRules extends ConformanceGroup {
    ChannelRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R31 a message has an offset exactly when it is stored")
    void offsets() {
        KitServer server = server();
        ReferenceClient client = connected();
        client.ask(Frames.subscribe("a", "open:x"));
        client.ask(Frames.subscribe("b", "kept:x"));
        server.realtime().channels().publish("open:x", "n", 1);
        server.realtime().channels().publish("kept:x", "n", 2);
        JsonObject unstored = message(client, 1);
        assertFalse(unstored.containsKey("offset"), unstored::encode);
        assertEquals("open:x", unstored.getString("channel"));
        assertEquals("n", unstored.getString("event"));
        assertTrue(unstored.getLong("timestamp") > 0);
        assertEquals(1, message(client, 2).getInteger("offset"));
    }

    @Test
    @DisplayName("R30 a publish with an id is published once, however often it is sent")
    void dedupe() {
        KitServer server = server();
        ReferenceClient client = connected();
        client.ask(Frames.subscribe("s", "kept:x"));
        JsonObject first = client.ask(Frames.publish("a", "kept:x", 1));
        client.send(Frames.publish("a", "kept:x", 1));
        JsonObject again = client.await(
                "the second ack", frame -> Frames.is(frame, "ack") && frame.getBoolean("duplicate", false));
        assertEquals(first.getJsonObject("position"), again.getJsonObject("position"));
        client.ask(Frames.publish("b", "kept:x", 2));
        message(client, 2);
        assertEquals(List.of(1, 2), payloads(client));
        assertEquals(
                2,
                Await.get("history", server.realtime().channels().history("kept:x", null, 10))
                        .messages()
                        .size());
    }

    @Test
    @DisplayName("R30 the publisher hears its own message unless it says echo false")
    void echo() {
        server();
        ReferenceClient client = connected();
        ReferenceClient other = connected();
        client.ask(Frames.subscribe("s", "open:x"));
        other.ask(Frames.subscribe("s", "open:x"));
        client.ask(Frames.publish("a", "open:x", 1)
                .put("echo", false)
                .put("traceId", "t-1")
                .put("sentAt", 17));
        client.ask(Frames.publish("b", "open:x", 2));
        JsonObject heard = message(other, 1);
        assertEquals("t-1", heard.getString("traceId"));
        assertEquals(17, heard.getInteger("sentAt"));
        message(other, 2);
        message(client, 2);
        assertEquals(List.of(2), payloads(client));
    }

    @Test
    @DisplayName("R33 a subscribe with a position gets exactly what came after it, then what is live")
    void recovery() {
        KitServer server = server();
        Channels channels = server.realtime().channels();
        ReferenceClient client = connected();
        JsonObject top = client.ask(Frames.subscribe("s", "kept:x")).getJsonObject("position");
        assertEquals(0, top.getInteger("offset"));
        for (int i = 1; i <= 5; i++) {
            Await.get("a publish", channels.publish("kept:x", "n", i));
        }
        ReferenceClient late = connected();
        JsonObject since = new JsonObject().put("kept:x", top.copy().put("offset", 2));
        JsonObject subscribed = late.ask(Frames.subscribe("s", "kept:x").put("positions", since));
        assertEquals(true, subscribed.getBoolean("recovered"), subscribed::encode);
        Await.get("a publish", channels.publish("kept:x", "n", 6));
        message(late, 6);
        assertEquals(List.of(3, 4, 5, 6), payloads(late));
    }

    @Test
    @DisplayName("R33 a position of another epoch is not recovered, and the answer says so")
    void otherEpoch() {
        KitServer server = server();
        ReferenceClient client = connected();
        Await.get("a publish", server.realtime().channels().publish("kept:x", "n", 1));
        JsonObject since = new JsonObject()
                .put("kept:x", new JsonObject().put("epoch", "elsewhere").put("offset", 0));
        JsonObject subscribed = client.ask(Frames.subscribe("s", "kept:x").put("positions", since));
        assertEquals(false, subscribed.getBoolean("recovered"), subscribed::encode);
        assertEquals(1, subscribed.getJsonObject("position").getInteger("offset"));
    }

    @Test
    @DisplayName("R34 a repeated subscribe replays nothing")
    void already() {
        KitServer server = server();
        ReferenceClient client = connected();
        JsonObject top = client.ask(Frames.subscribe("s", "kept:x")).getJsonObject("position");
        server.realtime().channels().publish("kept:x", "n", 1);
        message(client, 1);
        JsonObject again =
                client.ask(Frames.subscribe("t", "kept:x").put("positions", new JsonObject().put("kept:x", top)));
        assertEquals(true, again.getBoolean("already"), again::encode);
        server.realtime().channels().publish("kept:x", "n", 2);
        message(client, 2);
        assertEquals(List.of(1, 2), payloads(client));
        assertEquals(
                "unsubscribed", client.ask(Frames.unsubscribe("u", "kept:x")).getString("type"));
        Await.get("a publish", server.realtime().channels().publish("kept:x", "n", 3));
        client.ask(Frames.publish("p", "open:x", 0));
        assertEquals(List.of(1, 2), payloads(client));
    }

    @Test
    @DisplayName("R37 a message that asks for it is delivered until it is confirmed")
    void confirmation() {
        KitServer server = server();
        ReferenceClient client = connected();
        client.ask(Frames.subscribe("s", "sure:x"));
        server.realtime().channels().publish(new Channels.Outgoing("sure:x", "n", 1, null, null, true, null));
        JsonObject first = message(client, 1);
        String id = first.getString("confirm");
        assertEquals(
                id,
                client.await("the second attempt", frame -> Integer.valueOf(2).equals(frame.getInteger("attempt")))
                        .getString("confirm"));
        client.send(Frames.of("ack").put("id", id));
        server.realtime().channels().publish(new Channels.Outgoing("sure:x", "n", 2, null, null, true, null));
        Await.until(
                "three attempts of the other",
                () -> payloads(client).stream().filter(each -> each == 2).count() == 3);
        assertEquals(2, payloads(client).stream().filter(each -> each == 1).count());
    }

    @Test
    @DisplayName("R24 history is read in either direction, in part, and where there is none the answer says so")
    void history() {
        KitServer server = server();
        ReferenceClient client = connected();
        for (int i = 1; i <= 5; i++) {
            Await.get("a publish", server.realtime().channels().publish("kept:x", "n", i));
        }
        JsonObject history = client.ask(
                Frames.of("history").put("id", "h").put("channel", "kept:x").put("limit", 3));
        assertEquals("history", history.getString("type"), history::encode);
        assertEquals(3, history.getJsonArray("messages").size());
        assertEquals(1, history.getJsonArray("messages").getJsonObject(0).getInteger("payload"));
        assertEquals(5, history.getJsonObject("position").getInteger("offset"));
        assertEquals(true, history.getBoolean("more"));
        history = client.ask(
                Frames.of("history").put("id", "r").put("channel", "kept:x").put("reverse", true));
        assertEquals(5, history.getJsonArray("messages").getJsonObject(0).getInteger("payload"));
        JsonObject none = client.ask(Frames.of("history").put("id", "n").put("channel", "open:x"));
        assertEquals("no_history", none.getString("code"));
    }

    @Test
    @DisplayName("R2 requests in both directions are answered, or refused, under their own id")
    void requests() {
        KitServer server = server();
        ReferenceClient client = connected();
        JsonObject refused = client.ask(Frames.of("request").put("id", "q").put("address", "nowhere"));
        assertEquals("error", refused.getString("type"), refused::encode);
        assertTrue(List.of("not_found", "forbidden").contains(refused.getString("code")), refused::encode);
        var reply = server.session(id(client)).request("sum", List.of(1, 2), Await.deadline());
        JsonObject asked = client.await("the request", frame -> Frames.is(frame, "request"));
        assertEquals("sum", asked.getString("event"));
        client.send(Frames.of("reply").put("id", asked.getString("id")).put("payload", 3));
        assertEquals("3", Await.get("the reply", reply).toString());
    }

    private static JsonObject message(ReferenceClient client, int payload) {
        return client.await(
                "message " + payload,
                frame -> Frames.is(frame, "message") && Integer.valueOf(payload).equals(frame.getValue("payload")));
    }

    private static List<Integer> payloads(ReferenceClient client) {
        return client.frames().stream()
                .filter(frame -> Frames.is(frame, "message"))
                .map(frame -> frame.getInteger("payload"))
                .toList();
    }
}
