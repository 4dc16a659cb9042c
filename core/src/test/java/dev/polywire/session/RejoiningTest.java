package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A channel cannot be joined at the moment when its session comes to another node. */
class RejoiningTest {
    private static final String CHANNEL = "kept:a";

    private final Several several = new Several(3, options -> {});
    private final OneNode a = several.nodes.get(0);
    private final OneNode b = several.nodes.get(1);
    private final OneNode c = several.nodes.get(2);
    private PaperWire watcher;
    private PaperWire first;

    @BeforeEach
    void subscribe() {
        watcher = subscribed(c);
        first = subscribed(a);
        Await.until("the join is seen", () -> watcher.heard("join").size() == 1);
        Several.publish(c, 1, 2);
        Await.until("two", () -> Several.messages(first).size() == 2);
    }

    @AfterEach
    void close() {
        several.close();
    }

    private static PaperWire subscribed(OneNode node) {
        PaperWire wire = node.open(PaperWire.socket());
        wire.up(Several.subscribe());
        Await.until("subscribed", () -> !wire.heard("subscribed").isEmpty());
        return wire;
    }

    private static Future<?> unavailable() {
        return Future.failedFuture(new ProtocolException(ErrorCode.UNAVAILABLE, "Not now."));
    }

    /** Nothing of this kind works for the channel from now on. */
    private void fails(String what) {
        several.cluster.gate((step, channel) ->
                step.equals(what) && channel.equals(CHANNEL) ? unavailable() : Future.succeededFuture());
    }

    /** Gives the first node's sessions away and takes this one to another, where something fails. */
    private PaperWire movedWhile(String what) {
        Await.get("the drain", a.realtime.drain(Duration.ZERO).map(true));
        fails(what);
        return resumed(b, 1);
    }

    private PaperWire resumed(OneNode node, int attach) {
        PaperWire wire = node.resume(PaperWire.socket(), first, first.secret(), attach, Several.counted(first), 0);
        assertThat(Several.welcome(wire).getBoolean("resumed")).isTrue();
        return wire;
    }

    private static JsonObject unsubscribe() {
        return OneNode.frame("unsubscribe", "u").put("channels", new JsonArray().add(CHANNEL));
    }

    private int members() {
        return Await.get("members", c.engine.hub().members(CHANNEL, true)).count();
    }

    private void assertNobodySawItGo() {
        assertThat(watcher.heard("join")).hasSize(1);
        assertThat(watcher.heard("leave")).isEmpty();
        assertThat(members()).isEqualTo(2);
    }

    private void assertItLeftOnce() {
        Await.until("the leave is seen", () -> !watcher.heard("leave").isEmpty());
        assertThat(watcher.heard("join")).hasSize(1);
        assertThat(watcher.heard("leave")).hasSize(1);
        assertThat(members()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"subscribe", "join", "read"})
    @DisplayName("R91 what cannot be joined now is tried again, and its client takes itself for subscribed meanwhile")
    void triesAgain(String what) {
        PaperWire second = movedWhile(what);
        Several.publish(c, 3, 5);
        assertThat(b.session(first).channels()).containsExactly(CHANNEL);
        second.up(OneNode.publish("p", CHANNEL, 6));
        Await.until("an acknowledgement", () -> second.heard("ack").size() == 1);
        second.up(Several.subscribe());
        Await.until("an answer", () -> second.heard("subscribed").size() == 1);
        assertThat(second.heard("subscribed").get(0).getBoolean("already")).isTrue();
        assertThat(Several.messages(second)).isEmpty();
        several.cluster.loseNothing();
        b.pass(500);
        Await.until("what it missed", () -> Several.messages(second).size() == 4);
        Several.publish(c, 7, 7);
        Await.until("what follows", () -> Several.messages(second).size() == 5);
        assertThat(Several.messages(second)).containsExactly(3, 4, 5, 6, 7);
        assertThat(second.heard("unsubscribed")).isEmpty();
        assertThat(second.heard("gap")).isEmpty();
        assertThat(second.heard("subscribed")).hasSize(1);
        assertNobodySawItGo();
    }

    @Test
    @DisplayName("R91 the tries get rarer")
    void backsOff() {
        movedWhile("read");
        AtomicInteger tries = new AtomicInteger();
        several.cluster.gate((step, channel) -> {
            boolean reads = step.equals("read");
            tries.addAndGet(reads ? 1 : 0);
            return reads ? unavailable() : Future.succeededFuture();
        });
        long[] pauses = {500, 1_000, 2_000, 4_000, 5_000, 5_000};
        for (int i = 0; i < pauses.length; i++) {
            int before = i;
            b.pass(pauses[i] / 2);
            assertThat(tries).hasValue(before);
            b.pass(pauses[i] / 2);
            Await.until("another try", () -> tries.get() == before + 1);
            // The next pause begins when that has failed.
            Await.until("it has", () -> b.engine.hub().subscribers(CHANNEL).isEmpty());
            b.here(() -> true);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"subscribe", "read"})
    @DisplayName("R91 a client leaves a channel that is not joined yet, and may come back")
    void unsubscribes(String what) {
        PaperWire second = movedWhile(what);
        second.up(unsubscribe());
        Await.until("an answer", () -> second.heard("unsubscribed").size() == 1);
        assertThat(second.heard("unsubscribed").get(0).getString("id")).isEqualTo("u");
        assertThat(second.heard("unsubscribed").get(0).getString("reason")).isNull();
        assertItLeftOnce();
        second.up(unsubscribe());
        Await.until("a refusal", () -> second.heard("error").size() == 1);
        assertThat(second.heard("error").get(0).getString("code")).isEqualTo("not_subscribed");
        several.cluster.loseNothing();
        b.pass(1_000);
        second.up(Several.subscribe());
        Await.until("subscribed", () -> second.heard("subscribed").size() == 1);
        assertThat(second.heard("subscribed").get(0).getBoolean("already", false))
                .isFalse();
        assertThat(members()).isEqualTo(2);
    }

    @Test
    @DisplayName("R91 a session that ends leaves what is not joined yet")
    void ends() {
        movedWhile("read");
        Await.get("the end", b.session(first).close(CloseReason.DISCONNECTED).map(true));
        assertItLeftOnce();
        several.cluster.loseNothing();
        b.pass(1_000);
        assertThat(b.engine.hub().subscribers(CHANNEL)).isEmpty();
        assertThat(members()).isEqualTo(1);
    }

    @Test
    @DisplayName("R91 a session that goes on takes along what is not joined yet, with its old position")
    void movesAgain() {
        movedWhile("join");
        Several.publish(c, 3, 4);
        Await.get("the drain", b.realtime.drain(Duration.ZERO).map(true));
        several.cluster.loseNothing();
        PaperWire third = resumed(c, 2);
        Await.until("what it missed", () -> Several.messages(third).size() == 2);
        assertThat(Several.messages(third)).containsExactly(3, 4);
        assertThat(third.heard("gap")).isEmpty();
        assertNobodySawItGo();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("R91 who leaves while it is being joined has left, however that ends")
    void leavesWhileItIsJoined(boolean well) {
        PaperWire second = movedWhile("read");
        Promise<Void> reading = heldRead();
        second.up(unsubscribe());
        Await.until("an answer", () -> second.heard("unsubscribed").size() == 1);
        finish(reading, well);
        assertItLeftOnce();
        Await.until("nobody is there", () -> b.engine.hub().subscribers(CHANNEL).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("R91 who goes on while it is being joined stays present, however that ends")
    void goesOnWhileItIsJoined(boolean well) {
        movedWhile("read");
        Promise<Void> reading = heldRead();
        Await.get("the drain", b.realtime.drain(Duration.ZERO).map(true));
        several.cluster.loseNothing();
        PaperWire third = resumed(c, 2);
        finish(reading, well);
        Await.until("nobody is there", () -> b.engine.hub().subscribers(CHANNEL).isEmpty());
        Several.publish(a, 3, 3);
        Await.until("it goes on", () -> Several.messages(third).size() == 1);
        assertNobodySawItGo();
    }

    /** Has the next try wait for an answer, and waits until it does. */
    private Promise<Void> heldRead() {
        Promise<Void> reading = Promise.promise();
        Promise<Void> asked = Promise.promise();
        several.cluster.gate((step, channel) -> {
            if (!step.equals("read")) {
                return Future.succeededFuture();
            }
            asked.tryComplete();
            return reading.future();
        });
        b.pass(500);
        Await.get("the read", asked.future().map(true));
        return reading;
    }

    private static void finish(Promise<Void> reading, boolean well) {
        if (well) {
            reading.complete();
        } else {
            reading.fail(new ProtocolException(ErrorCode.TIMEOUT, "No answer came in time."));
        }
    }

    @Test
    @DisplayName("R91 what can never be joined is lost")
    void never() {
        Await.get("the drain", a.realtime.drain(Duration.ZERO).map(true));
        several.cluster.gate((step, channel) -> step.equals("subscribe") && channel.equals(CHANNEL)
                ? Future.failedFuture(new ProtocolException(ErrorCode.FORBIDDEN, "Not for this node."))
                : Future.succeededFuture());
        PaperWire second = resumed(b, 1);
        Await.until("it is told", () -> second.heard("unsubscribed").size() == 1);
        assertThat(second.heard("unsubscribed").get(0).getString("reason")).isEqualTo("lost");
        assertItLeftOnce();
        assertThat(b.session(first).channels()).isEmpty();
    }

    @Test
    @DisplayName("R91 what is to be confirmed in a channel that is not joined yet goes along, until it is")
    void confirms() {
        PaperWire other = subscribed(c);
        for (int i = 0; i < 2; i++) {
            other.up(OneNode.publish("c" + i, CHANNEL, i).put("confirm", true));
        }
        Await.until("both", () -> Several.messages(first).size() == 4);
        PaperWire second = movedWhile("read");
        List<String> ids = Stream.of(2, 3)
                .map(i -> first.heard("message").get(i).getString("confirm"))
                .toList();
        second.up(OneNode.frame("ack", ids.get(0)));
        second.up(OneNode.publish("p", CHANNEL, 9));
        Await.until("what follows", () -> second.heard("ack").size() == 1);
        LiveSession session = b.session(first);
        Promise<Freezing.Parting> frozen = Promise.promise();
        session.loop().execute(() -> Freezing.freeze(session, 500).onComplete(done -> frozen.complete(done.result())));
        Frozen state = Await.get("the frozen session", frozen.future()).state();
        assertThat(state.channels()).extracting(Frozen.Place::channel).containsExactly(CHANNEL);
        assertThat(state.confirms())
                .extracting(open -> open.message().confirm())
                .containsExactly(ids.get(1));
    }
}
