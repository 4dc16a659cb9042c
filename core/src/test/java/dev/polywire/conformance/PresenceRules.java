package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Presence belongs to the session. */
abstract class PresenceRules extends ConformanceGroup {
    private static final String CROWD = "crowd:x";

    PresenceRules(TransportKit kit) {
        super(kit);
    }

    @Test
    @DisplayName("R35 members are told, and each change has the next version")
    void versions() {
        server();
        ReferenceClient watcher = client().token("user:ann");
        watcher.connect();
        JsonObject subscribed = watcher.ask(Frames.subscribe("s", CROWD));
        assertEquals(1, subscribed.getInteger("count"), subscribed::encode);
        assertEquals(
                id(watcher), subscribed.getJsonArray("members").getJsonObject(0).getString("session"));
        assertEquals("ann", subscribed.getJsonArray("members").getJsonObject(0).getString("user"));
        long version = subscribed.getLong("version");
        ReferenceClient other = connected();
        assertEquals(2, other.ask(Frames.subscribe("s", CROWD)).getInteger("count"));
        JsonObject away =
                Frames.of("presence").put("id", "p").put("channel", CROWD).put("state", "away");
        assertEquals("presence", other.ask(away).getString("type"));
        other.ask(Frames.unsubscribe("u", CROWD));
        JsonObject leave = watcher.await("a leave", frame -> Frames.is(frame, "leave"));
        assertEquals(1, leave.getInteger("count"));
        List<JsonObject> changes = watcher.frames().stream()
                .filter(frame -> frame.containsKey("member"))
                .toList();
        assertEquals(
                List.of("join", "presence", "leave"),
                changes.stream().map(f -> f.getString("type")).toList());
        for (JsonObject change : changes) {
            assertEquals(++version, change.getLong("version"), change::encode);
            assertEquals(id(other), change.getJsonObject("member").getString("session"));
        }
        assertEquals("online", changes.get(0).getJsonObject("member").getValue("state"));
        assertEquals("away", changes.get(1).getJsonObject("member").getValue("state"));
    }

    @Test
    @DisplayName("R36 a change of wire is neither a leave nor a join")
    void noFlicker() {
        server();
        ReferenceClient watcher = connected();
        watcher.ask(Frames.subscribe("s", CROWD));
        ReferenceClient other = connected();
        other.ask(Frames.subscribe("s", CROWD));
        for (int i = 0; i < 3; i++) {
            other.cut();
            other.connect();
        }
        other.ask(Frames.unsubscribe("u", CROWD));
        watcher.await("the leave", frame -> Frames.is(frame, "leave"));
        assertEquals(
                List.of("join", "leave"),
                watcher.frames().stream()
                        .map(f -> f.getString("type"))
                        .filter(t -> !t.equals("subscribed"))
                        .toList());
    }

    @Test
    @DisplayName("R36 a member leaves when its session ends")
    void leaveAtTheEnd() {
        server(session -> session.grace(Duration.ofMillis(200)));
        ReferenceClient watcher = connected();
        watcher.ask(Frames.subscribe("s", CROWD));
        ReferenceClient other = connected();
        other.ask(Frames.subscribe("s", CROWD));
        String gone = id(other);
        other.close();
        JsonObject leave = watcher.await("the leave", frame -> Frames.is(frame, "leave"));
        assertEquals(gone, leave.getJsonObject("member").getString("session"));
        assertEquals(1, leave.getInteger("count"));
    }

    @Test
    @DisplayName("R35 the members can be asked for, or their number alone")
    void asking() {
        server();
        ReferenceClient client = connected();
        client.ask(Frames.subscribe("s", CROWD));
        JsonObject all = client.ask(Frames.of("presence").put("id", "a").put("channel", CROWD));
        assertEquals(1, all.getJsonArray("members").size(), all::encode);
        JsonObject count = client.ask(
                Frames.of("presence").put("id", "c").put("channel", CROWD).put("count", true));
        assertEquals(1, count.getInteger("count"));
        assertTrue(!count.containsKey("members"), count::encode);
        JsonObject none = client.ask(Frames.of("presence").put("id", "n").put("channel", "open:x"));
        assertEquals("no_presence", none.getString("code"));
    }
}
