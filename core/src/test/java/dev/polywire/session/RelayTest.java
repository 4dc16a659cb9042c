package dev.polywire.session;

import static dev.polywire.session.Several.among;
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
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Polls and POSTs reach the node that has their session, and whatever is lost on the way loses nothing. */
class RelayTest {
    private final Several several = new Several(2, options -> {});
    private final OneNode a = several.a();
    private final OneNode b = several.b();

    @AfterEach
    void close() {
        several.close();
    }

    private PaperWire subscribed() {
        PaperWire first = a.open(PaperWire.poll());
        assertThat(first.id()).startsWith(several.ways.get(0).self() + '.');
        over(first);
        assertThat(post(b, first, 1, subscribe())).isEqualTo(1);
        Await.until("subscribed", () -> !a.session(first).channels().isEmpty());
        return first;
    }

    private static Predicate<Buffer> kind(Class<? extends RelayFrames.Question> kind) {
        return question -> kind.isInstance(RelayFrames.question(question));
    }

    /** No map holds on to anything. */
    private void assertNothingLeft() {
        for (OneNode node : several.nodes) {
            Await.until(
                    "no polls are kept",
                    () -> among(node).relay().size() == 0
                            && among(node).relayed().size() == 0);
        }
    }

    @Test
    void aPollGetsWhatIsDueAtWhicheverNodeItIs() {
        PaperWire first = subscribed();
        publish(b, 1, 3);
        PaperWire second = poll(b, first, 1, 0);
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
        Await.until("three", () -> messages(second).size() == 3);
        assertThat(second.frames().get(0).getString("type")).isEqualTo("welcome");
        assertThat(second.heard("subscribed")).hasSize(1);
        assertThat(b.engine.registry().size()).isZero();
        over(second);
        PaperWire third = poll(a, first, 2, counted(second));
        assertThat(messages(third)).isEmpty();
        over(third);
        assertNothingLeft();
    }

    @Test
    void aPollThatWaitsAtOneNodeHearsWhatTheOtherIsTold() {
        PaperWire first = subscribed();
        PaperWire had = poll(b, first, 1, 0);
        Await.until("subscribed", () -> counted(had) == 1);
        over(had);
        PaperWire waiting = poll(b, first, 2, 1);
        assertThat(welcome(waiting).getBoolean("resumed")).isTrue();
        publish(a, 1, 1);
        Await.until("a message", () -> messages(waiting).size() == 1);
        Await.until(
                "the owner knows that it is answered", () -> among(a).relayed().size() == 0);
        over(waiting);
        assertNothingLeft();
    }

    @Test
    void aPollThatIsGivenUpIsOverAtTheOwner() {
        PaperWire first = subscribed();
        PaperWire had = poll(b, first, 1, 0);
        Await.until("subscribed", () -> counted(had) == 1);
        over(had);
        PaperWire waiting = poll(b, first, 2, 1);
        welcome(waiting);
        Await.until(
                "it waits, and the one before does not",
                () -> among(a).relayed().size() == 1);
        over(waiting);
        assertNothingLeft();
        // Its grace runs.
        a.pass(3_600_000);
        Await.until("expired", () -> !a.alive(first));
        assertThat(refused(() -> poll(b, first, 3, 1)).code()).isEqualTo(ErrorCode.EXPIRED);
    }

    @Test
    void aPollWhoseNodeDiesIsOverSomeTime() {
        PaperWire first = subscribed();
        PaperWire had = poll(b, first, 1, 0);
        Await.until("subscribed", () -> counted(had) == 1);
        over(had);
        welcome(poll(b, first, 2, 1));
        several.ways.get(1).kill();
        a.pass(60_000);
        Await.until("over", () -> among(a).relayed().size() == 0);
    }

    @Test
    void aNewerAttachElsewhereReplacesThePoll() {
        PaperWire first = subscribed();
        PaperWire had = poll(b, first, 1, 0);
        Await.until("subscribed", () -> counted(had) == 1);
        over(had);
        PaperWire waiting = poll(b, first, 2, 1);
        welcome(waiting);
        PaperWire newer = poll(a, first, 3, 1);
        Await.until("replaced", () -> !waiting.heard("bye").isEmpty());
        assertThat(waiting.heard("bye").get(0).getString("reason")).isEqualTo("replaced");
        over(waiting);
        over(newer);
        assertNothingLeft();
    }

    @Test
    void aPollWithAnOldNumberIsStaleAndChangesNothing() {
        PaperWire first = subscribed();
        PaperWire second = poll(b, first, 7, 0);
        Await.until("subscribed", () -> counted(second) == 1);
        over(second);
        PaperWire third = poll(b, first, 8, 1);
        welcome(third);
        Refusal stale = refused(() -> poll(b, first, 8, 1));
        assertThat(stale.code()).isEqualTo(ErrorCode.STALE);
        assertThat(stale.status()).isEqualTo(409);
        publish(b, 1, 1);
        Await.until("a message", () -> messages(third).size() == 1);
    }

    @Test
    void aQuestionThatIsLostIsAnsweredLaterAndCostsNothing() {
        several.cluster.patience(50);
        PaperWire first = subscribed();
        publish(a, 1, 2);
        several.cluster.loseQuestions(question -> true);
        Refusal lost = refused(() -> poll(b, first, 1, 0));
        assertThat(lost.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(lost.status()).isEqualTo(503);
        assertThat(lost.retryAfter()).isPositive();
        assertThat(refused(() -> post(b, first, 2, OneNode.publish("x", "kept:a", 3)))
                        .code())
                .isEqualTo(ErrorCode.UNAVAILABLE);
        // From here on everything arrives, on a busy machine too.
        several.cluster.patience(10_000).loseNothing();
        assertThat(post(b, first, 2, OneNode.publish("x", "kept:a", 3))).isEqualTo(2);
        PaperWire second = poll(b, first, 2, 0);
        Await.until("all", () -> messages(second).size() == 3);
        over(second);
        assertNothingLeft();
    }

    @Test
    void anAnswerThatIsLostCostsNothing() {
        several.cluster.patience(50);
        PaperWire first = subscribed();
        publish(a, 1, 2);
        several.cluster.loseAnswers(kind(RelayFrames.Attach.class));
        assertThat(refused(() -> poll(b, first, 1, 0)).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        several.cluster.loseNothing();
        PaperWire second = poll(b, first, 2, 0);
        Await.until("all", () -> messages(second).size() == 2);
        over(second);
        assertNothingLeft();
    }

    @Test
    void framesThatAreLostOnTheirWayToAWaitingPollComeWithTheNext() {
        PaperWire first = subscribed();
        several.cluster.patience(50);
        PaperWire had = poll(b, first, 1, 0);
        Await.until("subscribed", () -> counted(had) == 1);
        over(had);
        PaperWire waiting = poll(b, first, 2, 1);
        welcome(waiting);
        several.cluster.loseQuestions(kind(RelayFrames.Frames.class));
        publish(a, 1, 2);
        Await.until("given up", () -> among(a).relayed().size() == 0);
        several.cluster.loseNothing();
        over(waiting);
        PaperWire next = poll(b, first, 3, 1);
        Await.until("all", () -> messages(next).size() == 2);
        over(next);
        assertNothingLeft();
    }

    @Test
    void aPostThatIsRepeatedBecauseItsAnswerWasLostTakesEffectOnce() {
        several.cluster.patience(50);
        PaperWire first = subscribed();
        several.cluster.loseAnswers(kind(RelayFrames.Post.class));
        JsonObject frame = OneNode.publish("x", "kept:a", 1);
        assertThat(refused(() -> post(b, first, 2, frame)).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        several.cluster.loseNothing();
        assertThat(post(b, first, 2, frame)).isEqualTo(2);
        assertThat(post(a, first, 2, frame)).isEqualTo(2);
        PaperWire second = poll(b, first, 1, 0);
        Await.until("the message", () -> messages(second).size() == 1);
        assertThat(messages(second)).containsExactly(1);
    }

    @Test
    void aPostThatIsAheadIsToldHowFarTheSessionIs() {
        PaperWire first = subscribed();
        Refusal ahead = refused(() -> post(b, first, 9, OneNode.publish("x", "kept:a", 1)));
        assertThat(ahead.code()).isEqualTo(ErrorCode.OUT_OF_ORDER);
        assertThat(ahead.toJson().getLong("received")).isEqualTo(1);
    }

    @Test
    void anOwnerThatIsSilentKeepsItsSessions() {
        several.cluster.patience(50);
        PaperWire first = subscribed();
        several.ways.get(0).silent(true);
        Refusal silent = refused(() -> poll(b, first, 1, 0));
        assertThat(silent.status()).isEqualTo(503);
        assertThat(silent.retryAfter()).isPositive();
        several.ways.get(0).silent(false);
        assertThat(welcome(poll(b, first, 2, 0)).getBoolean("resumed")).isTrue();
    }

    @Test
    void whatABuriedOwnerHadIsLostAndToldSo() {
        PaperWire first = subscribed();
        several.ways.get(0).kill();
        Refusal bare = refused(() -> poll(b, first, 1, 0));
        assertThat(bare.code()).isEqualTo(ErrorCode.LOST);
        assertThat(bare.status()).isEqualTo(404);
        assertThat(refused(() -> post(b, first, 2, OneNode.publish("x", "kept:a", 1)))
                        .code())
                .isEqualTo(ErrorCode.LOST);
        PaperWire opened = b.resume(PaperWire.poll(), first, first.secret(), 2, 0, 0);
        assertThat(welcome(opened).getBoolean("resumed")).isFalse();
        assertThat(welcome(opened).getString("reason")).isEqualTo("lost");
        assertThat(opened.id()).startsWith(several.ways.get(1).self() + '.');
        assertThat(b.alive(opened)).isTrue();
    }

    @Test
    void whoWasBuriedAndLivesEndsWhatItHadAndGoesOnUnderAnotherName() {
        PaperWire first = subscribed();
        String before = several.ways.get(0).self();
        several.ways.get(0).bury();
        Await.until("ended", () -> !a.alive(first));
        Await.until("told", () -> a.ended.contains(first.id() + " lost"));
        PaperWire next = a.open(PaperWire.poll());
        assertThat(next.id()).doesNotStartWith(before);
        over(next);
        assertThat(welcome(poll(b, next, 1, 0)).getBoolean("resumed")).isTrue();
    }

    @Test
    void whyASessionEndedIsToldAtEveryNode() {
        PaperWire first = subscribed();
        Await.get("closed", a.session(first).close(CloseReason.DISCONNECTED).map(true));
        assertThat(refused(() -> poll(b, first, 1, 0)).code()).isEqualTo(ErrorCode.DISCONNECTED);
        assertThat(refused(() -> post(b, first, 2, OneNode.publish("x", "kept:a", 1)))
                        .code())
                .isEqualTo(ErrorCode.DISCONNECTED);
    }

    @Test
    void countsThatCannotBeReconciledEndTheSessionAndTheNodeThatWasReachedOpensOne() {
        PaperWire first = subscribed();
        PaperWire opened = b.resume(PaperWire.poll(), first, first.secret(), 1, 99, 0);
        assertThat(welcome(opened).getString("reason")).isEqualTo("lost");
        assertThat(b.alive(opened)).isTrue();
        Await.until("ended", () -> !a.alive(first));
        over(opened);
        assertNothingLeft();
    }

    @Test
    void aWrongSecretOpensNothingAndIsNotRemembered() {
        PaperWire first = subscribed();
        String wrong = "0123456789012345678901";
        assertThat(refused(() -> poll(b, PaperWire.poll(), first.id(), wrong, 1, 0, null))
                        .code())
                .isEqualTo(ErrorCode.UNKNOWN);
        assertThat(refused(() -> poll(b, PaperWire.poll(), "nobody.xyz", wrong, 1, 0, null))
                        .code())
                .isEqualTo(ErrorCode.UNKNOWN);
        assertThat(refused(() -> poll(b, PaperWire.poll(), "no owner", wrong, 1, 0, null))
                        .code())
                .isEqualTo(ErrorCode.UNKNOWN);
        assertThat(among(b).relay().whereabouts().knows(first.id(), wrong)).isFalse();
        assertThat(among(b).relay().whereabouts().knows(first.id(), first.secret()))
                .isTrue();
        assertThat(a.alive(first)).isTrue();
    }

    @Test
    void whoClosesLetsThePollsOfOthersGo() {
        PaperWire first = subscribed();
        PaperWire had = poll(b, first, 1, 0);
        Await.until("subscribed", () -> counted(had) == 1);
        over(had);
        PaperWire waiting = poll(b, first, 2, 1);
        welcome(waiting);
        Await.get("closed", b.realtime.close().map(true));
        Await.until("answered", () -> waiting.closed == CloseReason.RENEW);
        assertThat(a.alive(first)).isTrue();
    }
}
