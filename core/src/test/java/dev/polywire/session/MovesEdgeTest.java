package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Ledger;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sessions that go from node to node while nodes die, end sessions, forget, and stop. */
class MovesEdgeTest {
    private final Instant until = Instant.now().plusSeconds(60);
    private final Several several =
            new Several(3, options -> {
                options.session(
                        options.session().heartbeat(Duration.ofMinutes(10)).grace(Duration.ofMinutes(20)));
                options.auth(options.auth().warning(Duration.ofSeconds(30)));
            }) {
                @Override
                void setUp(Realtime realtime) {
                    realtime.authenticator((token, who) -> Future.succeededFuture(new Principal(
                            "ada",
                            new JsonObject(),
                            token.equals("longer") ? Instant.now().plusSeconds(6000) : until)));
                }
            };
    private final OneNode a = several.nodes.get(0);
    private final OneNode b = several.nodes.get(1);
    private final OneNode c = several.nodes.get(2);

    @AfterEach
    void close() {
        several.close();
    }

    private static PaperWire subscribed(OneNode node) {
        return subscribed(node, node.open(PaperWire.socket()));
    }

    private static PaperWire subscribed(OneNode node, PaperWire wire) {
        wire.up(Several.subscribe());
        Await.until("subscribed", () -> !wire.heard("subscribed").isEmpty());
        return wire;
    }

    private static PaperWire resume(OneNode at, PaperWire of, int attach) {
        return at.resume(PaperWire.socket(), of, of.secret(), attach, Several.counted(of), 0);
    }

    private PaperWire moved(PaperWire first) {
        PaperWire second = resume(b, first, 1);
        assertThat(Several.welcome(second).getBoolean("resumed")).isTrue();
        return second;
    }

    private static void assertLater(Runnable attempt) {
        Refusal no = Several.refused(attempt);
        assertThat(no.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(no.retryAfter()).isPositive();
    }

    private static void assertOver(PaperWire wire, String why) {
        assertThat(Several.welcome(wire).getBoolean("resumed")).isFalse();
        assertThat(Several.welcome(wire).getString("reason")).isEqualTo(why);
    }

    private static Owned owned(OneNode node) {
        return Objects.requireNonNull(node.engine.moves()).owned();
    }

    @Test
    @DisplayName(
            "R86 a session waits for a node that dies before it takes it: it is lost, and its client told, as soon as that node is buried")
    void theNextNodeDies() {
        PaperWire first = subscribed(a);
        String next = several.ways.get(1).self();
        Await.get(
                "give",
                owned(a).give(a.session(first), next, CloseReason.REPLACED).map(true));
        assertLater(() -> resume(c, first, 1));
        assertLater(() -> Several.poll(c, first, 2, Several.counted(first)));
        assertLater(() -> Several.post(c, first, 2));
        several.ways.get(1).kill();
        assertOver(resume(c, first, 3), "lost");
        assertOver(resume(a, first, 4), "lost");
    }

    @Test
    @DisplayName("R14 whichever node is asked says how a session ended that had moved")
    void endedElsewhere() {
        PaperWire first = subscribed(a);
        PaperWire second = moved(first);
        b.lose(second);
        b.pass(Duration.ofMinutes(20).toMillis());
        Await.until("it has ended", () -> !b.ended.isEmpty());
        assertOver(resume(a, first, 2), "expired");
        assertOver(resume(b, first, 3), "expired");
        assertOver(resume(c, first, 4), "expired");
        PaperWire other = subscribed(a);
        moved(other);
        Await.get("the end", b.session(other).close(CloseReason.DISCONNECTED).map(true));
        assertOver(resume(c, other, 2), "disconnected");
        assertOver(resume(a, other, 3), "disconnected");
    }

    @Test
    @DisplayName("R37 while a node does not know whether it has taken a session nobody takes it for lost")
    void takingTakesLong() {
        PaperWire first = subscribed(a);
        Await.get(
                "give", owned(a).give(a.session(first), null, CloseReason.RENEW).map(true));
        assertThat(first.closed).isEqualTo(CloseReason.RENEW);
        Promise<Void> answer = Promise.promise();
        several.cluster.holdTakes(answer.future());
        CompletableFuture<PaperWire> coming = CompletableFuture.supplyAsync(() -> resume(b, first, 1));
        Await.until(
                "it is taken",
                () -> Objects.requireNonNull(b.engine.moves()).onItsWay(first.id())
                        && !Await.get(
                                        "find",
                                        several.ways
                                                .get(0)
                                                .ledger()
                                                .find(first.id())
                                                .map(Optional::ofNullable))
                                .map(Ledger.Entry::waits)
                                .orElse(true));
        assertLater(() -> resume(c, first, 2));
        assertLater(() -> resume(a, first, 2));
        assertLater(() -> Several.poll(c, first, 2, Several.counted(first)));
        assertLater(() -> Several.post(c, first, 2));
        answer.complete();
        assertThat(Several.welcome(coming.join()).getBoolean("resumed")).isTrue();
        assertThat(Several.welcome(resume(c, first, 2)).getBoolean("resumed")).isTrue();
    }

    @Test
    @DisplayName("R89 what the last node gives away waits for whichever starts next")
    void theLastNodeCloses() {
        try (Several alone = new Several(1, options -> {})) {
            OneNode last = alone.a();
            PaperWire first = subscribed(last);
            Await.get("the end", last.realtime.close().map(true));
            assertThat(first.closed).isEqualTo(CloseReason.RENEW);
            assertThat(last.ended).isEmpty();
            OneNode next = alone.add(options -> {});
            Several.publish(next, 1, 3);
            PaperWire second = resume(next, first, 1);
            assertThat(Several.welcome(second).getBoolean("resumed")).isTrue();
            Await.until("three", () -> Several.messages(second).size() == 3);
            assertThat(second.heard("gap")).isEmpty();
        }
    }

    @Test
    @DisplayName("R85 a ledger that was emptied takes no session from who has it")
    void theLedgerIsEmptied() {
        PaperWire first = subscribed(a);
        PaperWire second = moved(first);
        several.cluster.forgetSessions();
        assertLater(() -> resume(c, first, 2));
        assertLater(() -> resume(a, first, 3));
        assertLater(() -> Several.poll(c, first, 4, Several.counted(first)));
        assertThat(owned(a).mayTake(first.id(), 1)).isFalse();
        assertThat(a.alive(first)).isFalse();
        assertThat(b.alive(first)).isTrue();
        assertThat(second.closed).isNull();
        Await.get("renewal", owned(b).renew().map(true));
        PaperWire third = resume(c, first, 5);
        assertThat(Several.welcome(third).getBoolean("resumed")).isTrue();
        assertThat(b.alive(first)).isFalse();
    }

    @Test
    @DisplayName("R86 nobody is told for ever to come back later for a session that no ledger knows")
    void forgottenForGood() {
        PaperWire first = subscribed(a);
        moved(first);
        several.cluster.forgetSessions();
        assertLater(() -> resume(c, first, 2));
        a.clock.addAndGet(15_000);
        assertOver(resume(c, first, 3), "unknown");
    }

    @Test
    @DisplayName("R38 a node that was buried ends what it had opened, and what it had taken over")
    void buried() {
        PaperWire first = subscribed(a);
        PaperWire second = moved(first);
        PaperWire own = subscribed(b);
        assertThat(Await.get("members", a.engine.hub().members("kept:a", false)).count())
                .isEqualTo(2);
        several.ways.get(1).bury();
        Await.until("both have ended", () -> b.ended.size() == 2);
        assertThat(b.ended).containsExactlyInAnyOrder(first.id() + " lost", own.id() + " lost");
        assertThat(second.closed).isEqualTo(CloseReason.LOST);
        assertThat(Await.get("members", a.engine.hub().members("kept:a", false)).count())
                .isZero();
        assertOver(resume(c, first, 2), "lost");
        assertOver(resume(a, own, 1), "lost");
        assertOver(resume(b, first, 3), "lost");
        PaperWire fresh = subscribed(b);
        assertThat(fresh.id()).startsWith(several.ways.get(1).self() + ".");
        assertThat(Several.welcome(resume(c, fresh, 1)).getBoolean("resumed")).isTrue();
    }

    @Test
    @DisplayName(
            "R75 a client that was asked before its session moved is not asked again, and its credentials end when they would have")
    void askedBefore() {
        PaperWire first = subscribed(a, a.open(PaperWire.socket(), OneNode.NONCE, "t"));
        a.pass(31_000);
        Await.until("it is asked", () -> first.heard("refresh").size() == 1);
        PaperWire second = moved(first);
        b.pass(45_000);
        assertThat(second.heard("refresh")).isEmpty();
        assertThat(second.closed).isNull();
        b.pass(16_000);
        Await.until("its credentials end", () -> second.closed == CloseReason.UNAUTHENTICATED);
    }

    @Test
    @DisplayName("R75 a client is asked once, also where its session has moved to, and what it answers holds")
    void askedAfter() {
        PaperWire first = subscribed(a, a.open(PaperWire.socket(), OneNode.NONCE, "t"));
        PaperWire second = moved(first);
        b.pass(31_000);
        Await.until("it is asked", () -> second.heard("refresh").size() == 1);
        second.up(OneNode.frame("refresh", "r").put("token", "longer"));
        Await.until("an answer", () -> second.heard("ack").size() == 1);
        b.pass(60_000);
        assertThat(second.heard("refresh")).hasSize(1);
        assertThat(second.closed).isNull();
    }
}
