package dev.polywire.session;

import static dev.polywire.session.OneNode.frame;
import static dev.polywire.session.OneNode.publish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Authorizer.Action;
import dev.polywire.BrokerOptions;
import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.SessionOptions;
import dev.polywire.channel.MemoryBroker;
import dev.polywire.channel.MemoryPresence;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.VersionZero;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.protocol.Versions;
import dev.polywire.spi.PresenceStore;
import dev.polywire.spi.WireFormat;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The attacks on opening, attaching and ending that need a whole engine: its timers, its queues and its memory of what is over. */
class AttackAttachTest {
    private static final long ORPHAN = SessionOptions.DEFAULT_ORPHAN_TIMEOUT.toMillis();
    private static final long GRACE = SessionOptions.DEFAULT_GRACE.toMillis();

    private final AtomicBoolean closesWhileOpening = new AtomicBoolean();
    private final Promise<Boolean> leaving = Promise.promise();
    private final OneNode node = new OneNode(options(), realtime -> {
        JsonCodec codec = new JsonCodec(64 * 1024, 32);
        ((Assembly) realtime).versions(new Versions(Map.of(0, new VersionZero(codec), 1, codec)));
        realtime.cluster(new MemoryBroker(new BrokerOptions(), () -> 0), new Sticky(leaving.future()));
        realtime.authorizer((who, action, target) -> {
            if (action == Action.CONNECT && closesWhileOpening.get()) {
                interrupt(realtime);
            }
            return Future.succeededFuture(true);
        });
    });

    private static RealtimeOptions options() {
        ChannelOptions open = new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE);
        return new RealtimeOptions()
                .session(new SessionOptions().frame(4096).window(8 * 1024).outbox(16 * 1024))
                .namespace("room", open)
                .namespace("crowd", new ChannelOptions(open).presence(true));
    }

    /** After the last look whether the engine is closing, the next thing that opening does is to ask for the time. */
    private void interrupt(Realtime realtime) {
        node.interruption.set(() -> realtime.close());
    }

    /** A presence store that nobody can leave, until it is let go. */
    private static final class Sticky implements PresenceStore {
        private final PresenceStore rooms = new MemoryPresence();
        private final Future<Boolean> gate;

        Sticky(Future<Boolean> gate) {
            this.gate = gate;
        }

        @Override
        public void listen(Listener listener) {
            rooms.listen(listener);
        }

        @Override
        public Future<Snapshot> join(String channel, ServerFrame.Member member, int bytes) {
            return rooms.join(channel, member, bytes);
        }

        @Override
        public Future<Boolean> update(String channel, String session, Payload state) {
            return rooms.update(channel, session, state);
        }

        @Override
        public Future<Boolean> leave(String channel, String session) {
            return gate.compose(open -> rooms.leave(channel, session));
        }

        @Override
        public Future<Snapshot> read(String channel, int bytes) {
            return rooms.read(channel, bytes);
        }

        @Override
        public Future<Void> close() {
            return rooms.close();
        }
    }

    @AfterEach
    void close() {
        node.close();
    }

    private PaperWire subscribed(PaperWire wire, String channel) {
        wire.up(frame("subscribe", "s").put("channels", new JsonArray().add(channel)));
        Await.until("subscribed", () -> !wire.heard("subscribed").isEmpty());
        return wire;
    }

    private void fill(String channel, int messages) {
        for (int i = 0; i < messages; i++) {
            Await.get("a publish", node.realtime.channels().publish(channel, "e", "x".repeat(200)));
        }
    }

    private static String reason(PaperWire wire) {
        JsonObject welcome = wire.heard("welcome").get(0);
        assertThat(welcome.getBoolean("resumed")).isFalse();
        return welcome.getString("reason");
    }

    @Test
    @DisplayName("hole 9, R7: the answer to an opening is lost; the session that nobody knows of is dropped after 10 s")
    void orphan() {
        PaperWire lost = node.open(PaperWire.socket());
        PaperWire again = node.open(PaperWire.socket());
        again.up(publish("1", "room:1", "once"));
        Await.until("an ack", () -> again.heard("ack").size() == 1);
        node.pass(ORPHAN - 1_000);
        assertThat(node.alive(lost)).isTrue();
        node.pass(1_000);
        assertThat(node.alive(lost)).isFalse();
        assertThat(node.alive(again)).isTrue();
        assertThat(node.ended).containsExactly(lost.id() + " expired");
    }

    @Test
    @DisplayName("hole 9, R7 and R30: what was pipelined behind the hello whose answer was lost is published once")
    void pipelined() {
        PaperWire reader = subscribed(node.open(PaperWire.socket()), "room:1");
        PaperWire lost = node.open(PaperWire.socket());
        lost.up(publish("1", "room:1", "once"));
        Await.until("an ack that nobody reads", () -> lost.heard("ack").size() == 1);
        node.lose(lost);
        PaperWire again = node.open(PaperWire.socket());
        again.up(publish("1", "room:1", "once"));
        again.up(publish("2", "room:1", "last"));
        Await.until("the last", () -> reader.heard("message").size() > 1);
        assertThat(reader.heard("message"))
                .extracting(message -> message.getString("payload"))
                .containsExactly("once", "last");
        node.pass(GRACE);
        assertThat(node.alive(lost)).isFalse();
        assertThat(node.alive(again)).isTrue();
    }

    @Test
    @DisplayName("hole 12, R16: a reply that takes 40 s to go out does not use up the grace, which runs from its end")
    void slowDownload() {
        PaperWire poll = PaperWire.poll();
        Promise<Void> download = poll.slow();
        node.open(poll);
        node.posted(poll, 0, frame("ping", null));
        node.pass(GRACE + 10_000);
        assertThat(node.alive(poll)).isTrue();
        download.complete();
        node.lose(poll);
        node.pass(GRACE - 1_000);
        assertThat(node.alive(poll)).isTrue();
        node.pass(1_000);
        assertThat(node.alive(poll)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName(
            "hole 16, R14: the outbox overflows between two wires; the next attach learns it, with the right secret only")
    void overflowBetweenWires(String transport) {
        PaperWire first = subscribed(node.open(PaperWire.socket()), "room:1");
        node.lose(first);
        fill("room:1", 100);
        Await.until("the end", () -> !node.ended.isEmpty());
        assertThat(node.ended).containsExactly(first.id() + " slow_consumer");
        PaperWire thief = new PaperWire(transport, WireFormat.JSON);
        assertThat(reason(node.resume(thief, first, "guessed", 1, 0, 0))).isEqualTo("unknown");
        PaperWire back = new PaperWire(transport, WireFormat.JSON);
        assertThat(reason(node.resume(back, first, first.secret(), 1, 0, 0))).isEqualTo("slow_consumer");
        node.pass(GRACE);
        PaperWire late = new PaperWire(transport, WireFormat.JSON);
        assertThat(reason(node.resume(late, first, first.secret(), 2, 0, 0))).isEqualTo("unknown");
    }

    @Test
    @DisplayName("hole 18, R12: what is queued is put into the form of the wire and the version that it goes out on")
    void anotherForm() {
        AtomicInteger made = new AtomicInteger();
        WireFormat events = json -> {
            made.incrementAndGet();
            return Buffer.buffer("data: ").appendBuffer(json).appendString("\n\n");
        };
        PaperWire first = subscribed(node.open(PaperWire.socket(), 0, OneNode.NONCE, null), "room:1");
        node.lose(first);
        fill("room:1", 3);
        PaperWire stream = new PaperWire("sse", events);
        node.resume(stream, first, first.secret(), 1, 1, 1);
        Await.until("three events", () -> stream.written().size() == 4);
        assertThat(stream.written()).allMatch(text -> text.startsWith("data: {") && text.endsWith("}\n\n"));
        int before = made.get();
        fill("room:1", 1);
        Await.until("a fourth", () -> stream.written().size() == 5);
        node.lose(stream);
        fill("room:1", 2);
        assertThat(made).as("nothing is made for a wire that is gone").hasValue(before + 1);
        PaperWire socket = PaperWire.socket();
        node.resume(socket, first, first.secret(), 2, 1, 1);
        Await.until("all six", () -> socket.heard("message").size() == 6);
        assertThat(made).hasValue(before + 1);
        assertThat(socket.heard("message")).as("in version 0").allSatisfy(message -> {
            assertThat(message.getString("name")).isEqualTo("e");
            assertThat(message.containsKey("event")).isFalse();
        });
    }

    @Test
    @DisplayName("R38: a pong for which there is no poll comes with a later one")
    void pongWaits() {
        PaperWire first = node.open(PaperWire.poll());
        node.lose(first);
        node.posted(first, 0, frame("ping", "between"));
        PaperWire next = PaperWire.poll();
        node.resume(next, first, first.secret(), 1, 0, 0);
        Await.until("the pong", () -> !next.heard("pong").isEmpty());
        assertThat(next.heard("pong")).extracting(pong -> pong.getString("id")).containsExactly("between");
    }

    @Test
    @DisplayName(
            "R40: the engine closes after it last looked and before the session is known: its client is told restart")
    void closesWhileOpening() {
        closesWhileOpening.set(true);
        PaperWire wire = node.open(PaperWire.socket());
        Await.until("the end of the wire", () -> wire.closed != null);
        assertThat(node.interruption).as("it closed in the middle").hasNullValue();
        assertThat(wire.closed).isEqualTo(CloseReason.RESTART);
        assertThat(wire.frames()).extracting(each -> each.getString("type")).containsExactly("welcome", "bye");
        assertThat(wire.heard("bye").get(0).getString("reason")).isEqualTo("restart");
        assertThat(wire.heard("bye").get(0).getString("reconnect")).isEqualTo("new");
        assertThat(node.ended).containsExactly(wire.id() + " restart");
        assertThat(node.engine.registry().size()).isZero();
    }

    @Test
    @DisplayName("the application is told of an end once, after 5 s, though the presence store never lets go")
    void leavingNeverEnds() {
        PaperWire wire = subscribed(node.open(PaperWire.socket()), "crowd:1");
        AtomicReference<Future<Void>> closed = new AtomicReference<>();
        node.here(() -> {
            closed.set(node.session(wire).close(CloseReason.DISCONNECTED));
            return true;
        });
        node.pass(LiveSession.LEAVING - 1_000);
        assertThat(node.ended).isEmpty();
        node.pass(1_000);
        assertThat(node.ended).containsExactly(wire.id() + " disconnected");
        assertThat(closed.get().isComplete()).isTrue();
        node.here(() -> leaving.tryComplete(true));
        node.pass(LiveSession.LEAVING);
        assertThat(node.ended).hasSize(1);
        assertThat(node.realtime.stats().getInteger("closed")).isEqualTo(1);
    }
}
