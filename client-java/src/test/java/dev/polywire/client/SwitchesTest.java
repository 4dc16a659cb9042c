package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The wire is changed by the application's wish, by hand-moved time. */
class SwitchesTest {
    private final World world = new World();
    private final Model model = world.model;
    private final HandPlace place = world.place;
    private LiveClient client;

    @BeforeEach
    void open() {
        client = world.open(World.options());
    }

    @Test
    @DisplayName("R41: a server that asked for a pause is not asked before by a switch either")
    void pause() {
        model.refuses = (wire, hello) -> {
            boolean refused = wire.name.equals("sse");
            if (refused) {
                wire.bye("try_later", "resume", new JsonObject().put("retryAfter", 5000));
            }
            return refused;
        };
        Future<Void> refused = client.switchTo("sse");
        place.pass(100);
        assertThat(World.code(refused)).isEqualTo("try_later");
        long told = place.now();
        Future<Void> moved = client.switchTo("longpoll");
        place.pass(4000);
        assertThat(moved.isComplete()).isFalse();
        assertThat(client.transport()).as("the old one is still in use").isEqualTo("websocket");
        place.pass(2000);
        assertThat(moved.succeeded()).isTrue();
        assertThat(model.opened).endsWith("sse", "longpoll");
        assertThat(model.times.get(model.times.size() - 1)).isBetween(told + 4900, told + 5000);
        assertThat(world.states()).containsExactly(State.CONNECTING, State.CONNECTED);
    }

    @Test
    @DisplayName("R18: a poll that the attach of the next wire has overtaken is no failure")
    void overtaken() {
        client.switchTo("longpoll");
        place.pass(1000);
        model.refuses = (wire, hello) -> {
            model.session().wire.bye("stale", "none", new JsonObject());
            return false;
        };
        for (String wire : new String[] {"sse", "longpoll", "sse", "longpoll", "websocket"}) {
            Future<Void> moved = client.switchTo(wire);
            place.pass(1000);
            assertThat(moved.succeeded()).isTrue();
        }
        assertThat(world.states()).containsExactly(State.CONNECTING, State.CONNECTED);
        assertThat(model.sessions).hasSize(1);
    }
}
