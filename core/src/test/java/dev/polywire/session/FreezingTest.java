package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.Authorizer;
import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.channel.Encoded;
import dev.polywire.conformance.Await;
import dev.polywire.limit.Tab;
import dev.polywire.protocol.CloseReason;
import dev.polywire.spi.Handshake;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that is taken apart and put together again is the same to its client. */
class FreezingTest {
    private static final ChannelOptions OPEN =
            new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE).presence(true);

    private final OneNode node = new OneNode(
            new RealtimeOptions()
                    .namespace("kept", new ChannelOptions(OPEN).historySize(1000))
                    .namespace("passing", new ChannelOptions(OPEN)),
            realtime -> {});

    @AfterEach
    void close() {
        node.close();
    }

    /** Freezes a session to bytes, and has another one made of them, which takes its place. */
    private LiveSession move(LiveSession session) {
        Promise<LiveSession> moved = Promise.promise();
        session.loop()
                .execute(() -> Freezing.freeze(session, 500).onComplete(frozen -> {
                    Freezing.Parting parting = Objects.requireNonNull(frozen.result());
                    Buffer bytes = parting.state().encode();
                    Freezing.part(session, parting, CloseReason.RENEW);
                    Frozen state = Frozen.decode(bytes, node.engine.versions()::codecFor);
                    assertThat(state.encode()).isEqualTo(bytes);
                    EventLoop loop = node.engine.loopOf(node.context());
                    loop.run(() -> Freezing.thaw(node.engine, loop, state, tab(session))
                            .onComplete(made -> {
                                node.engine.registry().opened(made.result(), 1000);
                                made.result().goOn();
                                moved.complete(made.result());
                            }));
                }));
        return Await.get("the move", moved.future());
    }

    private Tab tab(LiveSession session) {
        return node.engine.admission().enter(handshake(), session.principal());
    }

    private static JsonObject subscribe(String channel) {
        return OneNode.frame("subscribe", "sub-" + channel).put("channels", new JsonArray().add(channel));
    }

    private static int counted(PaperWire wire) {
        return counted(wire.frames());
    }

    private static int counted(List<JsonObject> frames) {
        return (int) frames.stream()
                .filter(frame ->
                        !List.of("welcome", "ping", "pong", "received", "bye").contains(frame.getString("type")))
                .count();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverTheMomentEverythingArrivesOnceAndInOrder(long seed) {
        Random random = new Random(seed);
        PaperWire first = node.open(PaperWire.socket());
        String secret = first.secret();
        first.up(subscribe("kept:a"));
        Await.until("subscribed", () -> !first.heard("subscribed").isEmpty());
        PaperWire wire = first;
        List<JsonObject> got = new ArrayList<>();
        int sentUp = 1;
        int received = 0;
        int published = 0;
        for (int round = 1; round <= 6; round++) {
            for (int i = random.nextInt(12); i >= 0; i--) {
                if (random.nextBoolean()) {
                    wire.up(OneNode.publish("p" + sentUp, "kept:a", ++published));
                    sentUp++;
                } else {
                    node.realtime.channels().publish("kept:a", "e", ++published);
                }
                if (random.nextInt(4) == 0) {
                    PaperWire now = wire;
                    node.here(() -> now.written().size());
                }
            }
            LiveSession before = node.session(first);
            Promise<Boolean> in = Promise.promise();
            before.loop().execute(() -> in.complete(true));
            Await.get("what was said", in.future());
            move(before);
            // Once: what reaches the old wire after this, at the end of its turn, is as good as lost on the way.
            List<JsonObject> heard = wire.frames();
            received += counted(heard);
            got.addAll(heard);
            wire = node.resume(PaperWire.socket(), first, secret, round, received, 0);
            JsonObject welcome = wire.heard("welcome").get(0);
            assertThat(welcome.getBoolean("resumed"))
                    .as("seed %d round %d", seed, round)
                    .isTrue();
            assertThat(welcome.getInteger("received")).as("seed %d", seed).isEqualTo(sentUp);
        }
        int had = received;
        assertThatThrownBy(() -> node.resume(PaperWire.socket(), first, secret, 6, had, 0))
                .hasStackTraceContaining("attach number");
        PaperWire last = wire;
        int total = published;
        Await.until(
                "all of seed " + seed,
                () -> messages(got).size() + messages(last.frames()).size() >= total);
        got.addAll(last.frames());
        List<Integer> all = messages(got);
        assertThat(all).as("seed %d", seed).hasSize(total).doesNotHaveDuplicates();
        assertThat(got.stream().filter(f -> f.getString("type").equals("ack")).count())
                .as("acknowledgements of seed %d", seed)
                .isEqualTo(sentUp - 1);
        assertThat(got.stream().filter(f -> f.getString("type").equals("gap"))).isEmpty();
        List<Integer> offsets = got.stream()
                .filter(f -> f.getString("type").equals("message"))
                .map(f -> f.getInteger("offset"))
                .toList();
        assertThat(offsets)
                .as("seed %d", seed)
                .isEqualTo(IntStream.rangeClosed(1, total).boxed().toList());
    }

    private static List<Integer> messages(List<JsonObject> frames) {
        return frames.stream()
                .filter(frame -> frame.getString("type").equals("message"))
                .map(frame -> frame.getInteger("payload"))
                .toList();
    }

    @Test
    void whatIsPublishedBetweenTheTwoIsReadFromHistory() {
        PaperWire wire = node.open(PaperWire.socket());
        wire.up(subscribe("kept:a"));
        wire.up(subscribe("passing:b"));
        Await.until("subscribed", () -> wire.heard("subscribed").size() == 2);
        String secret = wire.secret();
        LiveSession session = node.session(wire);
        Promise<Freezing.Parting> frozen = Promise.promise();
        session.loop()
                .execute(() -> Freezing.freeze(session, 500).onComplete(result -> frozen.complete(result.result())));
        Freezing.Parting parting = Await.get("the frozen session", frozen.future());
        assertThat(node.alive(wire)).isFalse();
        for (int i = 1; i <= 5; i++) {
            Await.get("publish", node.realtime.channels().publish("kept:a", "e", i));
        }
        EventLoop loop = node.engine.loopOf(node.context());
        Promise<LiveSession> made = Promise.promise();
        loop.run(() ->
                Freezing.thaw(node.engine, loop, parting.state(), tab(session)).onComplete(made));
        LiveSession again = Await.get("the session", made.future());
        node.engine.registry().opened(again, 1000);
        loop.run(again::goOn);
        assertThat(wire.heard("message")).isEmpty();
        PaperWire next = node.resume(PaperWire.socket(), wire, secret, 1, counted(wire), 0);
        Await.until("all", () -> next.heard("message").size() == 5);
        assertThat(messages(next.frames())).containsExactly(1, 2, 3, 4, 5);
        Await.until("the gap", () -> next.heard("gap").size() == 1);
        assertThat(next.heard("gap").get(0).getString("channel")).isEqualTo("passing:b");
        assertThat(next.heard("subscribed")).isEmpty();
        assertThat(next.heard("join")).isEmpty();
        assertThat(next.heard("leave")).isEmpty();
        assertThat(node.ended).isEmpty();
        assertThat(Await.get("members", node.engine.hub().members("kept:a", false))
                        .count())
                .isEqualTo(1);
    }

    @Test
    void whatHasNoAnswerIsToldSoAndWhatWaitsTakesEffectElsewhere() {
        AtomicBoolean silent = new AtomicBoolean(true);
        Promise<Boolean> never = Promise.promise();
        try (OneNode slow = new OneNode(
                new RealtimeOptions().namespace("kept", new ChannelOptions(OPEN).historySize(10)),
                realtime -> realtime.authorizer(
                        (who, action, target) -> action == Authorizer.Action.PUBLISH && silent.getAndSet(false)
                                ? never.future()
                                : Future.succeededFuture(true)))) {
            PaperWire wire = slow.open(PaperWire.socket());
            String secret = wire.secret();
            LiveSession session = slow.session(wire);
            wire.up(OneNode.publish("p1", "kept:a", 1));
            wire.up(OneNode.publish("p2", "kept:a", 2));
            Promise<Freezing.Parting> frozen = Promise.promise();
            Promise<Boolean> begun = Promise.promise();
            session.loop().execute(() -> {
                Freezing.freeze(session, 500).onComplete(result -> frozen.complete(result.result()));
                begun.complete(true);
            });
            Await.get("the beginning", begun.future());
            slow.pass(600);
            Frozen state = Await.get("the frozen session", frozen.future()).state();
            assertThat(state.inbox()).hasSize(1);
            assertThat(state.counters().received()).isEqualTo(2);
            EventLoop loop = slow.engine.loopOf(slow.context());
            Promise<LiveSession> made = Promise.promise();
            Tab tab = slow.engine.admission().enter(handshake(), session.principal());
            loop.run(() -> Freezing.thaw(slow.engine, loop, state, tab).onComplete(made));
            LiveSession again = Await.get("the session", made.future());
            slow.engine.registry().opened(again, 1000);
            loop.run(again::goOn);
            PaperWire next = slow.resume(PaperWire.socket(), wire, secret, 1, 0, 0);
            Await.until(
                    "both answers",
                    () -> next.heard("ack").size() == 1 && next.heard("error").size() == 1);
            assertThat(next.heard("error").get(0).getString("id")).isEqualTo("p1");
            assertThat(next.heard("error").get(0).getString("code")).isEqualTo("unavailable");
            assertThat(next.heard("ack").get(0).getString("id")).isEqualTo("p2");
        }
    }

    private static Handshake handshake() {
        return new Handshake("websocket", "127.0.0.1", "/", MultiMap.caseInsensitiveMultiMap(), null, null, null);
    }

    @Test
    void aFrozenSessionTakesNothing() {
        PaperWire wire = node.open(PaperWire.socket());
        LiveSession session = node.session(wire);
        Promise<Freezing.Parting> frozen = Promise.promise();
        session.loop()
                .execute(() -> Freezing.freeze(session, 500).onComplete(result -> frozen.complete(result.result())));
        Freezing.Parting parting = Await.get("the frozen session", frozen.future());
        int before = wire.written().size();
        wire.up(OneNode.publish("x", "kept:a", 1));
        Future<Boolean> refused = session.send("e", 1).transform(done -> Future.succeededFuture(done.failed()));
        boolean no = Await.get("the refusal", refused);
        assertThat(no).isTrue();
        Future<Long> posted =
                node.post(wire, 1, OneNode.publish("x", "kept:a", 1).toBuffer());
        boolean noPost = Await.get("the refusal", posted.transform(done -> Future.succeededFuture(done.failed())));
        assertThat(noPost).isTrue();
        node.pass(120_000);
        assertThat(wire.written()).hasSize(before);
        assertThat(wire.closed).isNull();
        assertThat(parting.state().counters().received()).isZero();
        assertThat(parting.state().inbox()).isEmpty();
        assertThat(node.ended).isEmpty();
    }

    @Test
    void bytesThatAreNoSessionAreRefused() {
        PaperWire wire = node.open(PaperWire.socket());
        LiveSession session = node.session(wire);
        session.attributes().put("cart", new JsonObject().put("n", 3));
        session.attributes().put("file", new Object());
        Promise<Freezing.Parting> frozen = Promise.promise();
        session.loop().execute(() -> {
            session.enqueue(new Encoded(node.engine.directMessage("e", "\u00e4\ud83d\ude00"), session.codec()));
            Freezing.freeze(session, 500).onComplete(result -> frozen.complete(result.result()));
        });
        Buffer bytes = Await.get("the frozen session", frozen.future()).state().encode();
        Frozen read = Frozen.decode(bytes, node.engine.versions()::codecFor);
        assertThat(read.attributes()).isEqualTo(new JsonObject().put("cart", new JsonObject().put("n", 3)));
        assertThat(read.who().secret()).isEqualTo(wire.secret());
        for (int cut = 0; cut < bytes.length(); cut++) {
            Buffer part = bytes.slice(0, cut);
            assertThatThrownBy(() -> Frozen.decode(part, node.engine.versions()::codecFor))
                    .as("%d of %d bytes", cut, bytes.length())
                    .isInstanceOf(RuntimeException.class);
        }
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            Buffer other = bytes.copy();
            other.setByte(random.nextInt(other.length()), (byte) random.nextInt());
            try {
                Frozen.decode(other, node.engine.versions()::codecFor);
            } catch (IllegalArgumentException refused) {
                // Said, and not taken for a session.
            }
        }
    }
}
