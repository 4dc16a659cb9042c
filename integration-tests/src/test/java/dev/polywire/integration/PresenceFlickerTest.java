package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.ReferenceClient;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Presence belongs to the session, whatever its wires do. */
class PresenceFlickerTest {
    private static final int SWITCHES = 100;

    private final Wires wires = new Wires();

    @AfterEach
    void close() {
        wires.close();
    }

    @Test
    @DisplayName(
            "R36: an observer sees no join and no leave during a hundred switches and cuts, and one leave at the end")
    void noFlicker() {
        long seed = Long.getLong("polywire.seed", System.nanoTime() & 0xffffff);
        try {
            flicker(new Random(seed));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with -Dpolywire.seed=" + seed + ": " + e.getMessage(), e);
        }
    }

    private void flicker(Random random) {
        Realtime realtime = Realtime.create(
                wires.vertx,
                new RealtimeOptions().allowAnonymous(true).namespace("room", new ChannelOptions().presence(true)));
        int port = wires.serve(realtime);
        ReferenceClient observer = wires.client("websocket", port);
        observer.connect();
        observer.ask(Wires.subscribe("s", "room:1"));
        ReferenceClient mover = wires.client("websocket", port);
        String session = mover.connect().getString("session");
        mover.ask(Wires.subscribe("s", "room:1"));
        observer.await("the join", frame -> isChange(frame, session));
        List<ClientDriver> drivers =
                List.of(wires.driver("websocket", port), wires.driver("sse", port), wires.driver("longpoll", port));
        for (int i = 0; i < SWITCHES; i++) {
            if (random.nextBoolean()) {
                mover.cut();
            }
            JsonObject welcome =
                    mover.attach(drivers.get(random.nextInt(drivers.size()))).welcome();
            assertThat(welcome.getBoolean("resumed")).isTrue();
        }
        // Whatever the switches have caused is on its way before this answer.
        JsonObject now = observer.ask(Wires.frame("presence", "p").put("channel", "room:1"));
        assertThat(now.getInteger("count")).isEqualTo(2);
        assertThat(observer.frames().stream().filter(frame -> isChange(frame, session)))
                .hasSize(1);
        mover.control(new JsonObject().put("type", "bye"));
        observer.await("the leave", frame -> "leave".equals(frame.getString("type")));
        assertThat(observer.frames().stream().filter(frame -> isChange(frame, session)))
                .hasSize(2);
    }

    private static boolean isChange(JsonObject frame, String session) {
        return List.of("join", "leave").contains(frame.getString("type"))
                && session.equals(frame.getJsonObject("member").getString("session"));
    }
}
