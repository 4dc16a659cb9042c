package dev.polywire.session;

import static dev.polywire.session.OneNode.frame;
import static dev.polywire.session.OneNode.publish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.Principal;
import dev.polywire.RateLimit;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.SessionOptions;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.Payload;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The attacks on the way up that need a whole engine: its limits, its rules and its broker. */
class AttackUplinkTest {
    /** Three frames of each kind, and then one a second. */
    private static final RateLimit THREE = new RateLimit(1, 3, 1 << 20, 1 << 20, 1000);

    private final Promise<Boolean> gate = Promise.promise();
    private final List<Broker.Publication> published = new CopyOnWriteArrayList<>();
    private OneNode node = start(new SessionOptions());

    private OneNode start(SessionOptions session) {
        ChannelOptions open = new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE);
        RealtimeOptions options =
                new RealtimeOptions().session(session).namespace("room", open).namespace("slow", open);
        return new OneNode(options, this::setUp);
    }

    private void setUp(Realtime realtime) {
        realtime.authenticator((token, who) -> Future.succeededFuture(Principal.of(token == null ? "ann" : token)));
        realtime.authorizer((who, action, target) ->
                action == Action.PUBLISH && target.startsWith("slow:") ? gate.future() : Future.succeededFuture(true));
        ChannelHandler recorder = new ChannelHandler() {
            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                published.add(publication);
                return Future.succeededFuture(publication);
            }
        };
        realtime.channels().handler("room", recorder).handler("slow", recorder);
    }

    /** Takes other options than the default. */
    private OneNode limited() {
        node.close();
        node = start(new SessionOptions().rate(THREE));
        return node;
    }

    @AfterEach
    void close() {
        node.close();
    }

    private List<String> payloads() {
        return published.stream()
                .map(each -> each.message().payload().toString())
                .toList();
    }

    private static List<Integer> numbers(PaperWire wire) {
        return wire.heard("error").stream()
                .filter(error -> "rate_limited".equals(error.getString("code")))
                .map(error -> error.getInteger("frame"))
                .toList();
    }

    @Test
    @DisplayName("hole 2, R1 and R28: a refused ping is not counted, a refused publish is, and both ends agree")
    void refusedOnWire() {
        PaperWire wire = limited().open(PaperWire.socket());
        for (int i = 1; i <= 5; i++) {
            wire.up(frame("ping", "p" + i));
        }
        for (int i = 1; i <= 5; i++) {
            wire.up(publish(null, "room:1", i));
        }
        Await.until("the refusals", () -> numbers(wire).size() == 2);
        assertThat(numbers(wire)).containsExactly(4, 5);
        assertThat(wire.heard("pong")).hasSize(3);
        node.pass(1000);
        // Now a ping is let through again, and states what the client has sent: were it not the same, the wire would be
        // closed.
        wire.up(frame("ping", "step").put("count", 5));
        Await.until("an answer", () -> wire.heard("pong").size() == 4 || wire.closed != null);
        assertThat(wire.closed).isNull();
        assertThat(payloads()).containsExactly("1", "2", "3");
    }

    @Test
    @DisplayName("hole 2, R1 and R28: the same by POST, where the answer tells the count")
    void refusedByPost() {
        PaperWire poll = limited().open(PaperWire.poll());
        JsonObject ping = frame("ping", "p");
        assertThat(node.posted(poll, 0, ping, ping, ping, ping, ping)).isZero();
        JsonObject[] five = new JsonObject[5];
        for (int i = 0; i < 5; i++) {
            five[i] = publish(null, "room:1", i + 1);
        }
        assertThat(node.posted(poll, 1, five)).isEqualTo(5);
        assertThat(node.posted(poll, 6, ping, publish(null, "room:1", 6))).isEqualTo(6);
        assertThat(payloads()).containsExactly("1", "2", "3");
    }

    @Test
    @DisplayName("R28: pings do not eat the budget of what a client may publish")
    void pingsEatNoPublishes() {
        PaperWire wire = limited().open(PaperWire.socket());
        for (int i = 0; i < 50; i++) {
            wire.up(frame("ping", "p"));
        }
        for (int i = 1; i <= 3; i++) {
            wire.up(publish("a" + i, "room:1", i));
        }
        Await.until("three acks", () -> wire.heard("ack").size() == 3);
        assertThat(numbers(wire)).isEmpty();
    }

    @Test
    @DisplayName("R28: nor does publishing eat what a client needs to acknowledge and to answer pings")
    void publishesEatNoPings() {
        PaperWire wire = limited().open(PaperWire.socket());
        for (int i = 1; i <= 50; i++) {
            wire.up(publish("a" + i, "room:1", i));
        }
        for (int i = 1; i <= 3; i++) {
            wire.up(frame("ping", "p" + i).put("count", 50));
        }
        Await.until("three pongs", () -> wire.heard("pong").size() == 3);
        // Uncounted frames go before what is queued, so the last refusals may come in a batch after them.
        Await.until("the refusals", () -> numbers(wire).size() == 47);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("hole 18: a frame that waits does not keep the buffer that it came in, on a wire or by POST")
    void pinsNoBuffer(boolean post) {
        PaperWire wire = node.open(post ? PaperWire.poll() : PaperWire.socket());
        JsonArray frames = new JsonArray();
        for (int i = 1; i <= 3; i++) {
            frames.add(publish(null, i == 1 ? "slow:1" : "room:1", i));
        }
        Buffer read = frames.toBuffer();
        node.here(() -> {
            if (post) {
                return node.post(wire, 1, read);
            }
            int at = 1;
            for (int i = 0; i < 3; i++) {
                int length = frames.getJsonObject(i).toBuffer().length();
                wire.attachment.receive(read.slice(at, at + length));
                at += length + 1;
            }
            return Future.succeededFuture();
        });
        // What a slice still refers to is now something else.
        for (int i = 0; i < read.length(); i++) {
            read.setByte(i, (byte) '#');
        }
        gate.complete(true);
        Await.until(
                "all three", () -> published.size() == 3 || !wire.heard("error").isEmpty());
        assertThat(payloads()).containsExactly("1", "2", "3");
    }

    @Test
    @DisplayName("hole 18: what is kept of a publish is its payload, not the frame around it")
    void payloadOfItsOwn() {
        PaperWire wire = node.open(PaperWire.socket());
        wire.up(publish(null, "room:1", "kept").put("ignored", "x".repeat(10_000)));
        Await.until("the publish", () -> published.size() == 1);
        Payload payload = published.get(0).message().payload();
        assertThat(payload.bytes()).asString().isEqualTo("\"kept\"");
    }

    @Test
    @DisplayName("hole 22, R29: b does not overtake a, whose authoriser is slow; both are accepted meanwhile")
    void noOvertaking() {
        PaperWire wire = node.open(PaperWire.socket());
        wire.up(publish("a", "slow:1", "a"));
        wire.up(publish("b", "room:1", "b"));
        wire.up(frame("ping", "step").put("count", 2));
        Await.until("the pong", () -> !wire.heard("pong").isEmpty());
        assertThat(published).isEmpty();
        gate.complete(true);
        Await.until("both acks", () -> wire.heard("ack").size() == 2);
        assertThat(payloads()).containsExactly("\"a\"", "\"b\"");
    }

    @Test
    @DisplayName("hole 24, R30: a publish that is sent again in a new session of the same page is published once")
    void onceInSpiteOfANewSession() {
        PaperWire first = node.open(PaperWire.socket());
        first.up(publish("1", "room:1", "once"));
        Await.until("an ack", () -> first.heard("ack").size() == 1);
        PaperWire second = node.open(PaperWire.socket());
        assertThat(second.id()).isNotEqualTo(first.id());
        PaperWire reader = reader();
        second.up(publish("1", "room:1", "once"));
        Await.until("an ack", () -> second.heard("ack").size() == 1);
        assertThat(second.heard("ack").get(0).getBoolean("duplicate")).isTrue();
        second.up(publish("2", "room:1", "another"));
        Await.until("the other", () -> !reader.heard("message").isEmpty());
        assertThat(reader.heard("message")).hasSize(1);
        assertThat(reader.heard("message").get(0).getString("payload")).isEqualTo("another");
    }

    @Test
    @DisplayName(
            "hole 24, R30: nobody's id swallows another's: not another user's, another page's or another channel's")
    void nobodysElse() {
        PaperWire reader = reader();
        for (PaperWire wire : List.of(
                node.open(PaperWire.socket(), OneNode.NONCE, "ann"),
                node.open(PaperWire.socket(), OneNode.NONCE, "bob"),
                node.open(PaperWire.socket(), "fedcba9876543210", "ann"))) {
            wire.up(publish("1", "room:1", wire.id()));
            Await.until("an ack", () -> wire.heard("ack").size() == 1);
            assertThat(wire.heard("ack").get(0).getBoolean("duplicate", false)).isFalse();
            wire.up(publish("1", "room:2", wire.id()));
            Await.until("another", () -> wire.heard("ack").size() == 2);
            assertThat(wire.heard("ack").get(1).getBoolean("duplicate", false)).isFalse();
        }
        Await.until("three messages", () -> reader.heard("message").size() == 3);
    }

    private PaperWire reader() {
        PaperWire reader = node.open(PaperWire.socket());
        reader.up(frame("subscribe", "s").put("channels", new JsonArray().add("room:1")));
        Await.until("subscribed", () -> !reader.heard("subscribed").isEmpty());
        return reader;
    }

    @Test
    @DisplayName("R14: a POST in the middle of which its session ends for abuse is 404 with the reason")
    void endsForAbuse() {
        node.close();
        node = start(new SessionOptions().rate(new RateLimit(1, 3, 1 << 20, 1 << 20, 2)));
        PaperWire poll = node.open(PaperWire.poll());
        JsonArray body = new JsonArray();
        for (int i = 0; i < 20; i++) {
            body.add(publish(null, "room:1", i));
        }
        Future<Long> answer = node.post(poll, 1, body.toBuffer());
        Await.until("an answer", answer::isComplete);
        assertThat(answer.cause()).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.status()).isEqualTo(404);
            assertThat(refusal.code()).isEqualTo(ErrorCode.DENIED);
        });
        assertThat(node.alive(poll)).isFalse();
        assertThat(payloads()).containsExactly("0", "1", "2");
    }

    @Test
    @DisplayName("R40: a POST whose bye ends its session is answered with the count")
    void endsByBye() {
        PaperWire poll = node.open(PaperWire.poll());
        assertThat(node.posted(
                        poll, 1, publish(null, "room:1", 1), frame("bye", null).put("sent", 1)))
                .isEqualTo(1);
        assertThat(node.alive(poll)).isFalse();
        assertThat(payloads()).containsExactly("1");
    }

    @Test
    @DisplayName("R14: a POST whose session ends while it is on its way to the session's loop is 404 with the reason")
    void endsOnTheWay() throws InterruptedException {
        PaperWire poll = node.open(PaperWire.poll());
        LiveSession session = node.session(poll);
        ContextInternal elsewhere = node.context();
        Buffer body = new JsonArray().add(publish(null, "room:1", 1)).toBuffer();
        CountDownLatch found = new CountDownLatch(1);
        Promise<Long> answer = Promise.promise();
        session.loop().execute(() -> {
            elsewhere.runOnContext(run -> {
                node.post(poll, 1, body).onComplete(answer);
                found.countDown();
            });
            try {
                // The POST has found its session, and waits for this loop.
                found.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            session.end(CloseReason.DISCONNECTED);
        });
        Await.until("an answer", answer.future()::isComplete);
        assertThat(answer.future().cause()).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.status()).isEqualTo(404);
            assertThat(refusal.code()).isEqualTo(ErrorCode.DISCONNECTED);
        });
        assertThat(published).isEmpty();
    }
}
