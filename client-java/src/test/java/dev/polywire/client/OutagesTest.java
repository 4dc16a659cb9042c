package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client and a real server that is killed, hard to reach, or has too much waiting for us. */
class OutagesTest {
    private static final List<Integer> EXACT = List.of(0, 0, 0);
    private static Vertx vertx;
    private static Node node;
    private static int names;
    private final List<PolywireClient> clients = new ArrayList<>();

    @BeforeAll
    static void start() {
        // A machine that builds other things as well may be slow; how long something takes is not what is tested.
        Await.deadline(Traffic.PATIENCE);
        vertx = Vertx.vertx();
        // More than a quarter of the outbox is easily there, and comes in several parts on each wire.
        node = new Node(vertx, options -> options.frame(16_384).window(32_768).outbox(262_144));
    }

    @AfterAll
    static void stop() {
        Await.get("the end", vertx.close());
        Await.deadline(Await.DEADLINE);
    }

    @AfterEach
    void close() {
        node.refuse(Map.of());
        clients.forEach(client -> Await.get("a client's end", client.close()));
    }

    private PolywireClient client(ClientOptions options) {
        PolywireClient client = PolywireClient.create(vertx, Node.url(node.port()), options.remember(false));
        clients.add(client);
        return client;
    }

    private PolywireClient open(String wire) {
        PolywireClient client = client(new ClientOptions().transports(List.of(wire)));
        Future<Void> connected = client.connect();
        Await.until("a session", Traffic.PATIENCE, connected::succeeded);
        return client;
    }

    private static String name() {
        return "test:" + ++names;
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName(
            "R17: a server that is killed and comes back: what was under way and what was published meanwhile is there, lost 0, repeated 0, reordered 0")
    void killed(String wire) {
        PolywireClient one = open(wire);
        PolywireClient two = open(wire);
        List<PolywireClient.Reset> resets = new CopyOnWriteArrayList<>();
        List<Gap> gaps = new CopyOnWriteArrayList<>();
        one.onReset(resets::add);
        one.onGap(gaps::add);
        String session = one.sessionId();
        Traffic down = new Traffic(two, one, name());
        down.more(20);
        Await.get("a state", one.channel(down.name()).setState("busy"));
        node.kill();
        Await.until("the loss", () -> one.state() == State.RECONNECTING && two.state() == State.RECONNECTING);
        Future<Object> waits = one.request("echo", "asked while there was no server");
        node.revive();
        down.more(50);
        assertThat(Await.get("an answer", waits)).isEqualTo("asked while there was no server");
        assertThat(down.counters()).isEqualTo(EXACT);
        assertThat(one.sessionId()).isNotEqualTo(session);
        assertThat(resets).hasSize(1);
        assertThat(gaps).isEmpty();
        assertThat(Await.get("the members", one.channel(down.name()).presence()).members())
                .extracting(Member::session, Member::state)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(one.sessionId(), "busy"));
    }

    @Test
    @DisplayName(
            "R43: where WebSocket is refused, and then SSE, the session goes on by the next wire, and back when that works again: lost 0")
    void fallsBack() {
        node.refuse(Map.of("/websocket", 502));
        PolywireClient one = client(new ClientOptions().upgradeAfter(Duration.ofMillis(300)));
        Await.get("a session", one.connect());
        assertThat(one.transport()).isEqualTo("sse");
        String session = one.sessionId();
        PolywireClient two = open("longpoll");
        Traffic up = new Traffic(one, two, name());
        Traffic down = new Traffic(two, one, name());
        up.more(20);
        node.refuse(Map.of("/websocket", 502, "/sse", 502));
        one.dropWire();
        Await.until("long polling", Traffic.PATIENCE, () -> "longpoll".equals(one.transport()));
        up.more(20);
        down.more(20);
        node.refuse(Map.of());
        Await.until("the best wire", Traffic.PATIENCE, () -> "websocket".equals(one.transport()));
        up.more(20);
        down.more(20);
        assertThat(up.counters()).isEqualTo(EXACT);
        assertThat(down.counters()).isEqualTo(EXACT);
        assertThat(one.sessionId()).isEqualTo(session);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R41: a server that asks for a pause is left alone for that long")
    void pauses(String wire) {
        node.refuse(Map.of("", 503));
        PolywireClient one = client(new ClientOptions().transports(List.of(wire)));
        Future<Void> connected = one.connect();
        Await.until("a second attempt", Traffic.PATIENCE, () -> node.refused().size() >= 2);
        List<Long> times = List.copyOf(node.refused());
        node.refuse(Map.of());
        Await.until("a session", Traffic.PATIENCE, connected::succeeded);
        assertThat(times.get(1) - times.get(0)).isGreaterThanOrEqualTo(Node.PAUSE_MS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R33: a subscribe that is refused because too much waits for us is made again, from the same position")
    void behind(String wire) {
        PolywireClient publisher = open("websocket");
        PolywireClient one = open(wire);
        List<Object> wanted = IntStream.range(0, 95)
                .mapToObj(n -> (Object) (n + "x".repeat(1000)))
                .toList();
        List<List<Object>> got = List.of(new CopyOnWriteArrayList<>(), new CopyOnWriteArrayList<>());
        List<Channel> channels = new ArrayList<>();
        List<Position> starts = new ArrayList<>();
        for (List<Object> list : got) {
            Channel full = publisher.channel(name());
            List<Future<Channel.Published>> published =
                    wanted.stream().map(text -> full.publish("E", text)).toList();
            Position last = Objects.requireNonNull(
                    Await.get("the last", published.get(94)).position());
            starts.add(new Position(last.epoch(), 0));
            Channel channel = one.channel(full.name());
            channel.on("*", message -> list.add(message.payload()));
            channels.add(channel);
        }
        AtomicReference<Future<Channel.Subscribed>> second = new AtomicReference<>();
        AtomicLong took = new AtomicLong();
        // More than a quarter of the outbox waits when this one comes; a wire is not faster than itself.
        channels.get(0).on("*", message -> {
            if (second.get() == null) {
                long asked = System.nanoTime();
                second.set(channels.get(1)
                        .subscribe(starts.get(1))
                        .onComplete(done -> took.set(System.nanoTime() - asked)));
            }
        });
        assertThat(Await.get("a subscription", channels.get(0).subscribe(starts.get(0)))
                        .recovered())
                .isTrue();
        Await.until("all of it", Traffic.PATIENCE, () -> got.stream().allMatch(list -> list.size() >= 95));
        assertThat(got).containsOnly(wanted);
        assertThat(second.get().result().recovered()).isTrue();
        assertThat(Duration.ofNanos(took.get())).as("it had to wait").isGreaterThanOrEqualTo(Duration.ofMillis(500));
    }
}
