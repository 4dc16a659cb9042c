package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a client may notice of a node that stops: that it has another connection, and nothing else. */
abstract class DrainRules extends ConformanceGroup {
    private static final String CROWD = "crowd:drain";
    private static final String KEPT = "kept:drain";

    /** How many sessions the node has that stops, at the least. */
    private static final int LEAVING = 4;

    private static final Duration TIME = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofSeconds(30);

    DrainRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName(
            "R85, R89 a node drains under load: nothing is lost, repeated or out of order, and nobody leaves or joins")
    void underLoad() {
        KitServer server = server(session -> session.heartbeat(Duration.ofSeconds(2)));
        List<ReferenceClient> clients = new ArrayList<>();
        while (server.realtime().sessions().all().size() < LEAVING) {
            assertTrue(clients.size() < 12 * LEAVING, "the balancer gives the node its share");
            ReferenceClient client = client().persistent(true);
            client.connect();
            client.ask(Frames.subscribe("s", CROWD, KEPT));
            client.await("the second channel", frame -> KEPT.equals(frame.getString("channel")));
            clients.add(client);
        }
        Set<String> ids = new HashSet<>();
        clients.forEach(client -> ids.add(id(client)));
        Await.until("all have heard of all", () -> clients.stream().allMatch(client -> present(client) == ids.size()));
        int leaving = server.realtime().sessions().all().size();
        List<Integer> marks =
                clients.stream().map(client -> client.frames().size()).toList();

        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger said = new AtomicInteger();
        Thread load = new Thread(() -> load(clients, stop, said), "load");
        load.start();
        try {
            Await.until("load", LONG, () -> messages(clients.get(0)) > 3 * clients.size());
            Future<Void> drained = server.drain(TIME);
            Set<Integer> left = new HashSet<>();
            Await.until("it is drained", LONG, () -> {
                left.add(server.realtime().sessions().all().size());
                return drained.isComplete();
            });
            assertTrue(drained.succeeded());
            assertEquals(0, server.realtime().sessions().all().size());
            // They go a few at a time.
            assertTrue(left.stream().filter(some -> some > 0 && some < leaving).count() >= 2, () -> "left: " + left);
            int then = said.get();
            Await.until("things go on", LONG, () -> said.get() > then + 20);
        } finally {
            stop.set(true);
        }
        Await.until("the load has ended", LONG, () -> !load.isAlive());
        int all = said.get() * clients.size();
        Await.until(
                "everything arrives, " + all + " each: " + counts(clients),
                LONG,
                () -> clients.stream().allMatch(client -> messages(client) >= all));

        Await.until(
                "all sessions are at the other node",
                LONG,
                () -> server.sessions() == ids.size()
                        && server.realtime().sessions().all().isEmpty());
        for (int i = 0; i < clients.size(); i++) {
            List<JsonObject> frames = clients.get(i).frames();
            inOrder(frames, clients.size(), said.get());
            List<JsonObject> noticed = frames.subList(marks.get(i), frames.size()).stream()
                    .filter(frame -> !Frames.is(frame, "message") && !Frames.is(frame, "ack"))
                    // Nobody knows what was said meanwhile where there is no history, so that all members are listed
                    // anew: the same ones (R87).
                    .filter(frame -> !CROWD.equals(frame.getString("channel"))
                            || !Frames.is(frame, "gap") && !listed(frame).equals(ids))
                    .toList();
            assertEquals(List.of(), noticed, "neither gaps nor changes of presence");
            assertTrue(ids.contains(id(clients.get(i))), "it is the same session");
        }
        assertEquals(List.of(), server.ended());
        assertEquals(ids.size(), server.opened().size());
    }

    /** Everybody publishes, over and over, and says who it is and how often it has. */
    private static void load(List<ReferenceClient> clients, AtomicBoolean stop, AtomicInteger said) {
        while (!stop.get()) {
            int number = said.incrementAndGet();
            for (int i = 0; i < clients.size(); i++) {
                clients.get(i)
                        .send(Frames.publish(
                                "p" + number, KEPT, new JsonObject().put("p", i).put("n", number)));
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static void inOrder(List<JsonObject> frames, int publishers, int last) {
        Map<Integer, Integer> before = new HashMap<>();
        long acks = 0;
        for (JsonObject frame : frames) {
            if (Frames.is(frame, "message")) {
                JsonObject payload = frame.getJsonObject("payload");
                int had = before.getOrDefault(payload.getInteger("p"), 0);
                assertEquals(had + 1, payload.getInteger("n"), frame::encode);
                before.put(payload.getInteger("p"), had + 1);
            } else if (Frames.is(frame, "ack")) {
                acks++;
            }
        }
        assertEquals(publishers, before.size());
        assertTrue(before.values().stream().allMatch(number -> number == last), before::toString);
        assertEquals(last, acks, "each publish is answered, once");
    }

    private static long messages(ReferenceClient client) {
        return client.frames().stream()
                .filter(frame -> Frames.is(frame, "message"))
                .count();
    }

    private static List<Long> counts(List<ReferenceClient> clients) {
        return clients.stream().map(DrainRules::messages).toList();
    }

    private static Set<String> listed(JsonObject frame) {
        Set<String> sessions = new HashSet<>();
        frame.getJsonArray("members", new JsonArray())
                .forEach(member -> sessions.add(((JsonObject) member).getString("session")));
        return sessions;
    }

    /** Returns how many a client knows to be present. */
    private static int present(ReferenceClient client) {
        return client.frames().stream()
                .filter(frame -> CROWD.equals(frame.getString("channel")) && frame.containsKey("count"))
                .reduce((first, second) -> second)
                .map(frame -> frame.getInteger("count"))
                .orElse(0);
    }
}
