package dev.polywire.session;

import static dev.polywire.session.Several.counted;
import static dev.polywire.session.Several.messages;
import static dev.polywire.session.Several.over;
import static dev.polywire.session.Several.poll;
import static dev.polywire.session.Several.post;
import static dev.polywire.session.Several.publish;
import static dev.polywire.session.Several.refused;
import static dev.polywire.session.Several.subscribe;
import static dev.polywire.session.Several.welcome;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The attacks on what several nodes do with one session, and on what its client does when one of them dies. */
class AttackMovesTest {
    private final Several several = new Several(3, options -> {});
    private final OneNode a = several.a();
    private final OneNode b = several.b();
    private final OneNode c = several.nodes.get(2);

    @AfterEach
    void close() {
        several.cluster.holdGives(Future.succeededFuture());
        several.close();
    }

    private static PaperWire subscribed(PaperWire wire, JsonObject subscribe) {
        wire.up(subscribe);
        Await.until("subscribed", () -> !wire.heard("subscribed").isEmpty());
        return wire;
    }

    private static PaperWire subscribed(OneNode at) {
        return subscribed(at.open(PaperWire.socket()), subscribe());
    }

    private static JsonObject since(JsonObject position) {
        return subscribe().put("positions", new JsonObject().put("kept:a", position));
    }

    private static JsonObject answer(PaperWire wire, int which) {
        Await.until("an answer", () -> wire.heard("subscribed").size() > which);
        return wire.heard("subscribed").get(which);
    }

    private static Owned owned(OneNode node) {
        return Objects.requireNonNull(node.engine.moves()).owned();
    }

    private List<OneNode> owners(PaperWire of) {
        return Stream.of(a, b, c).filter(node -> node.alive(of)).toList();
    }

    @Test
    @DisplayName(
            "hole 24, R30: the node dies before it acknowledges; the new session at another one publishes nothing twice, and swallows nobody else's id")
    void publisherDies() {
        PaperWire reader = subscribed(c);
        PaperWire first = a.open(PaperWire.socket());
        first.up(OneNode.publish("1", "kept:a", 1));
        Await.until("it is published", () -> messages(reader).size() == 1);
        several.ways.get(0).kill();
        PaperWire again = b.resume(PaperWire.socket(), first, first.secret(), 1, 0, 0);
        assertThat(welcome(again).getString("reason")).isEqualTo("lost");
        again.up(OneNode.publish("1", "kept:a", 1));
        Await.until("an ack", () -> again.heard("ack").size() == 1);
        assertThat(again.heard("ack").get(0).getBoolean("duplicate")).isTrue();
        PaperWire other = b.open(PaperWire.socket(), "anotherpage01234", null);
        other.up(OneNode.publish("1", "kept:a", 2));
        Await.until("an ack", () -> other.heard("ack").size() == 1);
        assertThat(other.heard("ack").get(0).getBoolean("duplicate", false)).isFalse();
        Await.until("both", () -> messages(reader).size() == 2);
        assertThat(messages(reader)).containsExactly(1, 2);
    }

    @Test
    @DisplayName(
            "hole 29, R32: the node dies between subscribed and what it recovers: from the position that was told, another one has it all")
    void diesWhileRecovering() {
        JsonObject start = answer(subscribed(c), 0).getJsonObject("position");
        publish(c, 1, 5);
        PaperWire first = a.open(PaperWire.socket());
        JsonObject told = answer(subscribed(first, since(start)), 0);
        assertThat(told.getBoolean("recovered")).isTrue();
        // Of what follows nothing was handed over.
        several.ways.get(0).kill();
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, 1, 1);
        assertThat(welcome(second).getBoolean("resumed")).isFalse();
        assertThat(answer(subscribed(second, since(told.getJsonObject("position"))), 0)
                        .getBoolean("recovered"))
                .isTrue();
        Await.until("all", () -> messages(second).size() >= 5);
        assertThat(messages(second)).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    @DisplayName(
            "hole 30, R17 and R34: a client that resumes at another node and subscribes again all the same gets nothing twice")
    void subscribesAgain() {
        PaperWire first = subscribed(a);
        JsonObject start = answer(first, 0).getJsonObject("position");
        publish(c, 1, 3);
        Await.until("three", () -> messages(first).size() == 3);
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, 4, 1);
        second.up(since(start));
        assertThat(answer(second, 0).getBoolean("already")).isTrue();
        publish(a, 4, 5);
        Await.until("two more", () -> messages(second).size() >= 2);
        assertThat(messages(second)).containsExactly(4, 5);
    }

    @Test
    @DisplayName("hole 32, R90: polls in turn at all nodes move nothing")
    void roundRobin() {
        PaperWire first = a.open(PaperWire.poll());
        over(first);
        post(b, first, 1, subscribe());
        Await.until("subscribed", () -> !a.session(first).channels().isEmpty());
        List<Integer> got = new ArrayList<>();
        int received = 0;
        for (int attach = 1; got.size() < 12; attach++) {
            if (attach <= 12) {
                publish(c, attach, attach);
            }
            PaperWire wire = poll(several.nodes.get(attach % 3), first, attach, received);
            Await.until("something", () -> counted(wire) > 0);
            over(wire);
            got.addAll(messages(wire));
            // That it is subscribed comes first; what was written while this looked comes again.
            received = 1 + got.size();
        }
        assertThat(got)
                .isEqualTo(Stream.iterate(1, i -> i + 1).limit(got.size()).toList());
        assertThat(owners(first)).containsExactly(a);
        boolean none =
                Await.get("none", several.ways.get(1).ledger().find(first.id()).map(found -> found == null));
        assertThat(none).as("nothing was ever written about it").isTrue();
    }

    @Test
    @DisplayName(
            "holes 33 and 35, R13: a fail-over brings back a state that was taken; its counters are behind the client's: lost, and the first one ends at its renewal")
    void staleCopy() {
        PaperWire first = subscribed(a);
        Await.get("the drain", a.realtime.drain(Duration.ZERO).map(true));
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, 1, 1);
        publish(b, 1, 3);
        Await.until("three", () -> messages(second).size() == 3);
        several.cluster.rollBack(first.id());
        // The second wire breaks, and the client, which has four frames, reaches the third node.
        PaperWire third = c.resume(PaperWire.socket(), first, first.secret(), 2, 4, 1);
        assertThat(welcome(third).getBoolean("resumed")).isFalse();
        assertThat(welcome(third).getString("reason")).isEqualTo("lost");
        Await.get("a renewal", owned(b).renew().map(true));
        Await.until("it knows", () -> owners(first).isEmpty());
        Await.until("told", () -> b.ended.contains(first.id() + " lost"));
        PaperWire fourth = b.resume(PaperWire.socket(), first, first.secret(), 3, 4, 1);
        assertThat(welcome(fourth).getBoolean("resumed")).isFalse();
    }

    @Test
    @DisplayName("hole 34, rule 37: a drain says bye when the state is written, and takes nothing in between")
    void byeAfterWriting() {
        PaperWire first = subscribed(a);
        PaperWire poller = a.open(PaperWire.poll(), "anotherpage01234", null);
        over(poller);
        assertThat(post(b, poller, 1, subscribe())).isEqualTo(1);
        PaperWire reader = subscribed(c.open(PaperWire.socket(), "thirdpage0123456", null), subscribe());
        Promise<Void> writable = Promise.promise();
        several.cluster.holdGives(writable.future());
        Future<Void> drain = a.realtime.drain(Duration.ZERO);
        Await.until("they are frozen", () -> !a.alive(first) && !a.alive(poller));
        first.up(OneNode.publish("late", "kept:a", 99));
        JsonObject frame = OneNode.publish("p", "kept:a", 1);
        for (OneNode node : several.nodes) {
            Refusal no = refused(() -> post(node, poller, 2, frame));
            assertThat(no.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(no.status()).isEqualTo(503);
        }
        assertThat(refused(() -> poll(c, poller, 1, 0)).status()).isEqualTo(503);
        a.here(() -> true);
        assertThat(first.heard("bye")).isEmpty();
        assertThat(first.closed).isNull();
        assertThat(drain.isComplete()).isFalse();
        writable.complete();
        Await.get("the drain", drain.map(true));
        Await.until("told", () -> first.closed == CloseReason.RENEW);
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, counted(first), 1);
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
        assertThat(welcome(second).getInteger("received")).isEqualTo(1);
        assertThat(refused(() -> post(b, poller, 2, frame)).status()).isEqualTo(503);
        PaperWire taken = poll(c, poller, 1, 0);
        assertThat(welcome(taken).getInteger("received")).isEqualTo(1);
        over(taken);
        assertThat(post(b, poller, 2, frame)).isEqualTo(2);
        assertThat(post(c, poller, 2, frame)).isEqualTo(2);
        Await.until(
                "it is heard",
                () -> !messages(reader).isEmpty() && !messages(second).isEmpty());
        publish(b, 2, 2);
        Await.until("one more", () -> messages(reader).size() >= 2);
        assertThat(messages(reader)).containsExactly(1, 2);
        assertThat(reader.heard("leave")).isEmpty();
    }

    @Test
    @DisplayName(
            "hole 34, rule 37: what comes by the old wire between the snapshot and the move is not accepted, and done once by the new one")
    void betweenSnapshotAndMove() {
        PaperWire first = subscribed(a);
        Promise<Void> writable = Promise.promise();
        several.cluster.holdGives(writable.future());
        several.cluster.loseQuestions(question -> {
            if (RelayFrames.question(question) instanceof RelayFrames.Give) {
                new Thread(() -> {
                            Await.until("it is frozen", () -> !a.alive(first));
                            first.up(OneNode.publish("p", "kept:a", 1));
                            a.here(() -> true);
                            writable.complete();
                        })
                        .start();
            }
            return false;
        });
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, 1, 1);
        several.cluster.loseNothing();
        assertThat(welcome(second).getInteger("received")).isEqualTo(1);
        assertThat(messages(first)).isEmpty();
        second.up(OneNode.publish("p", "kept:a", 1));
        Await.until("an ack", () -> second.heard("ack").size() == 1);
        assertThat(second.heard("ack").get(0).getBoolean("duplicate", false)).isFalse();
        Await.until("once", () -> messages(second).equals(List.of(1)));
    }

    @Test
    @DisplayName("hole 36, R36: the node that a session has left dies, and the session's member stays")
    void memberStays() {
        PaperWire first = subscribed(a);
        PaperWire watcher = subscribed(c.open(PaperWire.socket(), "anotherpage01234", null), subscribe());
        b.resume(PaperWire.socket(), first, first.secret(), 1, 1, 1);
        several.ways.get(0).kill();
        publish(b, 1, 1);
        Await.until("one", () -> messages(watcher).size() == 1);
        assertThat(watcher.heard("leave")).isEmpty();
        assertThat(Await.get("members", c.engine.hub().members("kept:a", false)).count())
                .isEqualTo(2);
        several.ways.get(1).kill();
        Await.until("now it leaves", () -> watcher.heard("leave").size() == 1);
    }

    @Test
    @DisplayName(
            "hole 37, R40: a bye overtakes the last POST, each by another node: all takes effect, then the session ends")
    void byeOvertakes() {
        PaperWire reader = subscribed(c);
        PaperWire first = a.open(PaperWire.poll(), "anotherpage01234", null);
        over(first);
        assertThat(post(b, first, 1, OneNode.publish("1", "kept:a", 1))).isEqualTo(1);
        assertThat(post(b, first, 2, OneNode.frame("bye", null).put("sent", 2))).isEqualTo(1);
        assertThat(a.alive(first)).isTrue();
        assertThat(post(c, first, 2, OneNode.publish("2", "kept:a", 2))).isEqualTo(2);
        Await.until("both", () -> messages(reader).size() == 2);
        assertThat(messages(reader)).containsExactly(1, 2);
        Await.until("it has ended", () -> !a.alive(first));
        assertThat(a.ended).containsExactly(first.id() + " normal");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("hole 37, R40: bye tells how much was sent, and what the wire did not bring comes at the next node")
    void sent(boolean drained) {
        PaperWire first = subscribed(a);
        publish(b, 1, 4);
        Await.until("four", () -> messages(first).size() == 4);
        if (drained) {
            Await.get("the drain", a.realtime.drain(Duration.ZERO).map(true));
        }
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, 3, 1);
        Await.until("bye", () -> !first.heard("bye").isEmpty());
        assertThat(first.heard("bye").get(0).getInteger("sent")).isEqualTo(5);
        Await.until("the rest", () -> messages(second).size() == 2);
        assertThat(messages(second)).containsExactly(3, 4);
    }
}
