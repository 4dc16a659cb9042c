package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.RateLimit;
import dev.polywire.conformance.RuleTest.On;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Limits are the same on every wire: what is over them is consumed and answered, or, where HTTP says so, not consumed. */
abstract class LimitRules extends ConformanceGroup {
    private static final int BYTES = 1 << 20;

    LimitRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R28 a frame over the rate limit is consumed, and answered by an error with its number")
    void frames() {
        KitServer server = frozen(session -> session.rate(new RateLimit(1, 5, BYTES, BYTES, 100)));
        ReferenceClient client = connected().acknowledging(false);
        for (int i = 1; i <= 10; i++) {
            client.send(Frames.publish("p" + i, "open:x", i));
        }
        for (int i = 6; i <= 10; i++) {
            JsonObject error = answer(client, "p" + i);
            assertEquals("rate_limited", error.getString("code"), error::encode);
            assertEquals(i, error.getInteger("frame"));
            assertTrue(error.getInteger("retryAfter") > 0, error::encode);
        }
        assertUpTo(5, payloads(server));
        server.advance(1000);
        assertEquals("ack", client.ask(Frames.publish("again", "open:x", 11)).getString("type"));
    }

    @Test
    @DisplayName("R28 bytes are limited as frames are")
    void bytes() {
        KitServer server = frozen(session -> session.frame(1024).rate(new RateLimit(1000, 1000, 1, 4096, 100)));
        ReferenceClient client = connected().acknowledging(false);
        for (int i = 1; i <= 6; i++) {
            client.send(Frames.publish("p" + i, "open:x", i)
                    .put("traceId", "t".repeat(100))
                    .put("ignored", "i".repeat(700)));
        }
        assertEquals("rate_limited", answer(client, "p6").getString("code"));
        assertEquals("rate_limited", answer(client, "p5").getString("code"));
        assertUpTo(4, payloads(server));
    }

    @Test
    @DisplayName("R28 what the authoriser refuses is consumed, and answered by an error with its number")
    void authoriser() {
        KitServer server = server();
        ReferenceClient client = connected();
        JsonObject error = client.ask(Frames.publish("a", "secret:x", 1));
        assertEquals("forbidden", error.getString("code"));
        assertEquals(1, error.getInteger("frame"));
        error = client.ask(Frames.subscribe("b", "secret:x"));
        assertEquals("forbidden", error.getString("code"));
        assertEquals("secret:x", error.getString("channel"));
        assertEquals("ack", client.ask(Frames.publish("c", "open:x", 1)).getString("type"));
        assertEquals(1, server.published().size());
    }

    @Test
    @DisplayName("R27 a frame over the limit is not consumed; a noop takes its number, and the session goes on")
    void tooLarge() {
        KitServer server = server(session -> session.frame(1024));
        ReferenceClient client = connected();
        client.ask(Frames.publish("a", "open:x", 1));
        long number = client.send(Frames.publish("b", "open:x", "b".repeat(2000)));
        if (duplex(client)) {
            assertEquals("too_large", client.newest().reason());
            assertEquals(1009, client.newest().end().code());
            client.withdraw(number);
            assertEquals(1, client.connect().getInteger("received"), "nothing was consumed");
        } else {
            Await.until("the refusal", () -> !client.refused().isEmpty());
            assertEquals(413, client.refused().get(0).status());
            assertEquals("too_large", new JsonObject(client.refused().get(0).body()).getString("code"));
            client.withdraw(number);
        }
        assertEquals("ack", client.ask(Frames.publish("c", "open:x", 3)).getString("type"));
        Await.until("confirmation", () -> client.look(ClientMachine::confirmed) == 3);
        assertEquals(
                List.of("1", "3"),
                server.published().stream().map(KitServer.Published::payload).toList());
    }

    @Test
    @DisplayName("R28 a session may be in so many channels")
    void channelLimit() {
        server(session -> session.channels(2));
        ReferenceClient client = connected();
        client.send(Frames.subscribe("s", "open:a", "open:b", "open:c"));
        JsonObject error = client.await("an error", frame -> Frames.is(frame, "error"));
        assertEquals("channel_limit", error.getString("code"));
        assertEquals("open:c", error.getString("channel"));
        assertEquals(
                "unsubscribed", client.ask(Frames.unsubscribe("u", "open:a")).getString("type"));
        assertEquals("subscribed", client.ask(Frames.subscribe("t", "open:c")).getString("type"));
    }

    @Test
    @DisplayName("R28 what is no channel's name is refused")
    void badChannel() {
        server();
        ReferenceClient client = connected();
        int i = 0;
        for (String name : List.of("", "a b", "a\nb", "x".repeat(129))) {
            JsonObject error = client.ask(Frames.subscribe("s" + i++, name));
            assertEquals("bad_channel", error.getString("code"), error::encode);
        }
        assertEquals(
                "subscribed",
                client.ask(Frames.subscribe("ok", "x".repeat(128))).getString("type"));
    }

    @Test
    @DisplayName("R28 sustained abuse closes the session with policy")
    void abuse() {
        KitServer server = frozen(session -> session.rate(new RateLimit(1, 5, BYTES, BYTES, 10)));
        ReferenceClient client = connected().acknowledging(false);
        for (int i = 1; i <= 60; i++) {
            client.send(Frames.publish("open:x", i));
        }
        Await.until("the end", () -> server.ended().size() == 1);
        assertEquals("policy", server.ended().get(0).reason().wire());
        String told = client.over();
        if (client.driver().streams()) {
            assertEquals("policy", told);
            assertEquals("policy", client.newest().reason());
        } else {
            // Where no poll waited to be told, the next one is refused.
            assertTrue(Set.of("policy", "denied").contains(told), told);
        }
        if (duplex(client)) {
            assertEquals(1008, client.newest().end().code());
        }
        assertUpTo(5, payloads(server));
    }

    @RuleTest(On.ONE_CLOCK)
    @DisplayName("R60 an address is what a trusted proxy says it is, and what anybody else says of theirs is not read")
    void proxies() {
        KitServer behind = limited(limits -> limits.address().opens(1).trustedProxies(List.of("127.0.0.1")));
        for (int i = 0; i < 10; i++) {
            forwarded("6.6.6." + i + ", 198.51.100.1").welcome();
        }
        behind.settle();
        assertEquals("rate_limited", forwarded("6.6.6.99, 198.51.100.1").reason());
        forwarded("198.51.100.1, 198.51.100.2").welcome();
        behind.close();
        KitServer open = limited(limits -> limits.address().opens(1).trustedProxies(List.of("192.0.2.0/24")));
        for (int i = 0; i < 10; i++) {
            forwarded("198.51.100." + i).welcome();
        }
        open.settle();
        assertEquals("rate_limited", forwarded("198.51.100.99").reason());
    }

    private Attached forwarded(String by) {
        ClientDriver.Extra extra = new ClientDriver.Extra(Map.of("X-Forwarded-For", by), "");
        JsonObject hello =
                Frames.of("hello").put("versions", new JsonArray().add(1)).put("client", "0123456789abcdef");
        return connection(new ClientDriver.Opening(hello.toBuffer(), null, -1, extra));
    }

    private static JsonObject answer(ReferenceClient client, String id) {
        return client.await("an answer to " + id, frame -> id.equals(frame.getString("id")));
    }

    private static List<Integer> payloads(KitServer server) {
        return server.published().stream()
                .map(each -> Integer.valueOf(each.payload()))
                .toList();
    }
}
