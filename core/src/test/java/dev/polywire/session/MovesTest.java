package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions go from node to node, and whatever fails on the way is decided. */
class MovesTest {
    private final Several several = new Several(3, options -> {});
    private final OneNode a = several.nodes.get(0);
    private final OneNode b = several.nodes.get(1);
    private final OneNode c = several.nodes.get(2);

    @AfterEach
    void close() {
        several.close();
    }

    private static PaperWire subscribed(OneNode node) {
        PaperWire wire = node.open(PaperWire.socket());
        wire.up(OneNode.frame("subscribe", "s").put("channels", new JsonArray().add("kept:a")));
        Await.until("subscribed", () -> !wire.heard("subscribed").isEmpty());
        return wire;
    }

    private void publish(OneNode by, int from, int to) {
        for (int i = from; i <= to; i++) {
            Await.get("publish", by.realtime.channels().publish("kept:a", "e", i));
        }
    }

    private static int counted(PaperWire wire) {
        return (int) wire.frames().stream()
                .filter(frame ->
                        !List.of("welcome", "ping", "pong", "received", "bye").contains(frame.getString("type")))
                .count();
    }

    private static List<Integer> messages(PaperWire... wires) {
        return Stream.of(wires)
                .flatMap(wire -> wire.heard("message").stream())
                .map(frame -> frame.getInteger("payload"))
                .toList();
    }

    private static JsonObject welcome(PaperWire wire) {
        return wire.heard("welcome").get(0);
    }

    @Test
    void theStreamOfAnotherNodeTakesTheSessionAlong() {
        PaperWire first = subscribed(a);
        assertThat(first.id()).startsWith(several.ways.get(0).self() + ".");
        publish(a, 1, 5);
        Await.until("five", () -> messages(first).size() == 5);
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, counted(first) - 2, 0);
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
        Await.until("replaced", () -> first.closed == CloseReason.REPLACED);
        publish(c, 6, 9);
        Await.until("the rest", () -> messages(second).size() == 6);
        assertThat(messages(second)).containsExactly(4, 5, 6, 7, 8, 9);
        assertThat(messages(first)).containsExactly(1, 2, 3, 4, 5);
        first.up(OneNode.publish("late", "kept:a", 99));
        second.up(OneNode.publish("x", "kept:a", 10));
        Await.until("the acknowledgement", () -> second.heard("ack").size() == 1);
        Await.until("ten", () -> messages(second).size() == 7);
        assertThat(messages(second)).endsWith(10).doesNotContain(99);
        assertThat(a.alive(first)).isFalse();
        assertThat(b.alive(first)).isTrue();
        assertThat(a.ended).isEmpty();
        assertThat(second.heard("join")).isEmpty();
        assertThat(second.heard("leave")).isEmpty();
        var members = Await.get("members", b.engine.hub().members("kept:a", false));
        assertThat(members.count()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void fromNodeToNodeAndBackNothingIsLostOrRepeated(long seed) {
        Random random = new Random(seed);
        List<OneNode> nodes = List.of(a, b, c);
        PaperWire first = subscribed(a);
        String secret = first.secret();
        PaperWire wire = first;
        List<PaperWire> all = new ArrayList<>(List.of(first));
        int received = 0;
        int published = 0;
        for (int round = 1; round <= 8; round++) {
            int more = random.nextInt(10);
            publish(nodes.get(random.nextInt(3)), published + 1, published + more);
            published += more;
            received += counted(wire);
            PaperWire next = random.nextInt(3) == 0 ? PaperWire.poll() : PaperWire.socket();
            wire = nodes.get(random.nextInt(3)).resume(next, first, secret, round, received, 0);
            assertThat(welcome(wire).getBoolean("resumed"))
                    .as("seed %d, round %d", seed, round)
                    .isTrue();
            // What was still written to the old wire after it was counted is sent again: only what was stated is had.
            all.add(wire);
        }
        PaperWire last = wire;
        int total = published;
        Await.until(
                "all of seed " + seed, () -> messages(last).contains(total) || total == 0 || distinct(all) == total);
        assertThat(distinct(all)).as("seed %d", seed).isEqualTo(total);
        assertThat(all.stream().flatMap(one -> one.heard("gap").stream())).isEmpty();
        for (PaperWire one : all) {
            List<Integer> got = messages(one);
            if (!got.isEmpty()) {
                assertThat(got)
                        .as("seed %d", seed)
                        .isEqualTo(IntStream.rangeClosed(got.get(0), got.get(got.size() - 1))
                                .boxed()
                                .toList());
            }
        }
    }

    private static long distinct(List<PaperWire> all) {
        return messages(all.toArray(new PaperWire[0])).stream().distinct().count();
    }

    private static Predicate<Buffer> is(String kind) {
        return bytes -> kind.equals("give")
                ? RelayFrames.question(bytes) instanceof RelayFrames.Give
                : RelayFrames.question(bytes) instanceof RelayFrames.Prepare;
    }

    @ParameterizedTest
    @ValueSource(strings = {"prepare", "give"})
    void aQuestionThatIsLostLeavesTheSessionWhereItIs(String kind) {
        PaperWire first = subscribed(a);
        several.cluster.patience(300).loseQuestions(is(kind));
        assertThatThrownBy(() -> b.resume(PaperWire.socket(), first, first.secret(), 1, 1, 0))
                .hasStackTraceContaining("cannot be reached");
        publish(a, 1, 1);
        Await.until("a message", () -> messages(first).size() == 1);
        assertThat(first.closed).isNull();
        several.cluster.loseNothing();
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 2, counted(first), 0);
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
    }

    @Test
    void anAnswerThatIsLostLosesNothing() {
        PaperWire first = subscribed(a);
        several.cluster.patience(300).loseAnswers(is("give"));
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, counted(first), 0);
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
    }

    @Test
    void aWrongSecretMovesNothing() {
        PaperWire first = subscribed(a);
        PaperWire second = b.resume(PaperWire.socket(), first, "0123456789012345678901", 1, 0, 0);
        assertThat(welcome(second).getBoolean("resumed")).isFalse();
        assertThat(a.alive(first)).isTrue();
        assertThat(first.closed).isNull();
    }

    @Test
    void whatDiesWithItsNodeIsLostAndToldSo() {
        PaperWire first = subscribed(a);
        b.resume(PaperWire.socket(), first, first.secret(), 1, counted(first), 0);
        several.ways.get(1).kill();
        PaperWire third = c.resume(PaperWire.socket(), first, first.secret(), 2, counted(first), 0);
        assertThat(welcome(third).getBoolean("resumed")).isFalse();
        assertThat(welcome(third).getString("reason")).isEqualTo("lost");
        PaperWire fourth = a.resume(PaperWire.socket(), first, first.secret(), 3, counted(first), 0);
        assertThat(welcome(fourth).getString("reason")).isEqualTo("lost");
    }

    @Test
    void whoLeavesGivesEverythingAway() {
        PaperWire first = subscribed(a);
        String secret = first.secret();
        Await.get("the drain", a.realtime.drain(Duration.ofMillis(100)).map(true));
        Await.until("told", () -> first.closed == CloseReason.RENEW);
        assertThat(first.heard("bye").get(0).getInteger("code")).isEqualTo(CloseReason.RENEW.code());
        assertThat(a.ended).isEmpty();
        publish(b, 1, 3);
        assertThatThrownBy(() -> a.open(PaperWire.socket())).hasStackTraceContaining("about to stop");
        PaperWire second = c.resume(PaperWire.poll(), first, secret, 1, counted(first), 0);
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
        PaperWire third = c.resume(PaperWire.poll(), first, secret, 2, counted(first), 0);
        Await.until(
                "three", () -> messages(third).size() == 3 || messages(second).size() == 3);
    }

    @Test
    void whatWaitsIsGivenToNobodyWithoutItsSecret() {
        PaperWire first = subscribed(a);
        Await.get("the drain", a.realtime.drain(Duration.ZERO).map(true));
        PaperWire thief = b.resume(PaperWire.socket(), first, "0123456789012345678901", 7, 0, 0);
        assertThat(welcome(thief).getBoolean("resumed")).isFalse();
        assertThat(b.alive(first)).isFalse();
        PaperWire second = c.resume(PaperWire.socket(), first, first.secret(), 1, counted(first), 0);
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
        assertThatThrownBy(() -> b.resume(PaperWire.socket(), first, first.secret(), 1, 1, 0))
                .hasStackTraceContaining("attach number");
        assertThat(c.alive(first)).isTrue();
        assertThat(second.closed).isNull();
    }

    @Test
    void whatWasGivenAwayIsNotTakenUnderAnOldFence() {
        PaperWire first = subscribed(a);
        b.resume(PaperWire.socket(), first, first.secret(), 1, counted(first), 0);
        Owned owned = Objects.requireNonNull(a.engine.moves()).owned();
        assertThat(owned.mayTake(first.id(), 0)).isFalse();
        assertThat(owned.mayTake(first.id(), 1)).isFalse();
        assertThat(owned.mayTake(first.id(), 2)).isTrue();
        PaperWire back = a.resume(PaperWire.socket(), first, first.secret(), 2, counted(first), 0);
        assertThat(welcome(back).getBoolean("resumed")).isTrue();
        assertThat(a.alive(first)).isTrue();
    }

    @Test
    void ofTwoNodesThatWantItOneHasIt() {
        PaperWire first = subscribed(a);
        int had = counted(first);
        Thread other = new Thread(() -> {
            try {
                b.resume(PaperWire.socket(), first, first.secret(), 1, had, 0);
            } catch (Throwable refused) {
                // It is told to try again, or that its number is stale.
            }
        });
        other.start();
        try {
            c.resume(PaperWire.socket(), first, first.secret(), 2, had, 0);
        } catch (Throwable refused) {
            // As above.
        }
        Await.until("both are answered", () -> !other.isAlive());
        long owners = Stream.of(a, b, c).filter(node -> node.alive(first)).count();
        assertThat(owners).isLessThanOrEqualTo(1);
        PaperWire last = a.resume(PaperWire.socket(), first, first.secret(), 3, had, 0);
        assertThat(welcome(last).getBoolean("resumed")).isTrue();
        assertThat(Stream.of(a, b, c).filter(node -> node.alive(first))).hasSize(1);
    }
}
