package dev.polywire.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.Authorizer;
import dev.polywire.Authorizer.Action;
import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.ChannelOptions.Subscribers;
import dev.polywire.Principal;
import dev.polywire.Revocation;
import dev.polywire.Session;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.spi.Broker;
import dev.polywire.spi.Handshake;
import dev.polywire.spi.Refusal;
import dev.polywire.spi.SessionGateway;
import dev.polywire.testing.CapturedLog;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every way to a channel asks the options and the application, and only a clear yes opens it. */
class AuthorizationTest extends EngineKit {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"%s}";

    /** What an authoriser may do instead of saying yes. */
    enum Fault {
        NO,
        NULL,
        NULL_FUTURE,
        FAILURE,
        EXCEPTION,
        ERROR,
        LATE_NO,
        LATE_FAILURE;

        @SuppressWarnings("NullAway")
        Future<Boolean> answer(io.vertx.core.Vertx vertx) {
            return switch (this) {
                case NO -> Future.succeededFuture(false);
                case NULL -> Future.succeededFuture(null);
                case NULL_FUTURE -> null;
                case FAILURE -> Future.failedFuture("thrown by a test");
                case EXCEPTION -> throw new IllegalStateException("thrown by a test");
                case ERROR -> throw new NoClassDefFoundError("thrown by a test");
                case LATE_NO -> vertx.timer(1).map(false);
                case LATE_FAILURE -> vertx.timer(1).compose(over -> Future.failedFuture("thrown by a test"));
            };
        }
    }

    AuthorizationTest() {
        options.channel(new ChannelOptions()
                .publish(ChannelOptions.Publishers.ANYONE)
                .presence(true)
                .historySize(10));
    }

    private Future<SessionGateway.Reader> read(Peer peer, @Nullable String token, String... channels) {
        SessionGateway to = mounted();
        Handshake who = new Handshake("near", "here", "/", MultiMap.caseInsensitiveMultiMap(), token, null, null);
        Promise<SessionGateway.Reader> promise = Promise.promise();
        peer.context.runOnContext(on -> {
            try {
                to.read(who, List.of(channels), null, true, peer).onComplete(promise);
            } catch (RuntimeException e) {
                promise.fail(e);
            }
        });
        Await.until("an answer", promise.future()::isComplete);
        return promise.future();
    }

    private Peer peer() {
        return new Peer(vertx.getOrCreateContext());
    }

    private Peer open(String token) {
        Peer peer = peer();
        Await.get("the session", peer.attach(HELLO.formatted(",\"token\":\"" + token + "\"")));
        peer.await("welcome");
        return peer;
    }

    /** Tokens are users' names; {@code name/jti} has a token id. */
    private void tokens() {
        realtime().authenticator((token, who) -> {
            if (token == null) {
                return Future.succeededFuture(Principal.ANONYMOUS);
            }
            String[] parts = token.split("/");
            JsonObject claims = parts.length > 1 ? new JsonObject().put("jti", parts[1]) : new JsonObject();
            return Future.succeededFuture(new Principal(parts[0], claims, null));
        });
    }

    private static String codeOf(Future<?> refused) {
        assertThat(refused.failed()).isTrue();
        assertThat(refused.cause()).isInstanceOf(Refusal.class);
        return ((Refusal) refused.cause()).code().wire();
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("R28, R45: everything but a yes refuses, on every way, and a failure is logged with its cause")
    void failsClosed(Fault fault) {
        Map<Action, Boolean> faulty = new ConcurrentHashMap<>();
        realtime()
                .authorizer((who, action, target) ->
                        faulty.containsKey(action) ? fault.answer(vertx) : Future.succeededFuture(true));
        realtime().request("time", (session, payload) -> Future.succeededFuture(1));
        Peer peer = open();
        List.of(Action.values()).forEach(action -> faulty.put(action, true));
        try (CapturedLog log = CapturedLog.of(Access.class)) {
            peer.say("{\"type\":\"subscribe\",\"id\":\"s\",\"channels\":[\"a\",\"b\"]}");
            peer.say("{\"type\":\"publish\",\"id\":\"p\",\"channel\":\"a\",\"payload\":1}");
            peer.say("{\"type\":\"history\",\"id\":\"h\",\"channel\":\"a\"}");
            peer.say("{\"type\":\"presence\",\"id\":\"m\",\"channel\":\"a\"}");
            peer.say("{\"type\":\"request\",\"id\":\"r\",\"address\":\"time\"}");
            for (String id : List.of("s", "p", "h", "m", "r")) {
                assertThat(peer.answer(id).getString("code")).as(id).isEqualTo("forbidden");
            }
            assertThat(peer.count("error")).isEqualTo(6);
            Future<?> opened = peer().attach(HELLO.formatted(""));
            Await.until("an answer", opened::isComplete);
            assertThat(codeOf(opened)).isEqualTo("forbidden");
            assertThat(codeOf(read(peer(), null, "a"))).isEqualTo("forbidden");
            faulty.remove(Action.CONNECT);
            assertThat(codeOf(read(peer(), null, "a"))).isEqualTo("forbidden");
            assertThat(log.lines("authorizer failed").isEmpty())
                    .isEqualTo(List.of(Fault.NO, Fault.NULL, Fault.LATE_NO).contains(fault));
        }
        assertThat(realtime().stats().getInteger("bareReaders")).isZero();
        assertThat(realtime().channels().subscribers("a")).isZero();
    }

    /** A handler that has the last word on who subscribes. */
    private static class Picky implements ChannelHandler {
        @Override
        public Future<@Nullable Object> onSubscribe(Session session, String channel) {
            return channel.endsWith("yes") ? Future.succeededFuture() : Future.failedFuture("no");
        }
    }

    @Test
    @DisplayName("R45, R50: what onSubscribe may refuse is not read without it: by bare reads, history, or members")
    void readsWithoutSubscribing() {
        realtime().channels().handler("picky", new Picky());
        realtime().channels().handler("plain", new ChannelHandler() {});
        realtime().channels().handler("both", new Picky() {
            @Override
            public Future<@Nullable Void> onRead(Principal principal, String channel) {
                return channel.endsWith("read") ? Future.succeededFuture() : Future.failedFuture("no");
            }
        });
        Peer peer = open();
        Map<String, Boolean> expected = Map.of(
                "picky:no",
                false,
                "picky:yes",
                false,
                "plain:x",
                true,
                "none:x",
                true,
                "both:read",
                true,
                "both:x",
                false);
        expected.forEach((channel, allowed) -> {
            assertThat(read(peer(), null, channel).succeeded()).as(channel).isEqualTo(allowed);
            peer.say("{\"type\":\"history\",\"id\":\"h" + channel + "\",\"channel\":\"" + channel + "\"}");
            peer.say("{\"type\":\"presence\",\"id\":\"p" + channel + "\",\"channel\":\"" + channel + "\"}");
            for (String id : List.of("h" + channel, "p" + channel)) {
                assertThat(peer.answer(id).getString("code")).as(id).isEqualTo(allowed ? null : "forbidden");
            }
        });
        peer.say("{\"type\":\"subscribe\",\"id\":\"s\",\"channels\":[\"picky:yes\"]}");
        assertThat(peer.answer("s").getString("type")).isEqualTo("subscribed");
        peer.say("{\"type\":\"history\",\"id\":\"again\",\"channel\":\"picky:yes\"}");
        assertThat(peer.answer("again").getString("type")).isEqualTo("history");
    }

    @Test
    @DisplayName("R45, R50, R51: bare reads go by the options, and have no way to show a channel's token")
    void bareReads() {
        options.namespace("ticket", new ChannelOptions().subscribe(Subscribers.TOKEN))
                .namespace("known", new ChannelOptions().subscribe(Subscribers.AUTHENTICATED));
        tokens();
        Assembly realtime = realtime();
        realtime.subscriptionTokens((who, channel, token) -> Future.succeededFuture(true));
        assertThat(codeOf(read(peer(), "ann", "ticket:1"))).isEqualTo("forbidden");
        assertThat(codeOf(read(peer(), null, "known:1"))).isEqualTo("forbidden");
        assertThat(codeOf(read(peer(), "ann", "chat:1", "user:bob"))).isEqualTo("forbidden");
        assertThat(read(peer(), "ann", "chat:1", "user:ann", "known:1").succeeded())
                .isTrue();
        assertThat(realtime.stats().getInteger("bareReaders")).isOne();
    }

    @Test
    @DisplayName("an engine whose options ask for tokens does not start without who verifies them")
    void noVerifier() {
        options.namespace("ticket", new ChannelOptions().subscribe(Subscribers.TOKEN));
        assertThatThrownBy(this::mounted)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("subscriptionTokens");
    }

    @Test
    @DisplayName("R28: an application that consents to nothing at all, late, refuses the publish")
    @SuppressWarnings("NullAway")
    void publishesNothing() {
        realtime().channels().handler("late", new ChannelHandler() {
            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                return vertx.timer(1).map(over -> null);
            }
        });
        Peer peer = open();
        peer.say("{\"type\":\"publish\",\"id\":\"p\",\"channel\":\"late:1\",\"payload\":1}");
        peer.say("{\"type\":\"publish\",\"id\":\"q\",\"channel\":\"a\",\"payload\":1}");
        assertThat(peer.answer("p").getString("code")).isEqualTo("forbidden");
        assertThat(peer.answer("q").getString("type")).isEqualTo("ack");
    }

    @Test
    @DisplayName(
            "R15: a channel that is being joined when the session is resumed with other credentials is asked about again")
    void joiningWhileResuming() {
        tokens();
        Promise<@Nullable Object> consent = Promise.promise();
        Promise<Boolean> asked = Promise.promise();
        realtime().channels().handler("slow", new ChannelHandler() {
            @Override
            public Future<@Nullable Object> onSubscribe(Session session, String channel) {
                asked.complete(true);
                return consent.future();
            }
        });
        realtime()
                .authorizer((who, action, target) -> Future.succeededFuture(action != Action.SUBSCRIBE
                        || !"less".equals(who.claims().getValue("jti"))));
        Peer peer = open("ann/more");
        peer.say("{\"type\":\"subscribe\",\"id\":\"s\",\"channels\":[\"slow:1\"]}");
        Await.get("the question", asked.future());
        Peer next = resume(peer, "ann/less");
        consent.complete(null);
        assertThat(next.answer("s").getString("code")).isEqualTo("forbidden");
        Await.until("nobody there", () -> realtime().channels().subscribers("slow:1") == 0);
    }

    private Peer resume(Peer peer, String token) {
        JsonObject welcome = peer.await("welcome");
        Peer next = peer();
        JsonObject claim = new JsonObject()
                .put("session", welcome.getString("session"))
                .put("secret", welcome.getString("secret"))
                .put("attach", 1)
                .put("received", 0)
                .put("confirmed", 0);
        Await.get("a resume", next.attach(HELLO.formatted(",\"token\":\"" + token + "\",\"resume\":" + claim)));
        next.await("welcome");
        return next;
    }

    @Test
    @DisplayName("R52: revoked between the authoriser's yes and the session, a client is told disconnected at once")
    void revokedWhileOpening() {
        tokens();
        AtomicReference<Future<Integer>> revoked = new AtomicReference<>();
        Promise<Boolean> connect = Promise.promise();
        realtime()
                .authorizer((who, action, target) ->
                        action == Action.CONNECT ? connect.future() : Future.succeededFuture(true));
        Peer peer = peer();
        Future<?> opened = peer.attach(HELLO.formatted(",\"token\":\"ann/t-1\""));
        peer.settle();
        revoked.set(realtime().sessions().revoke(new Revocation.Token("t-1"), Duration.ofMinutes(1)));
        connect.complete(true);
        Await.until("an answer", opened::isComplete);
        Await.until("the end", () -> peer.closes.contains(CloseReason.DISCONNECTED));
        assertThat(realtime().sessions().all()).isEmpty();
    }

    @Test
    @DisplayName("R52: a revoked user's running bare reads end, and new ones are refused")
    void revokedReads() {
        tokens();
        Peer ann = peer();
        Peer bob = peer();
        assertThat(read(ann, "ann", "a").succeeded()).isTrue();
        assertThat(read(bob, "bob", "a").succeeded()).isTrue();
        assertThat(Await.get(
                        "a revocation",
                        realtime().sessions().revoke(new Revocation.User("ann"), Duration.ofMinutes(1))))
                .isOne();
        Await.until("the end of hers", () -> ann.closes.contains(CloseReason.DISCONNECTED));
        assertThat(bob.closes).isEmpty();
        assertThat(realtime().stats().getInteger("bareReaders")).isOne();
        assertThat(codeOf(read(peer(), "ann", "a"))).isEqualTo("forbidden");
        pass(60_000);
        assertThat(read(peer(), "ann", "a").succeeded()).isTrue();
    }

    @Test
    @DisplayName("R52: a revocation holds for 1 ms to 365 days")
    void revokedFor() {
        Revocation who = new Revocation.User("ann");
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofDays(366))) {
            assertThatThrownBy(() -> realtime().sessions().revoke(who, wrong))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Await.get("a revocation", realtime().sessions().revoke(who, Duration.ofDays(365))))
                .isZero();
    }

    @Test
    @DisplayName("R24: who is refused the state that follows a gap loses the channel; who cannot have it now keeps it")
    void refusedAfterGap() {
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        realtime().channels().handler("state", new ChannelHandler() {
            @Override
            public Future<@Nullable Object> onSubscribe(Session session, String channel) {
                Throwable why = refusal.get();
                return why == null ? Future.succeededFuture(1) : Future.failedFuture(why);
            }
        });
        Peer peer = open();
        peer.say("{\"type\":\"subscribe\",\"id\":\"s\",\"channels\":[\"state:1\"]}");
        assertThat(peer.answer("s").getInteger("snapshot")).isOne();
        refusal.set(new dev.polywire.protocol.ProtocolException(ErrorCode.UNAVAILABLE, "later"));
        refresh();
        peer.settle();
        assertThat(peer.count("unsubscribed")).isZero();
        refusal.set(new IllegalStateException("banned"));
        refresh();
        assertThat(peer.await("unsubscribed").getString("reason")).isEqualTo("denied");
        assertThat(session().channels()).isEmpty();
    }

    private void refresh() {
        LiveSession session = session();
        session.loop().run(() -> session.memberships().refresh("state:1"));
    }

    @Test
    @DisplayName("the authoriser cannot open what the options close")
    void optionsFirst() {
        realtime().authorizer(Authorizer.ALLOW_ALL);
        Peer peer = open();
        peer.say("{\"type\":\"subscribe\",\"id\":\"s\",\"channels\":[\"user:ann\"]}");
        assertThat(peer.answer("s").getString("code")).isEqualTo("forbidden");
    }
}
