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

import dev.polywire.Authorizer;
import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The attacks on attaching and on the way up that come out differently when a session's requests reach several nodes. */
class AttackNodesTest {
    private static final long GRACE = SessionOptions.DEFAULT_GRACE.toMillis();

    private final AtomicBoolean banned = new AtomicBoolean();
    private final Several several = new Several(3, options -> {}) {
        @Override
        void setUp(Realtime realtime) {
            realtime.authenticator((token, who) ->
                    Future.succeededFuture(token == null ? Principal.ANONYMOUS : Principal.of(token.split(":")[0])));
            realtime.authorizer((who, action, target) ->
                    Future.succeededFuture(action != Authorizer.Action.SUBSCRIBE || !banned.get()));
        }
    };
    private final OneNode a = several.a();
    private final OneNode b = several.b();
    private final OneNode c = several.nodes.get(2);

    @AfterEach
    void close() {
        several.cluster.loseNothing();
        several.close();
    }

    private static PaperWire subscribed(PaperWire wire) {
        wire.up(subscribe());
        Await.until("subscribed", () -> !wire.heard("subscribed").isEmpty());
        return wire;
    }

    private PaperWire polling() {
        PaperWire first = a.open(PaperWire.poll());
        over(first);
        assertThat(post(b, first, 1, subscribe())).isEqualTo(1);
        Await.until("subscribed", () -> !a.session(first).channels().isEmpty());
        return first;
    }

    /** Attaches with a token of one's own. */
    private static PaperWire resume(OneNode at, PaperWire of, int attach, int received, @Nullable String token) {
        PaperWire wire = PaperWire.socket();
        JsonObject hello = new JsonObject()
                .put("type", "hello")
                .put("versions", new JsonArray().add(1))
                .put("client", OneNode.NONCE)
                .put("token", token)
                .put(
                        "resume",
                        new JsonObject()
                                .put("session", of.id())
                                .put("secret", of.secret())
                                .put("attach", attach)
                                .put("received", received)
                                .put("confirmed", 0));
        MultiMap none = MultiMap.caseInsensitiveMultiMap();
        Handshake who = new Handshake("websocket", "127.0.0.1", "/", none, null, null, null);
        wire.attachment = OneNode.on(at.context(), () -> at.gateway().attach(who, hello.toBuffer(), wire));
        welcome(wire);
        return wire;
    }

    private static boolean gives(Buffer question) {
        return RelayFrames.question(question) instanceof RelayFrames.Give;
    }

    @Test
    @DisplayName("hole 1, R1 and R90: a POST at another node counts what a POST at the owner does, and nothing else")
    void counting() {
        PaperWire first = polling();
        long received = post(
                b,
                first,
                2,
                OneNode.frame("teleport", null),
                OneNode.frame("ping", "p"),
                OneNode.frame("ack", "nobody's"),
                OneNode.frame("received", null).put("count", 0),
                new JsonObject());
        assertThat(received).isEqualTo(4);
        assertThat(post(a, first, 5, OneNode.publish("x", "kept:a", 1))).isEqualTo(5);
        assertThat(refused(() -> post(c, first, 7, OneNode.publish("y", "kept:a", 2)))
                        .code())
                .isEqualTo(ErrorCode.OUT_OF_ORDER);
        assertThat(post(c, first, 6, OneNode.publish("y", "kept:a", 2))).isEqualTo(6);
    }

    @Test
    @DisplayName(
            "hole 3, R10: a poll that a proxy replays at other nodes after a stream took the session evicts nobody")
    void replayedPoll() {
        PaperWire first = polling();
        PaperWire seventh = poll(b, first, 7, 0);
        Await.until("subscribed", () -> counted(seventh) == 1);
        over(seventh);
        PaperWire eighth = c.resume(PaperWire.socket(), first, first.secret(), 8, 1, 1);
        assertThat(welcome(eighth).getBoolean("resumed")).isTrue();
        for (OneNode node : several.nodes) {
            for (int attach : new int[] {7, 8}) {
                Refusal stale = refused(() -> poll(node, first, attach, 0));
                assertThat(stale.code()).isEqualTo(ErrorCode.STALE);
                assertThat(stale.status()).isEqualTo(409);
            }
        }
        publish(a, 1, 3);
        Await.until("three", () -> messages(eighth).size() == 3);
        assertThat(messages(eighth)).containsExactly(1, 2, 3);
        assertThat(eighth.closed).isNull();
    }

    @Test
    @DisplayName("hole 4, R12: an acknowledgement reaches the owner while another node is asking for the session")
    void acknowledgementOvertakesMove() {
        PaperWire first = subscribed(a.open(PaperWire.socket()));
        publish(c, 1, 7);
        Await.until("seven", () -> messages(first).size() == 7);
        several.cluster.loseQuestions(question -> {
            if (gives(question)) {
                first.up(OneNode.frame("received", null).put("count", 8));
            }
            return false;
        });
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, 6, 0);
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
        assertThat(welcome(second).getInteger("first")).isEqualTo(9);
        publish(c, 8, 9);
        Await.until("the rest", () -> messages(second).size() == 2);
        assertThat(messages(second)).containsExactly(8, 9);
    }

    @Test
    @DisplayName("hole 6, R11: what comes late by the wire at the node before detaches nobody and says nothing")
    void lateAtTheNodeBefore() {
        PaperWire first = subscribed(a.open(PaperWire.socket()));
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, 1, 0);
        first.up(OneNode.publish("late", "kept:a", 99));
        first.up(OneNode.frame("bye", null));
        a.lose(first);
        a.pass(GRACE + 1000);
        b.pass(10);
        publish(c, 1, 2);
        Await.until("two", () -> messages(second).size() == 2);
        assertThat(messages(second)).containsExactly(1, 2);
        assertThat(second.closed).isNull();
        assertThat(b.alive(first)).isTrue();
        assertThat(a.ended).isEmpty();
    }

    @Test
    @DisplayName("hole 6, R10: attach 7 at one node is slower than attach 8 at another, and does not get the session")
    void overtakenAttach() {
        PaperWire first = subscribed(a.open(PaperWire.socket()));
        AtomicReference<PaperWire> eighth = new AtomicReference<>();
        AtomicBoolean once = new AtomicBoolean();
        several.cluster.loseQuestions(question -> {
            if (gives(question) && once.compareAndSet(false, true)) {
                // The owner has looked at attach 7 and found it good; now comes attach 8.
                eighth.set(c.resume(PaperWire.socket(), first, first.secret(), 8, 1, 0));
            }
            return false;
        });
        Refusal late = refused(() -> b.resume(PaperWire.socket(), first, first.secret(), 7, 1, 0));
        assertThat(late.code()).isIn(ErrorCode.STALE, ErrorCode.UNAVAILABLE);
        assertThat(eighth.get().closed).isNull();
        assertThat(c.alive(first)).isTrue();
        publish(a, 1, 1);
        Await.until("one", () -> messages(eighth.get()).size() == 1);
    }

    @Test
    @DisplayName("hole 10, R15: who has the secret and is somebody else, at another node, changes nothing")
    void thief() {
        PaperWire first = subscribed(a.open(PaperWire.socket(), OneNode.NONCE, "ann:1"));
        assertThat(refused(() -> resume(b, first, 5, 1, "bob:1")).code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(a.alive(first)).isTrue();
        assertThat(first.closed).isNull();
        publish(c, 1, 1);
        Await.until("it is heard", () -> messages(first).size() == 1);
        PaperWire second = resume(b, first, 1, 2, "ann:2");
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
        assertThat(refused(() -> resume(c, first, 5, 1, "bob:1")).code()).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(second.closed).isNull();
        assertThat(b.alive(first)).isTrue();
    }

    @Test
    @DisplayName("hole 11, R15: who may no longer read a channel finds nothing of it at the next node, sent or not")
    void banned() {
        PaperWire first = subscribed(a.open(PaperWire.socket(), OneNode.NONCE, "ann:1"));
        publish(c, 1, 5);
        Await.until("five are sent", () -> messages(first).size() == 5);
        a.lose(first);
        publish(c, 6, 9);
        banned.set(true);
        PaperWire second = resume(b, first, 1, 3, "ann:2");
        assertThat(welcome(second).getBoolean("resumed")).isTrue();
        Await.until("it is told", () -> !second.heard("unsubscribed").isEmpty());
        publish(c, 10, 10);
        b.here(() -> true);
        assertThat(messages(second)).isEmpty();
        assertThat(second.heard("unsubscribed").get(0).getString("reason")).isEqualTo("denied");
        assertThat(second.heard("gap")).allMatch(gap -> gap.getString("reason").equals("denied"));
        // 4, 5 and 6 had numbers 4 to 6, which must mean something.
        assertThat(welcome(second).getInteger("first")).isEqualTo(4);
        assertThat(second.heard("gap")).hasSize(3);
    }

    @Test
    @DisplayName(
            "hole 12, R16: the reply of a poll at another node takes 40 s to go out; the grace begins when it is out")
    void slowDownload() {
        PaperWire first = polling();
        PaperWire had = poll(b, first, 1, 0);
        Await.until("subscribed", () -> counted(had) == 1);
        over(had);
        PaperWire slow = PaperWire.poll();
        Promise<Void> out = slow.slow();
        poll(b, slow, first.id(), first.secret(), 2, 1, null);
        welcome(slow);
        publish(c, 1, 1);
        Await.until("it is on its way", () -> messages(slow).size() == 1);
        a.pass(GRACE + 10_000);
        assertThat(a.alive(first)).isTrue();
        out.complete();
        over(slow);
        Await.until("the owner knows", () -> Several.among(a).relayed().size() == 0);
        a.pass(GRACE - 1000);
        assertThat(a.alive(first)).isTrue();
        a.pass(2000);
        Await.until("its grace is over", () -> !a.alive(first));
    }

    @Test
    @DisplayName(
            "hole 12, R16: the same when what it is answered with was due already, and went along with the owner's answer")
    void slowDownloadOfWhatWasDue() {
        PaperWire first = polling();
        publish(c, 1, 3);
        PaperWire slow = PaperWire.poll();
        Promise<Void> out = slow.slow();
        poll(b, slow, first.id(), first.secret(), 1, 0, null);
        Await.until("it is on its way", () -> messages(slow).size() == 3);
        a.pass(GRACE + 10_000);
        assertThat(a.alive(first)).isTrue();
        out.complete();
        over(slow);
        assertThat(welcome(poll(c, first, 2, counted(slow))).getBoolean("resumed"))
                .isTrue();
    }

    @Test
    @DisplayName(
            "hole 19, R25: POSTs arrive at several nodes in the wrong order, and again after the session has moved")
    void postsOvertake() {
        PaperWire first = polling();
        JsonObject[] frames = new JsonObject[6];
        for (int i = 1; i < frames.length; i++) {
            frames[i] = OneNode.publish("p" + i, "kept:a", i);
        }
        Refusal ahead = refused(() -> post(b, first, 4, frames[3], frames[4]));
        assertThat(ahead.code()).isEqualTo(ErrorCode.OUT_OF_ORDER);
        assertThat(ahead.toJson().getLong("received")).isEqualTo(1);
        assertThat(post(c, first, 2, frames[1], frames[2])).isEqualTo(3);
        assertThat(post(b, first, 4, frames[3], frames[4])).isEqualTo(5);
        PaperWire second = c.resume(PaperWire.socket(), first, first.secret(), 1, 0, 1);
        assertThat(welcome(second).getInteger("received")).isEqualTo(5);
        second.up(frames[5]);
        Await.until("all", () -> messages(second).size() == 5);
        for (OneNode node : several.nodes) {
            assertThat(post(node, first, 2, frames[1], frames[2])).isEqualTo(6);
            assertThat(post(node, first, 4, frames[3], frames[4])).isEqualTo(6);
        }
        publish(a, 6, 6);
        Await.until("one more", () -> messages(second).size() == 6);
        assertThat(messages(second)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(second.heard("ack")).hasSize(5);
        assertThat(second.closed).isNotEqualTo(CloseReason.REPLACED);
    }

    @Test
    @DisplayName(
            "hole 23, R13 and R14: the owner dies, and its client goes on at 57 at another node: lost, and told so")
    void goesOnElsewhere() {
        PaperWire first = subscribed(a.open(PaperWire.socket()));
        several.ways.get(0).kill();
        PaperWire second = b.resume(PaperWire.socket(), first, first.secret(), 1, 57, 57);
        assertThat(welcome(second).getBoolean("resumed")).isFalse();
        assertThat(welcome(second).getString("reason")).isEqualTo("lost");
        assertThat(welcome(second).getInteger("received")).isZero();
        assertThat(second.id()).isNotEqualTo(first.id());
    }
}
