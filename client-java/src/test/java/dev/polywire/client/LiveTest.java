package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.Channels;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ChaosProxy;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client and a real server, over every wire. */
class LiveTest {
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
        node = new Node(vertx);
    }

    @AfterAll
    static void stop() {
        Await.get("the end", vertx.close());
        Await.deadline(Await.DEADLINE);
    }

    @AfterEach
    void close() {
        clients.forEach(client -> Await.get("a client's end", client.close()));
    }

    private PolywireClient client(int port, String... wires) {
        PolywireClient client = PolywireClient.create(
                vertx,
                Node.url(port),
                new ClientOptions().transports(List.of(wires)).remember(false));
        clients.add(client);
        return client;
    }

    private PolywireClient open(String... wires) {
        PolywireClient client = client(node.port(), wires);
        Future<Void> connected = client.connect();
        // The first one pays for loading all classes.
        Await.until("a session", Traffic.PATIENCE, connected::succeeded);
        return client;
    }

    private static String name() {
        return "test:" + ++names;
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("channels, presence, history, requests both ways and messages to the session alone")
    void everything(String wire) {
        PolywireClient one = open(wire);
        PolywireClient two = open(wire);
        assertThat(one.transport()).isEqualTo(wire);
        assertThat(one.state()).isEqualTo(State.CONNECTED);
        String name = name();
        Channel mine = one.channel(name);
        assertThat(one.channel(name)).isSameAs(mine);
        List<Message> got = new CopyOnWriteArrayList<>();
        List<String> changes = new CopyOnWriteArrayList<>();
        mine.on("ADDED", got::add);
        mine.onJoin(change -> changes.add("join " + change.count()));
        mine.onPresence(change -> changes.add("state " + change.member().state()));
        mine.onLeave(change -> changes.add("leave " + change.count()));
        Channel.Subscribed subscribed = Await.get("a subscription", mine.subscribe());
        assertThat(subscribed.count()).isEqualTo(1);
        assertThat(subscribed.members()).extracting(Member::session).containsExactly(one.sessionId());
        Channel theirs = two.channel(name);
        Await.get("a subscription", theirs.subscribe());
        Await.get("a state", theirs.setState("away"));
        Channel.Published published = Await.get(
                "a publish",
                theirs.publish(
                        "ADDED",
                        new JsonObject().put("n", 1),
                        new PublishOptions().id("x").key("k").traceId("t")));
        assertThat(published.position()).isNotNull();
        assertThat(Await.get("a repeat", theirs.publish("ADDED", 1, new PublishOptions().id("x")))
                        .duplicate())
                .isTrue();
        Await.until("the message", () -> got.size() == 1);
        Message message = got.get(0);
        assertThat(message.payload()).isEqualTo(new JsonObject().put("n", 1));
        assertThat(message.position()).isEqualTo(published.position()).isEqualTo(mine.position());
        assertThat(List.of(message.key(), message.traceId(), message.channel())).containsExactly("k", "t", name);
        Await.until("the changes", () -> changes.size() == 2);
        assertThat(mine.members()).hasSize(2);
        assertThat(Await.get("a number", mine.presenceCount()).count()).isEqualTo(2);
        Channel.History history = Await.get("history", mine.history(null, 10, false));
        assertThat(history.messages()).extracting(Message::payload).containsExactly(message.payload());
        assertThat(history.messages().get(0).position()).isEqualTo(published.position());
        Await.get("an end", theirs.unsubscribe());
        Await.until("the leave", () -> changes.size() == 3);
        Await.get("a subscription", theirs.subscribe());
        Await.get("a goodbye", two.close());
        // At once, and not when a session's grace is over.
        Await.until("the leave", () -> changes.size() == 5);
        assertThat(changes).containsExactly("join 2", "state away", "leave 1", "join 2", "leave 1");
        asks(one);
        assertThatThrownBy(() -> Await.get("nothing", one.channel("none:1").publish("E", 1)))
                .cause()
                .isInstanceOf(PolywireException.class);
    }

    private static void asks(PolywireClient client) {
        assertThat(Await.get("an echo", client.request("echo", List.of(1, "a"))))
                .hasToString("[1,\"a\"]");
        Future<Object> unanswered = client.request("ask", 1);
        Await.until("an answer", unanswered::isComplete);
        assertThat(unanswered.failed()).isTrue();
        client.onRequest(question -> Future.succeededFuture(question.event() + " " + question.payload()));
        assertThat(Await.get("an answer", client.request("ask", 1))).isEqualTo("asked 1");
        List<Message> direct = new CopyOnWriteArrayList<>();
        client.onMessage(direct::add);
        Await.get("a message", client.request("tell", 7));
        Await.until("the message", () -> direct.size() == 1);
        assertThat(direct.get(0).payload()).isEqualTo(7);
        assertThat(direct.get(0).channel()).isNull();
    }

    @Test
    @DisplayName(
            "a wire is changed in the middle of traffic both ways, from each to each: lost 0, repeated 0, reordered 0")
    void switches() {
        PolywireClient one = open();
        PolywireClient two = open();
        String session = one.sessionId();
        List<Object> resets = new CopyOnWriteArrayList<>();
        one.onReset(resets::add);
        Traffic up = new Traffic(one, two, name());
        Traffic down = new Traffic(two, one, name());
        for (String wire : List.of("sse", "longpoll", "websocket", "longpoll", "sse", "websocket")) {
            up.more(20);
            down.more(20);
            Await.get("the switch to " + wire, one.switchTo(wire));
            assertThat(one.transport()).isEqualTo(wire);
        }
        assertThat(up.counters()).isEqualTo(EXACT);
        assertThat(down.counters()).isEqualTo(EXACT);
        assertThat(one.sessionId()).isEqualTo(session);
        assertThat(resets).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("a network that delays, cuts in the middle of a write and resets: lost 0, repeated 0, reordered 0")
    void cuts(String wire) {
        ChaosProxy proxy = new ChaosProxy(vertx, node.port(), 17).delay(3);
        try {
            PolywireClient one = client(proxy.port(), wire);
            List<String> resumed = new CopyOnWriteArrayList<>();
            one.onResumed(resumed::add);
            Await.get("a session", one.connect());
            PolywireClient two = open();
            String session = one.sessionId();
            Traffic up = new Traffic(one, two, name());
            Traffic down = new Traffic(two, one, name());
            for (Runnable harm : List.<Runnable>of(
                    proxy::reset,
                    () -> proxy.cutMidWrite(ChaosProxy.Direction.DOWN),
                    () -> proxy.cutMidWrite(ChaosProxy.Direction.UP))) {
                up.more(20);
                down.more(20);
                harm.run();
            }
            up.more(50);
            down.more(50);
            assertThat(up.counters()).isEqualTo(EXACT);
            assertThat(down.counters()).isEqualTo(EXACT);
            assertThat(one.sessionId()).isEqualTo(session);
            assertThat(resumed).isNotEmpty();
        } finally {
            proxy.close();
        }
    }

    @Test
    @DisplayName("R90: a server of a cluster that starts anew is a change of wire: lost 0, repeated 0, reordered 0")
    void restarts() {
        PolywireClient one = open();
        PolywireClient two = open("longpoll");
        List<String> resumed = new CopyOnWriteArrayList<>();
        List<Object> resets = new CopyOnWriteArrayList<>();
        one.onResumed(resumed::add);
        one.onReset(resets::add);
        String session = one.sessionId();
        Traffic down = new Traffic(two, one, name());
        down.more(20);
        down.without(node::restart);
        Await.until("another wire", Traffic.PATIENCE, () -> !resumed.isEmpty());
        down.more(50);
        assertThat(down.counters()).isEqualTo(EXACT);
        assertThat(one.sessionId()).isEqualTo(session);
        assertThat(resets).isEmpty();
        assertThat(one.state()).isEqualTo(State.CONNECTED);
    }

    @Test
    @DisplayName("callbacks are called in the context in which the client was made, wherever it is called from")
    void context() {
        Context context = vertx.getOrCreateContext();
        Future<PolywireClient> made = Future.future(promise -> context.runOnContext(here -> promise.complete(
                PolywireClient.create(vertx, Node.url(node.port()), new ClientOptions().remember(false)))));
        PolywireClient client = Await.get("a client", made);
        clients.add(client);
        List<Context> seen = new CopyOnWriteArrayList<>();
        Channel channel = client.channel("plain:" + ++names);
        channel.on("*", message -> seen.add(Vertx.currentContext()));
        client.onState(change -> seen.add(Vertx.currentContext()));
        client.connect().onComplete(done -> seen.add(Vertx.currentContext()));
        Await.get("a subscription", channel.subscribe());
        node.realtime().channels().publish(new Channels.Outgoing(channel.name(), "E", 1, null, null, false, null));
        Await.until("all calls", () -> seen.size() >= 4);
        assertThat(seen).containsOnly(context);
    }

    @Test
    @DisplayName("undeploying the verticle that made it closes a client, whose session ends and leaves nothing running")
    void undeployed() {
        AtomicReference<PolywireClient> made = new AtomicReference<>();
        String id = Await.get("a verticle", vertx.deployVerticle(new VerticleBase() {
            @Override
            public Future<?> start() {
                made.set(PolywireClient.create(vertx, Node.url(node.port()), new ClientOptions().remember(false)));
                return made.get().connect();
            }
        }));
        PolywireClient client = made.get();
        Future<Object> asked = client.request("never", 1);
        Await.get("its end", vertx.undeploy(id));
        assertThat(client.state()).isEqualTo(State.CLOSED);
        Await.until("an answer", asked::isComplete);
        assertThat(asked.cause()).hasMessageContaining("closed");
    }

    @Test
    @DisplayName("an address that is none is refused with a sentence")
    void addresses() {
        for (String url : List.of("ftp://a/b", "nothing", "http://a/b?c=d", "http://u:p@a/b", "http:// a")) {
            assertThatThrownBy(() -> PolywireClient.create(vertx, url))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith(".");
        }
        assertThat(Wires.target("wss://example.com/realtime/"))
                .isEqualTo(new HttpWires.Target("example.com", 443, true, "/realtime"));
    }
}
