package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.Authorizer.Action;
import dev.polywire.Principal;
import dev.polywire.Revocation;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.ClientFrame;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Attachment;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import dev.polywire.spi.Transport;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who has a session is looked at again: what comes meanwhile counts, and what is shown must be good for it. */
class SecondLookTest extends EngineKit {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"%s}";

    /** What the slow one's question waits for. */
    private final Promise<Boolean> gate = Promise.promise();

    private final Promise<Boolean> asked = Promise.promise();
    private final AtomicBoolean first = new AtomicBoolean(true);

    /** Tokens are {@code user/jti/seconds}; the first question about {@code slow} is answered when the test says so. */
    private void tokens() {
        options.session().grace(Duration.ofHours(1)).heartbeat(Duration.ofMinutes(10));
        realtime().authenticator((token, who) -> {
            if (token == null) {
                return Future.failedFuture("nothing");
            }
            String[] parts = token.split("/");
            return Future.succeededFuture(new Principal(
                    parts[0],
                    new JsonObject().put("jti", parts[1]),
                    Instant.now().plusSeconds(Long.parseLong(parts[2]))));
        });
        realtime().authorizer((who, action, target) -> {
            if (action == Action.CONNECT
                    && "slow".equals(who.claims().getValue("jti"))
                    && first.compareAndSet(true, false)) {
                asked.complete(true);
                return gate.future();
            }
            return Future.succeededFuture(true);
        });
    }

    private Peer open(String token) {
        Peer peer = new Peer(vertx.getOrCreateContext());
        Await.get("the session", peer.attach(HELLO.formatted(",\"token\":\"" + token + "\"")));
        peer.await("welcome");
        peer.say("{\"type\":\"received\",\"count\":0}");
        peer.settle();
        return peer;
    }

    private Future<Attachment> resume(Peer peer, int attach, @Nullable String token) {
        JsonObject welcome = peer.await("welcome");
        JsonObject claim = new JsonObject()
                .put("session", welcome.getString("session"))
                .put("secret", welcome.getString("secret"))
                .put("attach", attach)
                .put("received", 0)
                .put("confirmed", 0);
        String shown = token == null ? "" : ",\"token\":\"" + token + "\"";
        return new Peer(peer.context).attach(HELLO.formatted(shown + ",\"resume\":" + claim));
    }

    private static void refresh(Peer peer, String id, String token) {
        peer.say(new JsonObject().put("type", "refresh").put("id", id).put("token", token));
    }

    private static ErrorCode refused(Future<?> answer) {
        Await.until("an answer", answer::isComplete);
        assertThat(answer.failed()).isTrue();
        assertThat(answer.cause()).isInstanceOf(Refusal.class);
        return ((Refusal) answer.cause()).code();
    }

    private static Handshake visitor(@Nullable String token) {
        return new Handshake("near", "here", "/", MultiMap.caseInsensitiveMultiMap(), token, null, null);
    }

    private Object jti() {
        return session().principal().claims().getValue("jti");
    }

    @Test
    @DisplayName("R75 a resume that waits for the application takes nothing back of a refresh that came meanwhile")
    void refreshedWhileResuming() {
        tokens();
        Peer peer = open("ann/first/600");
        Future<Attachment> resumed = resume(peer, 1, "ann/slow/700");
        Await.get("the question", asked.future());
        refresh(peer, "r", "ann/newest/3600");
        assertThat(peer.answer("r").getString("type")).isEqualTo("ack");
        gate.complete(true);
        Await.get("the resume", resumed);
        assertThat(jti()).isEqualTo("newest");
        assertThat(session().token()).isEqualTo("ann/newest/3600");
    }

    @Test
    @DisplayName("R75 a refresh that waits for the application takes nothing back of a resume that came meanwhile")
    void resumedWhileRefreshing() {
        tokens();
        Peer peer = open("ann/first/600");
        refresh(peer, "r", "ann/slow/700");
        Await.get("the question", asked.future());
        Await.get("the resume", resume(peer, 1, "ann/newest/3600"));
        gate.complete(true);
        peer.settle();
        assertThat(jti()).isEqualTo("newest");
        assertThat(session().token()).isEqualTo("ann/newest/3600");
    }

    @Test
    @DisplayName("R75 a refresh changes nothing of a session that ended while it waited")
    void endedWhileRefreshing() {
        tokens();
        Peer peer = open("ann/first/600");
        LiveSession session = session();
        refresh(peer, "r", "ann/slow/700");
        Await.get("the question", asked.future());
        session.close(CloseReason.NORMAL);
        Await.until("the end", session::over);
        gate.complete(true);
        peer.settle();
        assertThat(session.principal().claims().getValue("jti")).isEqualTo("first");
    }

    @Test
    @DisplayName("R76 after a minute the secret alone opens nothing, and the token still does")
    void secretAlone() {
        tokens();
        Peer peer = open("ann/first/600");
        Await.get("at once", resume(peer, 1, null));
        pass(61_000);
        assertThat(refused(resume(peer, 2, null))).isEqualTo(ErrorCode.UNAUTHENTICATED);
        Await.get("with the token", resume(peer, 2, "ann/first/600"));
    }

    /** Attaches a poll: bare, or with a hello that shows no token. */
    private Future<Attachment> poll(Peer of, int attach, @Nullable String token, boolean bare) {
        JsonObject welcome = of.await("welcome");
        ClientFrame.Resume claim =
                new ClientFrame.Resume(welcome.getString("session"), welcome.getString("secret"), attach, 0, 0);
        Handshake who = new Handshake("polls", "here", "/", MultiMap.caseInsensitiveMultiMap(), token, null, claim);
        Peer poll = new Peer(of.context) {
            @Override
            public boolean streams() {
                return false;
            }
        };
        SessionGateway to = mounted();
        Promise<Attachment> promise = Promise.promise();
        of.context.runOnContext(on -> to.attach(who, Buffer.buffer(bare ? "" : HELLO.formatted("")), poll)
                .onComplete(promise));
        return promise.future();
    }

    private void polls() {
        options.transports(List.of("near", "polls"));
        tokens();
        realtime().transport(new Transport() {
            @Override
            public String name() {
                return "polls";
            }

            @Override
            public void mount(Router router, SessionGateway gateway) {}
        });
    }

    @Test
    @DisplayName("R76 who has shown a token when it began to poll goes on without one; a hello without one is refused")
    void polling() {
        polls();
        Peer peer = open("ann/first/600");
        Await.get("the first poll", poll(peer, 1, "ann/first/600", true));
        for (int i = 2; i < 5; i++) {
            pass(61_000);
            Await.get("a poll", poll(peer, i, null, true));
        }
        pass(61_000);
        assertThat(refused(poll(peer, 5, null, false))).isEqualTo(ErrorCode.UNAUTHENTICATED);
        assertThat(refused(resume(peer, 5, null))).isEqualTo(ErrorCode.UNAUTHENTICATED);
        Await.get("the next poll", poll(peer, 5, null, true));
    }

    @Test
    @DisplayName(
            "R76 the secret alone does not last by polling: neither from another wire, nor begun within the minute")
    void pollingThief() {
        polls();
        Peer peer = open("ann/first/600");
        Await.get("at once", poll(peer, 1, null, true));
        Await.get("the next", poll(peer, 2, null, true));
        pass(61_000);
        assertThat(refused(poll(peer, 3, null, true))).isEqualTo(ErrorCode.UNAUTHENTICATED);
        Await.get("with the token", resume(peer, 3, "ann/first/600"));
        pass(61_000);
        assertThat(refused(poll(peer, 4, null, true))).isEqualTo(ErrorCode.UNAUTHENTICATED);
    }

    @Test
    @DisplayName(
            "R74 who was found out before the upgrade is not asked for again by hello, unless it has another token")
    void once() {
        options.allowAnonymous(false).auth().requireHandshakeToken(true);
        AtomicInteger questions = new AtomicInteger();
        realtime().authenticator((token, who) -> {
            questions.incrementAndGet();
            return Future.succeededFuture(Principal.of(String.valueOf(token)));
        });
        SessionGateway to = mounted();
        Context context = vertx.getOrCreateContext();
        for (String other : new String[] {null, "bob"}) {
            Promise<Attachment> promise = Promise.promise();
            String hello = HELLO.formatted(other == null ? "" : ",\"token\":\"bob\"");
            Peer peer = new Peer(context);
            context.runOnContext(on -> to.authenticate(visitor("ann"))
                    .compose(who -> to.attach(who, Buffer.buffer(hello), peer))
                    .onComplete(promise));
            Await.get("a session", promise.future());
            assertThat(peer.await("welcome").getString("user")).isEqualTo(other == null ? "ann" : "bob");
        }
        assertThat(questions).hasValue(3);
    }

    @Test
    @DisplayName("R76 who is anonymous has nothing to show")
    void anonymous() {
        options.session().grace(Duration.ofHours(1));
        realtime().authenticator((token, who) -> Future.failedFuture("nobody"));
        Peer peer = open();
        peer.say("{\"type\":\"received\",\"count\":0}");
        peer.settle();
        pass(61_000);
        Await.get("a resume", resume(peer, 1, null));
    }

    @Test
    @DisplayName("R73 the ticket that opened a session may come along with its resumes; no ticket refreshes one")
    void tickets() {
        tokens();
        Peer first = open("ann/first/600");
        Engine engine = session().engine();
        Principal ann = session().principal();
        String ticket = engine.tickets().issue(ann);
        Peer peer = open(ticket);
        pass(61_000);
        Await.get("a resume", resume(peer, 1, ticket));
        assertThat(refused(resume(peer, 2, engine.tickets().issue(Principal.of("eve")))))
                .isEqualTo(ErrorCode.FORBIDDEN);
        String other = engine.tickets().issue(ann);
        refresh(first, "r", other);
        assertThat(first.answer("r").getString("code")).isEqualTo("unauthenticated");
        assertThat(engine.tickets().holder(other)).isSameAs(ann);
    }

    @Test
    @DisplayName("R73, R74 who is revoked gets no ticket, and no upgrade with a token or a ticket")
    void revoked() {
        options.allowAnonymous(false).auth().requireHandshakeToken(true);
        tokens();
        open("ann/first/600");
        Engine engine = session().engine();
        String ticket = engine.tickets().issue(session().principal());
        Handshake token = visitor("ann/first/600");
        assertThat(engine.access().atHandshake(token).succeeded()).isTrue();
        assertThat(engine.access().atHandshake(visitor(ticket)).succeeded()).isTrue();
        assertThat(engine.access().known(token).succeeded()).isTrue();
        Await.get("a revocation", realtime().sessions().revoke(new Revocation.User("ann"), Duration.ofMinutes(1)));
        assertThat(refused(engine.access().atHandshake(token))).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(engine.access().atHandshake(visitor(ticket)))).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(refused(engine.access().known(token))).isEqualTo(ErrorCode.FORBIDDEN);
    }

    @Test
    @DisplayName(
            "R52 a poll that comes before the end of its revoked session is told the same as one that comes after it")
    void revokedMeanwhile() {
        tokens();
        Peer peer = open("ann/first/600");
        JsonObject welcome = peer.await("welcome");
        // As it is after the first half of a revocation, on another thread than the session's.
        session().engine().revocations().add(new Revocation.User("ann"), null, 60_000);
        for (int attach = 1; attach <= 2; attach++) {
            var claim = new ClientFrame.Resume(welcome.getString("session"), welcome.getString("secret"), attach, 0, 0);
            assertThat(refused(new Peer(peer.context).poll(claim))).isEqualTo(ErrorCode.DISCONNECTED);
        }
    }

    @Test
    @DisplayName("R70 where it cannot be looked at now, the client is told so, anonymous clients or not")
    void unavailable() {
        realtime()
                .authenticator((token, who) -> Future.failedFuture(
                        token == null
                                ? new ProtocolException(ErrorCode.UNAVAILABLE, "later")
                                : new TimeoutException()));
        Peer peer = new Peer(vertx.getOrCreateContext());
        assertThat(refused(peer.attach(HELLO.formatted("")))).isEqualTo(ErrorCode.UNAVAILABLE);
        Future<Attachment> late = peer.attach(HELLO.formatted(",\"token\":\"x\""));
        assertThat(refused(late)).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(((Refusal) late.cause()).retryAfter()).isEqualTo(1000);
    }

    @Test
    @DisplayName("R74 the upgrade goes on on the connection's loop, wherever the authenticator answers")
    void elsewhere() {
        options.allowAnonymous(false).auth().requireHandshakeToken(true);
        Promise<Principal> answer = Promise.promise();
        realtime().authenticator((token, who) -> answer.future());
        var gateway = mounted();
        Context context = vertx.getOrCreateContext();
        Promise<Boolean> here = Promise.promise();
        Promise<Boolean> begun = Promise.promise();
        context.runOnContext(on -> {
            Thread loop = Thread.currentThread();
            gateway.authenticate(visitor("x")).onComplete(done -> here.complete(Thread.currentThread() == loop));
            begun.complete(true);
        });
        Await.get("the question", begun.future());
        answer.complete(Principal.of("ann"));
        assertThat(Await.get("an answer", here.future())).isTrue();
    }
}
