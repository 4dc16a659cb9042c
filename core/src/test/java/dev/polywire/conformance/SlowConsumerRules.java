package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.Channels;
import dev.polywire.SessionOptions;
import dev.polywire.protocol.CloseReason;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Section 4: bounds, and what each policy does at them. The slow client reads, but never acknowledges. */
abstract class SlowConsumerRules extends ConformanceGroup {
    private static final int MANY = 200;
    private static final String PAD = "x".repeat(150);

    SlowConsumerRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R23 the default policy ends a session whose outbox is full, and its client learns why")
    void disconnect() {
        KitServer server = server(SlowConsumerRules::small);
        ReferenceClient slow = slow("open:x");
        String id = id(slow);
        publish(server, "open:x", MANY);
        Await.until("its end", () -> server.ended().contains(new KitServer.Ended(id, CloseReason.SLOW_CONSUMER)));
        slow.cut();
        assertEquals("slow_consumer", ResumeRules.goneBecause(slow.attach(slow.driver())));
        assertEquals(1, server.ended().size());
    }

    @Test
    @DisplayName("R23 no more than the window is on its way to a client that does not acknowledge")
    void window() {
        KitServer server = server(session -> small(session).outbox(1 << 20));
        ReferenceClient slow = slow("open:x");
        publish(server, "open:x", 60);
        ReferenceClient witness = connected();
        witness.ask(Frames.publish("w", "open:y", 1));
        int bytes = slow.frames().stream()
                .mapToInt(frame -> frame.encode().length())
                .sum();
        assertTrue(bytes <= 4096 + 1024, () -> bytes + " bytes were sent into a window of 4096");
        slow.attentive(true);
        Await.until("the rest", () -> payloads(slow).size() == 60);
        assertEquals(60, payloads(slow).get(59));
    }

    @Test
    @DisplayName("R23 drop_oldest drops what is unsent, and a gap takes its place")
    void dropOldest() {
        KitServer server = server(SlowConsumerRules::small);
        ReferenceClient slow = slow("drop:x");
        publish(server, "drop:x", MANY);
        slow.attentive(true);
        slow.await("the newest", frame -> Frames.is(frame, "message") && number(frame) == MANY);
        List<JsonObject> frames =
                slow.frames().stream().filter(f -> !Frames.is(f, "subscribed")).toList();
        int expected = 1;
        int gaps = 0;
        for (JsonObject frame : frames) {
            if (Frames.is(frame, "gap")) {
                assertEquals("overflow", frame.getString("reason"));
                assertEquals("drop:x", frame.getString("channel"));
                expected += frame.getInteger("count");
                gaps++;
            } else {
                assertEquals(expected++, number(frame), "after " + gaps + " gaps");
            }
        }
        assertTrue(gaps > 0, "something was dropped");
        assertEquals(MANY + 1, expected);
    }

    @Test
    @DisplayName("R23 latest keeps the newest message of each key")
    void latest() {
        KitServer server = server(SlowConsumerRules::small);
        ReferenceClient slow = slow("latest:x");
        for (int i = 1; i <= MANY; i++) {
            server.realtime()
                    .channels()
                    .publish(new Channels.Outgoing("latest:x", "n", i + PAD, null, "key" + i % 3, false, null));
        }
        slow.attentive(true);
        Await.until("the newest of three keys", () -> {
            List<Integer> last = new ArrayList<>(payloads(slow));
            return last.containsAll(List.of(MANY, MANY - 1, MANY - 2));
        });
        List<Integer> got = payloads(slow);
        assertTrue(got.size() < MANY, "most were replaced");
        for (int key = 0; key < 3; key++) {
            int which = key;
            List<Integer> ofKey = got.stream().filter(i -> i % 3 == which).toList();
            assertEquals(ofKey.stream().sorted().toList(), ofKey, "a key never runs backwards");
        }
        assertTrue(server.ended().isEmpty());
    }

    @Test
    @DisplayName(
            "R33 R24 with latest a subscriber begins with the newest of each key, and after a gap has what there is")
    void newest() {
        KitServer server = server(SlowConsumerRules::small);
        for (int i = 1; i <= 9; i++) {
            put(server, i, "key" + i % 3);
        }
        ReferenceClient slow = slow("newest:x");
        Await.until("the newest", () -> payloads(slow).equals(List.of(7, 8, 9)));
        // Keys that nobody knew before have no place to take.
        for (int i = 10; i <= MANY; i++) {
            put(server, i, "key" + i);
        }
        // Most of these are in no outbox and in no history any more; the client is told, and then has what there is.
        slow.attentive(true);
        slow.await("the gap", frame -> Frames.is(frame, "gap"));
        Await.until("the last ones, after the gap", () -> {
            List<JsonObject> frames = slow.frames();
            int gap = 0;
            for (int i = 0; i < frames.size(); i++) {
                gap = Frames.is(frames.get(i), "gap") ? i : gap;
            }
            List<Integer> after = frames.subList(gap, frames.size()).stream()
                    .filter(frame -> Frames.is(frame, "message"))
                    .map(SlowConsumerRules::number)
                    .toList();
            return after.containsAll(
                    IntStream.rangeClosed(MANY - 19, MANY).boxed().toList());
        });
        assertTrue(server.ended().isEmpty());
    }

    private static void put(KitServer server, int value, String key) {
        server.realtime()
                .channels()
                .publish(new Channels.Outgoing("newest:x", "n", value + PAD, null, key, false, null));
    }

    @Test
    @DisplayName(
            "R33 what was missed in several channels never ends the session: what is too much at once is to be asked for again")
    void muchToRecover() {
        KitServer server = server(SlowConsumerRules::small);
        List<String> rest = new ArrayList<>(List.of("kept:a", "kept:b", "kept:c", "kept:d"));
        JsonObject positions = new JsonObject();
        ReferenceClient before = connected();
        for (String channel : rest) {
            positions.put(
                    channel, before.ask(Frames.subscribe(channel, channel)).getJsonObject("position"));
            before.ask(Frames.unsubscribe("left " + channel, channel));
            // A little less than half of an outbox.
            publish(server, channel, 25);
        }
        ReferenceClient client = connected();
        int had = 0;
        for (int round = 1; !rest.isEmpty(); round++) {
            String id = "round " + round;
            client.send(Frames.subscribe(id, rest.toArray(new String[0])).put("positions", positions));
            for (String channel : List.copyOf(rest)) {
                JsonObject answer = client.await(
                        "an answer for " + channel,
                        frame -> id.equals(frame.getString("id")) && channel.equals(frame.getString("channel")));
                if (Frames.is(answer, "subscribed")) {
                    assertEquals(true, answer.getBoolean("recovered"));
                    rest.remove(channel);
                    had++;
                } else {
                    assertEquals("unavailable", answer.getString("code"));
                    assertTrue(answer.getInteger("retryAfter") > 0);
                }
            }
            int messages = had * 25;
            Await.until("what is recovered", () -> payloads(client).size() == messages);
            assertTrue(round > 1 || !rest.isEmpty(), "it was too much for once");
        }
        for (String channel : positions.fieldNames()) {
            List<Integer> got = client.frames().stream()
                    .filter(frame -> Frames.is(frame, "message") && channel.equals(frame.getString("channel")))
                    .map(SlowConsumerRules::number)
                    .toList();
            assertEquals(IntStream.rangeClosed(1, 25).boxed().toList(), got);
        }
        assertTrue(server.ended().isEmpty());
    }

    @Test
    @DisplayName("R23 nobody waits for a slow consumer")
    void othersGoOn() {
        KitServer server = server(SlowConsumerRules::small);
        slow("open:x");
        ReferenceClient quick = connected();
        quick.ask(Frames.subscribe("s", "open:x"));
        for (int i = 1; i <= MANY; i++) {
            server.realtime().channels().publish("open:x", "n", i + PAD);
            if (i % 10 == 0) {
                int sent = i;
                Await.until("message " + sent, () -> payloads(quick).size() == sent);
            }
        }
        assertEquals(MANY, payloads(quick).size());
    }

    private ReferenceClient slow(String channel) {
        ReferenceClient client = connected();
        client.ask(Frames.subscribe("s", channel));
        client.attentive(false);
        return client;
    }

    private static SessionOptions small(SessionOptions session) {
        return session.frame(1024).window(4096).outbox(16384);
    }

    private static void publish(KitServer server, String channel, int count) {
        for (int i = 1; i <= count; i++) {
            server.realtime().channels().publish(channel, "n", i + PAD);
        }
    }

    private static int number(JsonObject frame) {
        return Integer.parseInt(frame.getString("payload").replace("x", ""));
    }

    private static List<Integer> payloads(ReferenceClient client) {
        return client.frames().stream()
                .filter(frame -> Frames.is(frame, "message"))
                .map(SlowConsumerRules::number)
                .toList();
    }
}
