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
