package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of subscriptions that a server refuses, and of channels that nobody needs any more, by hand-moved time. */
class SubscriptionsTest {
    private static final Position THIRD = new Position("e1", 3);
    private final World world = new World();
    private final Model model = world.model;
    private final HandPlace place = world.place;
    private LiveClient client;
    private final List<Long> refused = new ArrayList<>();
    private int refusals;

    @BeforeEach
    void open() {
        client = world.open(World.options());
    }

    /** Refuses the next subscribes. */
    private void refuse(int times, String code, long retryAfter) {
        refusals = times;
        model.takes = (session, frame) -> {
            if (!"subscribe".equals(frame.getString("type")) || refusals == 0) {
                return false;
            }
            refusals--;
            refused.add(place.now());
            session.emit(new JsonObject()
                    .put("type", "error")
                    .put("id", frame.getValue("id"))
                    .put("channel", frame.getJsonArray("channels").getString(0))
                    .put("code", code)
                    .put("retryAfter", retryAfter));
            return true;
        };
    }

    private List<JsonObject> subscribes() {
        return model.sent.stream()
                .filter(frame -> "subscribe".equals(frame.getString("type")))
                .toList();
    }

    @Test
    @DisplayName(
            "R33: a subscribe with a position for which there is no room now is made again after that time, from the same position")
    void behind() {
        Channel channel = client.channel("test:1");
        IntStream.rangeClosed(1, 5).forEach(n -> channel.publish("E", n));
        place.pass(1000);
        List<Object> got = new ArrayList<>();
        channel.on("*", message -> got.add(message.payload()));
        refuse(2, "unavailable", 3000);
        Future<Channel.Subscribed> subscribed = channel.subscribe(THIRD);
        place.pass(2900);
        assertThat(subscribes()).hasSize(1);
        place.pass(20_000);
        assertThat(subscribed.result().recovered()).isTrue();
        assertThat(got).containsExactly(4, 5);
        assertThat(subscribes())
                .hasSize(3)
                .allMatch(frame ->
                        frame.getJsonObject("positions").equals(new JsonObject().put("test:1", THIRD.toJson())));
        assertThat(refused.get(1) - refused.get(0)).isBetween(3000L, 5100L);
        assertThat(world.errors).isEmpty();
    }

    @Test
    @DisplayName("R33: who unsubscribes while it waits for room is not subscribed any more")
    void goneMeanwhile() {
        refuse(1, "unavailable", 3000);
        Channel channel = client.channel("test:1");
        Future<?> subscribed = channel.subscribe(THIRD);
        place.pass(1000);
        Future<?> over = channel.unsubscribe();
        place.pass(20_000);
        assertThat(World.code(subscribed)).isEqualTo("unsubscribed");
        assertThat(over.succeeded()).isTrue();
        assertThat(subscribes()).hasSize(1);
    }

    @Test
    @DisplayName("a subscribe that is refused for good, or without a position, is the application's to make again")
    void told() {
        refuse(2, "unavailable", 3000);
        Future<?> without = client.channel("test:1").subscribe();
        place.pass(10_000);
        assertThat(World.code(without)).isEqualTo("unavailable");
        refuse(1, "forbidden", 0);
        Future<?> forbidden = client.channel("test:2").subscribe(THIRD);
        place.pass(10_000);
        assertThat(World.code(forbidden)).isEqualTo("forbidden");
        assertThat(subscribes()).hasSize(2);
    }

    @Test
    @DisplayName(
            "R17: in a new session a channel that is refused for now is subscribed later, and our state is there again")
    void stateAgain() {
        Channel channel = client.channel("test:1");
        channel.subscribe();
        channel.setState("busy");
        place.pass(1000);
        refuse(1, "rate_limited", 1000);
        model.sent.clear();
        model.sessions.clear();
        client.dropWire();
        place.pass(30_000);
        assertThat(channel.subscribed()).isTrue();
        List<String> types = model.sent.stream()
                .map(frame -> frame.getString("type"))
                .filter(type -> List.of("subscribe", "presence").contains(type))
                .toList();
        assertThat(types).endsWith("subscribe", "presence");
        assertThat(subscribes())
                .extracting(frame -> frame.getJsonArray("channels"))
                .containsOnly(new JsonArray().add("test:1"));
    }

    private void lose(String channel) {
        Model.Session session = model.session();
        session.channels.remove(channel);
        session.emit(new JsonObject()
                .put("type", "unsubscribed")
                .put("channel", channel)
                .put("reason", "lost"));
    }

    @Test
    @DisplayName(
            "R91: a channel that the server has lost is subscribed again, from its position, and our state is there again")
    void lost() {
        Channel channel = client.channel("test:1");
        Channel plain = client.channel("plain:1");
        List<Object> got = new ArrayList<>();
        List<Object> ended = new ArrayList<>();
        channel.on("*", message -> got.add(message.payload()));
        channel.onUnsubscribed(ended::add);
        channel.subscribe();
        plain.subscribe();
        channel.setState("busy");
        channel.publish("E", 1);
        place.pass(1000);
        model.sent.clear();
        lose("test:1");
        lose("plain:1");
        channel.publish("E", 2);
        place.pass(100);
        assertThat(channel.subscribed()).isFalse();
        assertThat(channel.subscribe().succeeded()).as("it is still wanted").isTrue();
        channel.publish("E", 3);
        place.pass(5000);
        assertThat(channel.subscribed()).isTrue();
        assertThat(got).containsExactly(1, 2, 3);
        assertThat(ended).isEmpty();
        assertThat(world.errors).isEmpty();
        assertThat(world.gaps)
                .extracting(Gap::channel, Gap::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("plain:1", "reset"));
        assertThat(states()).containsExactly("busy");
    }

    private List<Object> states() {
        return model.sent.stream()
                .filter(frame -> "presence".equals(frame.getString("type")))
                .map(frame -> frame.getValue("state"))
                .toList();
    }

    @Test
    @DisplayName("R91: it is not subscribed again when the application no longer wants it meanwhile")
    void unwanted() {
        Channel channel = client.channel("test:1");
        channel.subscribe();
        place.pass(1000);
        lose("test:1");
        place.pass(100);
        channel.unsubscribe();
        place.pass(60_000);
        assertThat(subscribes()).hasSize(1);
    }

    @Test
    @DisplayName(
            "R41: a subscribe that is refused time and again is made again after ever longer pauses, which begin anew with success")
    void grows() {
        place.chance = () -> 0.999;
        client.channel("test:1").subscribe();
        place.pass(1000);
        refuse(6, "unavailable", 0);
        lose("test:1");
        place.pass(120_000);
        List<Long> pauses = IntStream.range(1, refused.size())
                .mapToObj(n -> (refused.get(n) - refused.get(n - 1)) / 1000)
                .toList();
        assertThat(pauses).containsExactly(4L, 8L, 16L, 30L, 30L);
        place.pass(60_000);
        assertThat(client.channel("test:1").subscribed()).isTrue();
        refused.clear();
        refuse(2, "unavailable", 0);
        lose("test:1");
        place.pass(20_000);
        assertThat((refused.get(1) - refused.get(0)) / 1000).isEqualTo(4);
    }

    @Test
    @DisplayName("R44: a subscribe that is made again and finds the queue full is made again after that")
    void fullQueue() {
        LiveClient small = world.open(World.options().queueLimit(3));
        Channel channel = small.channel("test:1");
        refuse(1, "unavailable", 3000);
        Future<Channel.Subscribed> subscribed = channel.subscribe(new Position("e1", 0));
        place.pass(1000);
        model.down.addAll(ClientOptions.TRANSPORTS);
        model.session().wire.cut();
        IntStream.range(0, 3).forEach(n -> channel.publish("E", n));
        assertThat(World.code(channel.publish("E", 3))).isEqualTo("queue_full");
        place.pass(10_000);
        model.down.clear();
        place.pass(90_000);
        assertThat(subscribed.succeeded()).isTrue();
        assertThat(channel.subscribed()).isTrue();
    }

    @Test
    @DisplayName("a subscription that ends because it cannot be asked for again is told")
    void endTold() {
        List<String> tokens = new ArrayList<>(List.of("small", "x".repeat(70_000)));
        Channel channel = client.channel("test:1", () -> Future.succeededFuture(tokens.remove(0)));
        List<String> ended = new ArrayList<>();
        channel.onUnsubscribed(error -> ended.add(error.code()));
        channel.subscribe();
        place.pass(1000);
        model.sessions.clear();
        client.dropWire();
        place.pass(30_000);
        assertThat(ended).containsExactly("too_large");
        assertThat(world.errors).hasSize(1);
    }

    @Test
    @DisplayName("R17: a state that was refused is not set again, but the last one that was not")
    void refusedState() {
        Channel channel = client.channel("test:1");
        channel.subscribe();
        Future<Void> busy = channel.setState("busy");
        place.pass(1000);
        model.takes = (session, frame) -> {
            boolean bad = "bad".equals(frame.getValue("state"));
            if (bad) {
                forbid(session, frame);
            }
            return bad;
        };
        Future<Void> bad = channel.setState("bad");
        place.pass(1000);
        assertThat(busy.succeeded()).isTrue();
        assertThat(World.code(bad)).isEqualTo("forbidden");
        again();
        assertThat(states()).containsExactly("busy");
        assertThat(world.errors).isEmpty();
        // Nor one that is allowed no longer.
        model.takes = (session, frame) -> {
            boolean state = frame.containsKey("state");
            if (state) {
                forbid(session, frame);
            }
            return state;
        };
        again();
        assertThat(states()).containsExactly("busy");
        again();
        assertThat(states()).isEmpty();
        assertThat(channel.subscribed()).isTrue();
        assertThat(world.errors).hasSize(1);
    }

    private void again() {
        model.sent.clear();
        model.sessions.clear();
        client.dropWire();
        place.pass(30_000);
    }

    private static void forbid(Model.Session session, JsonObject frame) {
        session.emit(new JsonObject()
                .put("type", "error")
                .put("id", frame.getValue("id"))
                .put("channel", frame.getValue("channel"))
                .put("code", "forbidden"));
    }

    @Test
    @DisplayName("R35: a list of members that comes in place of changes is told")
    void lists() {
        Channel channel = client.channel("test:1");
        List<Channel.Present> lists = new ArrayList<>();
        channel.onMembers(present -> {
            assertThat(channel.members()).isEqualTo(present.members());
            lists.add(present);
        });
        channel.subscribe();
        place.pass(1000);
        JsonObject member = new JsonObject()
                .put("session", "s9")
                .put("user", "bob")
                .put("state", "online")
                .put("since", 1);
        for (int version : new int[] {5, 4}) {
            model.session()
                    .emit(new JsonObject()
                            .put("type", "presence")
                            .put("channel", "test:1")
                            .put("members", new JsonArray().add(member))
                            .put("count", 7)
                            .put("version", version));
        }
        place.pass(1000);
        assertThat(lists).hasSize(1);
        assertThat(lists.get(0).members()).extracting(Member::session).containsExactly("s9");
        assertThat(lists.get(0).count()).isEqualTo(7);
        // A change was missed: the list is asked for.
        model.session()
                .emit(new JsonObject()
                        .put("type", "join")
                        .put("channel", "test:1")
                        .put("member", member)
                        .put("count", 8)
                        .put("version", 8));
        place.pass(1000);
        assertThat(lists).hasSize(2);
        assertThat(channel.count()).isZero();
        assertThat(world.errors).isEmpty();
    }

    @Test
    @DisplayName(
            "a channel that nobody listens to or is subscribed to is forgotten with the application's own reference to it")
    void forgotten() {
        List<Object> got = new ArrayList<>();
        List<Runnable> stops = new ArrayList<>();
        stops.add(client.channel("test:heard").on("*", message -> got.add(message.payload())));
        Channel mine = client.channel("test:mine");
        for (int n = 0; n < 3000; n++) {
            client.channel("test:" + n).publish("E", n, new PublishOptions().ack(false));
            if (n % 100 == 0) {
                place.pass(1000);
            }
        }
        client.channel("test:heard").subscribe();
        place.pass(1000);
        forget(2);
        assertThat(client.channel("test:mine")).isSameAs(mine);
        mine.publish("E", 0);
        client.channel("test:heard").publish("E", 1);
        place.pass(1000);
        assertThat(got).containsExactly(1);
        stops.get(0).run();
        stops.get(0).run();
        stops.clear();
        client.channel("test:heard").unsubscribe();
        place.pass(1000);
        forget(1);
        assertThat(mine.name()).isEqualTo("test:mine");
    }

    private void forget(int left) {
        Await.until("only " + left + " channels left", () -> {
            System.gc();
            return client.channels() <= left;
        });
    }
}
