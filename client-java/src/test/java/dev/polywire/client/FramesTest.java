package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of frames that are written and of tokens that end, by hand-moved time. */
class FramesTest {
    private final World world = new World();
    private final Model model = world.model;
    private final HandPlace place = world.place;

    @Test
    @DisplayName("R44: the queue without a wire is bounded")
    void queueFull() {
        LiveClient client = world.client(World.options().queueLimit(3));
        Channel channel = client.channel("test:1");
        List<Future<?>> sent = new ArrayList<>();
        IntStream.rangeClosed(1, 3).forEach(n -> sent.add(channel.publish("E", n)));
        assertThat(World.code(channel.publish("E", 4))).isEqualTo("queue_full");
        assertThat(World.code(channel.publish("E", 4, new PublishOptions().ack(false))))
                .isEqualTo("queue_full");
        assertThat(World.code(channel.subscribe())).isEqualTo("queue_full");
        client.connect();
        place.pass(1000);
        assertThat(sent).allMatch(Future::succeeded);
        assertThat(model.published).containsExactly(1, 2, 3);
        assertThat(channel.subscribe().isComplete()).isFalse();
    }

    @Test
    @DisplayName("R44: what is not accepted is bounded with a wire as well, if more generously")
    void unconfirmed() {
        LiveClient client = world.open(World.options().queueLimit(3));
        model.mute.add("websocket");
        Channel channel = client.channel("test:1");
        long refused = IntStream.range(0, 10_010)
                .mapToObj(n -> channel.publish("E", n, new PublishOptions().ack(false)))
                .filter(Future::failed)
                .count();
        assertThat(refused).isEqualTo(10);
        model.mute.clear();
        place.pass(120_000);
        assertThat(model.published).hasSize(10_000);
    }

    @Test
    @DisplayName("R44: what a server takes in and does not answer is bounded as well")
    void unanswered() {
        LiveClient client = world.open(World.options());
        model.takes = (session, frame) -> true;
        Channel channel = client.channel("test:1");
        List<Future<?>> sent = new ArrayList<>();
        for (int n = 0; n < 100; n++) {
            IntStream.range(0, 101).forEach(k -> sent.add(channel.publish("E", k)));
            place.pass(100);
        }
        assertThat(sent.stream().filter(Future::isComplete)).hasSize(100);
        assertThat(World.code(sent.get(10_099))).isEqualTo("queue_full");
        client.close();
        place.pass(1000);
        assertThat(sent).allMatch(Future::failed);
    }

    @Test
    @DisplayName(
            "R17: after a lost session publishes with an id are sent again once, channels and states are there again,"
                    + " the rest is told")
    void reset() {
        LiveClient client = world.open(World.options());
        Channel channel = client.channel("test:1");
        Channel plain = client.channel("plain:1");
        List<Object> got = new ArrayList<>();
        channel.on("*", message -> got.add(message.payload()));
        channel.subscribe();
        plain.subscribe();
        channel.setState("busy");
        place.pass(1000);
        // These reach the server, whose answers do not reach us.
        Model.Session old = model.session();
        Future<Channel.Published> published = channel.publish("E", "once");
        Future<Object> asked = client.request("echo", "asked");
        channel.publish("E", "no id", new PublishOptions().ack(false));
        place.later(5, () -> old.wire.gone = true);
        place.later(15, () -> {
            old.wire = null;
            model.sessions.clear();
            client.dropWire();
        });
        place.pass(15);
        Future<Object> fresh = client.request("echo", "fresh");
        channel.publish("E", "never sent", new PublishOptions().ack(false));
        place.pass(60_000);
        assertThat(World.code(asked)).isEqualTo("outcome_unknown");
        assertThat(fresh.result()).isEqualTo("fresh");
        assertThat(published.succeeded()).isTrue();
        assertThat(got.stream().filter("once"::equals)).hasSize(1);
        assertThat(got).endsWith("never sent");
        assertThat(world.resets).extracting(PolywireClient.Reset::reason).containsExactly("unknown");
        assertThat(world.losses)
                .extracting(loss -> loss.frame().getString("type"))
                .containsExactly("request", "publish");
        assertThat(world.gaps)
                .extracting(Gap::channel, Gap::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("plain:1", "reset"));
        assertThat(model.sent.stream()
                        .filter(frame -> "presence".equals(frame.getString("type")))
                        .map(frame -> frame.getString("state")))
                .containsExactly("busy", "busy");
    }

    @Test
    @DisplayName("R17: many channels are subscribed again in few frames, or in more where a new session takes less")
    void restores() {
        LiveClient client = world.open(World.options());
        List<Channel> channels = IntStream.range(0, 250)
                .mapToObj(n -> client.channel("test:" + "x".repeat(50) + n))
                .toList();
        channels.forEach(Channel::subscribe);
        place.pass(1000);
        model.sent.clear();
        model.sessions.clear();
        client.dropWire();
        place.pass(5000);
        assertThat(model.sent.stream().filter(frame -> "subscribe".equals(frame.getString("type"))))
                .hasSize(3);
        model.limits.put("frame", 600);
        model.sessions.clear();
        client.dropWire();
        place.pass(30_000);
        assertThat(channels).allMatch(Channel::subscribed);
        assertThat(model.sent.stream().filter(frame -> "subscribe".equals(frame.getString("type"))))
                .hasSizeGreaterThan(50);
    }

    @Test
    @DisplayName(
            "R30: an id is one publish's at a time, and good for another one afterwards, which the server tells for a duplicate")
    void sameId() {
        Channel channel = world.open(World.options()).channel("test:1");
        PublishOptions options = new PublishOptions().id("x");
        Future<Channel.Published> first = channel.publish("E", 1, options);
        assertThat(World.code(channel.publish("E", 1, options))).isEqualTo("duplicate_id");
        place.pass(1000);
        Future<Channel.Published> again = channel.publish("E", 1, options);
        place.pass(1000);
        assertThat(first.result().duplicate()).isFalse();
        assertThat(again.result().duplicate()).isTrue();
        assertThat(model.published).containsExactly(1);
    }

    @Test
    @DisplayName("R27: a frame over the limit is refused at once, or as soon as the limit is known")
    void tooLarge() {
        model.limits.put("frame", 200);
        LiveClient client = world.client(World.options());
        Future<?> early = client.request("echo", "x".repeat(300));
        Future<?> fine = client.request("echo", "y");
        client.connect();
        place.pass(1000);
        assertThat(World.code(early)).isEqualTo("too_large");
        assertThat(fine.result()).isEqualTo("y");
        assertThat(World.code(client.request("echo", "x".repeat(300)))).isEqualTo("too_large");
    }

    @Test
    @DisplayName("a request that timed out before it was sent is not sent, and one that was tried is a noop")
    void withdrawn() {
        model.down.addAll(ClientOptions.TRANSPORTS);
        LiveClient client = world.client(World.options());
        Future<?> late = client.request("echo", "late", Duration.ofSeconds(1));
        Future<?> fine = client.request("echo", "fine", Duration.ofMinutes(5));
        client.connect();
        place.pass(2000);
        model.down.clear();
        place.pass(60_000);
        assertThat(World.code(late)).isEqualTo("timeout");
        assertThat(fine.result()).isEqualTo("fine");
        assertThat(model.sent.stream().filter(frame -> "request".equals(frame.getString("type"))))
                .hasSize(1);
    }

    @Test
    @DisplayName("R37: a copy of a message that was confirmed is not handed over")
    void confirms() {
        LiveClient client = world.open(World.options().autoConfirm(true));
        List<Object> got = new ArrayList<>();
        client.onMessage(message -> got.add(message.attempt()));
        for (int attempt = 1; attempt <= 2; attempt++) {
            model.session()
                    .emit(new JsonObject()
                            .put("type", "message")
                            .put("payload", 1)
                            .put("confirm", "c")
                            .put("attempt", attempt));
        }
        place.pass(1000);
        assertThat(got).containsExactly(1);
        assertThat(model.sent.stream().filter(frame -> "ack".equals(frame.getString("type"))))
                .hasSize(1);
    }

    @Test
    @DisplayName("a handler that throws disturbs neither the others nor the protocol, and is told")
    void thrown() {
        LiveClient client = world.open(World.options());
        Channel channel = client.channel("test:1");
        List<Object> got = new ArrayList<>();
        channel.on("E", message -> {
            throw new IllegalStateException("thrown by a test");
        });
        channel.on("E", message -> got.add(message.payload()));
        channel.subscribe();
        channel.publish("E", 1);
        place.pass(1000);
        assertThat(got).containsExactly(1);
        assertThat(world.errors).extracting(Throwable::getMessage).containsExactly("thrown by a test");
    }

    @Test
    @DisplayName("what is sent is copied, and must be JSON")
    void payloads() {
        LiveClient client = world.open(World.options());
        JsonObject mine = new JsonObject().put("a", 1);
        Future<Object> asked = client.request("echo", mine);
        mine.put("a", 2);
        Future<Object> map = client.request("echo", Map.of("b", List.of(1, 2)));
        place.pass(1000);
        assertThat(asked.result()).isEqualTo(new JsonObject().put("a", 1));
        assertThat(map.result()).hasToString("{\"b\":[1,2]}");
        assertThatThrownBy(() -> client.request("echo", new Object()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("not a java.lang.Object.");
    }

    private static String jwt(long seconds) {
        byte[] claims = ("{\"exp\":" + seconds + "}").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims) + ".s";
    }

    @Test
    @DisplayName(
            "R75: a new token is got before a JWT expires, when the server asks, and again when that fails, which is"
                    + " told")
    void refreshes() {
        List<String> given = new ArrayList<>(List.of(jwt(place.wall() / 1000 + 100), "two", "", "three"));
        LiveClient client = world.open(World.options().tokens(() -> {
            String next = given.remove(0);
            return next.isEmpty() ? Future.failedFuture("offline") : Future.succeededFuture(next);
        }));
        place.pass(90_000);
        model.session().emit(new JsonObject().put("type", "refresh").put("expiresIn", 60_000));
        place.pass(10_000);
        assertThat(model.sent.stream()
                        .filter(frame -> "refresh".equals(frame.getString("type")))
                        .map(frame -> frame.getString("token")))
                .containsExactly("two", "three");
        assertThat(world.expiring).hasSize(1);
        assertThat(world.expiring.get(0).error()).hasMessage("offline");
        assertThat(world.expiring.get(0).expiresIn()).isLessThanOrEqualTo(Duration.ofMinutes(1));
        assertThat(client.state()).isEqualTo(State.CONNECTED);
    }

    @Test
    @DisplayName("R77: a session whose token ended goes on with a new one, where there is a function for it")
    void renewed() {
        List<String> asked = new ArrayList<>();
        LiveClient client = world.open(World.options().tokens(() -> {
            asked.add("t");
            return Future.succeededFuture("t" + asked.size());
        }));
        String session = client.sessionId();
        model.session().wire.bye("unauthenticated", "none", new JsonObject());
        place.pass(5000);
        assertThat(client.state()).isEqualTo(State.CONNECTED);
        assertThat(client.sessionId()).isEqualTo(session);
        assertThat(asked).hasSize(2);
    }
}
