package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How the client opens, replaces and gives up wires, by hand-moved time. */
class WiresTest {
    private final World world = new World();
    private final Model model = world.model;
    private final HandPlace place = world.place;

    @Test
    @DisplayName(
            "R43: a wire that fails, and one that is silent, make the next one tried; the best is probed for and moved"
                    + " to")
    void fallsBackAndUp() {
        model.down.add("websocket");
        model.mute.add("sse");
        LiveClient client = world.client(World.options());
        Future<Void> ready = client.connect();
        place.pass(12_500);
        assertThat(ready.succeeded()).isTrue();
        assertThat(model.opened).containsExactly("websocket", "sse", "longpoll");
        assertThat(client.transport()).isEqualTo("longpoll");
        String session = client.sessionId();
        model.down.clear();
        model.mute.clear();
        model.sent.clear();
        place.pass(25_000);
        assertThat(client.transport()).isEqualTo("websocket");
        assertThat(client.sessionId()).isEqualTo(session);
        List<String> said =
                model.sent.stream().map(frame -> frame.getString("type")).toList();
        assertThat(said.subList(said.indexOf("ping"), said.indexOf("ping") + 2))
                .as("R18: looked at before it is attached")
                .containsExactly("ping", "hello");
        assertThat(world.states())
                .endsWith(State.CONNECTED)
                .containsOnlyOnce(State.CONNECTED)
                .doesNotContain(State.RECONNECTING);
        assertThat(model.violations).isEmpty();
    }

    @Test
    @DisplayName("R18: an upgrade that does not work costs nothing, and is tried ever more seldom")
    void upgradeFails() {
        model.down.add("websocket");
        LiveClient client = world.open(World.options().upgradeAfter(java.time.Duration.ofSeconds(1)));
        assertThat(client.transport()).isEqualTo("sse");
        place.pass(600_000);
        long probes = model.opened.stream().filter("websocket"::equals).count();
        assertThat(probes).isBetween(8L, 14L);
        assertThat(world.states()).containsOnlyOnce(State.CONNECTED).doesNotContain(State.RECONNECTING);
    }

    @Test
    @DisplayName("R38: a half-open wire is given up after two heartbeats, and the session goes on where it was")
    void halfOpen() {
        LiveClient client = world.open(World.options());
        model.mute.add("websocket");
        Future<Object> asked = client.request("echo", 7, java.time.Duration.ofMinutes(5));
        place.pass(70_000);
        assertThat(client.transport()).isEqualTo("sse");
        assertThat(asked.result()).isEqualTo(7);
        assertThat(world.resumed).isEqualTo(1);
        assertThat(world.resets).isEmpty();
    }

    @Test
    @DisplayName("R41: attempts are never faster than the backoff, on a server that is down")
    void backoff() {
        model.down.addAll(ClientOptions.TRANSPORTS);
        place.chance = () -> 0.999;
        LiveClient client = world.open(World.options());
        place.pass(600_000);
        List<Long> times = model.times;
        for (int k = 1; k < times.size(); k++) {
            assertThat(times.get(k) - times.get(k - 1)).isGreaterThanOrEqualTo((long)
                    (0.99 * Math.min(30_000, 500 * Math.pow(2, k - 1))));
        }
        assertThat(times).hasSizeBetween(20, 30);
        assertThat(client.state()).isEqualTo(State.CONNECTING);
        assertThat(world.states).as("one for each attempt").hasSize(times.size() + 1);
        assertThat(world.states.subList(1, world.states.size()))
                .allMatch(change -> change.state() == State.CONNECTING && change.error() != null);
    }

    @Test
    @DisplayName("R41: a server that greets and hangs up is not asked without a pause")
    void greetsAndHangsUp() {
        place.chance = () -> 0.999;
        LiveClient client = world.client(World.options());
        client.onState(change -> {
            if (change.state() == State.CONNECTED) {
                place.later(10, () -> List.copyOf(model.wires).forEach(Model.FakeWire::cut));
            }
        });
        client.connect();
        place.pass(120_000);
        assertThat(model.opened).hasSizeLessThanOrEqualTo(13);
    }

    @Test
    @DisplayName("R41: a goodbye with retryAfter is waited for")
    void retryAfter() {
        LiveClient client = world.open(World.options());
        place.pass(10_000);
        long before = place.now();
        model.session().wire.bye("try_later", "resume", new JsonObject().put("retryAfter", 5000));
        place.pass(20_000);
        assertThat(client.state()).isEqualTo(State.CONNECTED);
        assertThat(model.times.get(1) - before).isBetween(5000L, 5600L);
        assertThat(world.states.get(2).error().retryAfter()).hasMillis(5000);
    }

    @Test
    @DisplayName("R11, R42: who is replaced by another, or refused, does not come back")
    void stops() {
        for (String reason : List.of("replaced", "forbidden", "policy", "unauthenticated")) {
            World one = new World();
            LiveClient client = one.open(World.options().token("fixed"));
            one.model.session().wire.bye(reason, "none", new JsonObject());
            one.place.pass(60_000);
            assertThat(client.state()).as(reason).isEqualTo(State.FAILED);
            assertThat(one.model.opened).hasSize(1);
            assertThat(World.code(client.request("echo", 1))).isEqualTo("closed");
            assertThat(one.closed).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("R10: an attach that a proxy has repeated is tried again with greater numbers, but not for ever")
    void stale() {
        LiveClient client = world.open(World.options());
        Model.Session session = model.session();
        session.attach = 1;
        session.wire.cut();
        place.pass(10_000);
        assertThat(client.state()).isEqualTo(State.CONNECTED);
        session.attach = 100;
        session.wire.cut();
        place.pass(60_000);
        assertThat(client.state()).isEqualTo(State.FAILED);
    }

    @Test
    @DisplayName("maxAttempts ends it, and whoever waits for the connection is told")
    void maxAttempts() {
        model.down.addAll(ClientOptions.TRANSPORTS);
        LiveClient client = world.client(World.options().maxAttempts(3));
        Future<Void> ready = client.connect();
        place.pass(60_000);
        assertThat(World.code(ready)).isEqualTo("max_attempts");
        assertThat(client.state()).isEqualTo(State.FAILED);
        assertThat(model.opened).hasSize(3);
    }

    @Test
    @DisplayName("R40: frames that the server sent and that never came are told")
    void missed() {
        LiveClient client = world.open(World.options());
        model.session().wire.bye("normal", "none", new JsonObject().put("sent", 3));
        place.pass(1000);
        assertThat(client.state()).isEqualTo(State.CLOSED);
        assertThat(world.losses).containsExactly(new PolywireClient.Loss("normal", null, 3));
    }

    @Test
    @DisplayName("R21: counts that differ end the wire, and the next one begins where both are")
    void drift() {
        LiveClient client = world.open(World.options());
        model.session().wire.send(new JsonObject().put("type", "ping").put("count", 5));
        place.pass(5000);
        assertThat(client.state()).isEqualTo(State.CONNECTED);
        assertThat(world.states.get(2).error().code()).isEqualTo("out_of_step");
        assertThat(world.resumed).isEqualTo(1);
    }

    @Test
    @DisplayName(
            "switching by hand: superseded, refused and unknown wires are told, and a pin that failed is taken back")
    void switches() {
        LiveClient client = world.open(World.options());
        Future<Void> first = client.switchTo("longpoll");
        Future<Void> second = client.switchTo("sse");
        place.pass(1000);
        assertThat(World.code(first)).isEqualTo("superseded");
        assertThat(second.succeeded()).isTrue();
        assertThat(client.transport()).isEqualTo("sse");
        assertThat(World.code(client.switchTo("pigeon"))).isEqualTo("no_transport");
        model.down.add("longpoll");
        Future<Void> third = client.switchTo("longpoll");
        place.pass(100);
        assertThat(third.failed()).isTrue();
        assertThat(client.transport()).isEqualTo("sse");
        assertThat(world.states()).doesNotContain(State.RECONNECTING);
        place.pass(60_000);
        assertThat(client.transport()).as("kept where it was asked to be").isEqualTo("sse");
        client.switchTo(null);
        place.pass(1000);
        assertThat(client.transport()).isEqualTo("websocket");
    }

    @Test
    @DisplayName("closing sends what is queued, says goodbye, leaves no timer, and is the same the second time")
    void closes() {
        LiveClient client = world.open(World.options());
        Future<Channel.Published> published = client.channel("test:1").publish("E", 1);
        Future<Void> closed = client.close();
        assertThat(World.code(client.channel("test:1").publish("E", 2))).isEqualTo("closed");
        place.pass(1000);
        assertThat(closed.succeeded() && client.close().succeeded()).isTrue();
        assertThat(published.succeeded()).isTrue();
        assertThat(model.published).containsExactly(1);
        assertThat(model.sessions).isEmpty();
        assertThat(place.pending()).as("the model's heartbeat").isEqualTo(1);
        assertThat(world.closed).isEqualTo(1);
        assertThat(world.states()).endsWith(State.CLOSED);
    }

    @Test
    @DisplayName(
            "closing without a wire, or before anything was opened, is done at once; a server that does not answer is"
                    + " not waited for")
    void closesWithout() {
        LiveClient idle = world.client(World.options());
        assertThat(idle.close().succeeded()).isTrue();
        assertThat(World.code(idle.connect())).isEqualTo("closed");
        LiveClient deaf = world.open(World.options());
        model.mute.add("websocket");
        Future<Void> closed = deaf.close();
        place.pass(1900);
        assertThat(closed.isComplete()).isFalse();
        place.pass(200);
        assertThat(closed.succeeded()).isTrue();
    }
}
