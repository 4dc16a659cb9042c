package dev.polywire.auth;

import static dev.polywire.auth.Forge.claims;
import static dev.polywire.auth.Forge.header;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.JwtKey;
import dev.polywire.JwtOptions;
import dev.polywire.Principal;
import dev.polywire.conformance.Await;
import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import dev.polywire.spi.Handshake;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Keys that are fetched from a real server, which rotates them, fails, and misbehaves. */
class JwksTest {
    private static final KeyPair OLD = Forge.rsa(2048);
    private static final KeyPair NEW = Forge.ec("secp256r1");
    private static final Handshake WHO =
            new Handshake("test", "here", "/", MultiMap.caseInsensitiveMultiMap(), null, null, null);

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger fetched = new AtomicInteger();
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private volatile Handler<HttpServerRequest> behaviour = request -> {};
    private HttpServer server;

    JwksTest() {
        server = vertx.createHttpServer();
    }

    @BeforeEach
    void listen() {
        server = Await.get(
                "a server",
                server.requestHandler(request -> {
                            fetched.incrementAndGet();
                            behaviour.handle(request);
                        })
                        .listen(0, "127.0.0.1"));
        serve(Forge.jwk(OLD, "old"));
    }

    @AfterEach
    void end() {
        Await.get("the end", vertx.close().map(true));
    }

    private void serve(JsonObject... keys) {
        JsonObject set = new JsonObject().put("keys", new JsonArray(List.of((Object[]) keys)));
        behaviour = request -> request.response().end(set.toBuffer());
    }

    private JwtOptions options() {
        return new JwtOptions()
                .jwks("http://127.0.0.1:" + server.actualPort() + "/keys")
                .audience(List.of("chat"))
                .jwksTimeout(Duration.ofSeconds(2));
    }

    private JwtAuthenticator authenticator(JwtOptions options) {
        return new JwtAuthenticator(vertx, options, null, System::currentTimeMillis, clock::get);
    }

    private static String token(String kid, KeyPair key) {
        JsonObject claims = claims().put("aud", "chat");
        return key == OLD
                ? Forge.rs256(header("RS256").put("kid", kid), claims, key)
                : Forge.es256(header("ES256").put("kid", kid), claims, key);
    }

    private static Principal accepted(JwtAuthenticator authenticator, String token) {
        return Await.get("a principal", authenticator.authenticate(token, WHO));
    }

    /** R70: the key may be there, and nobody could look. */
    private static void unavailable(Throwable refusal) {
        assertThat(refusal)
                .isInstanceOfSatisfying(
                        ProtocolException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }

    private static Throwable refused(JwtAuthenticator authenticator, String token) {
        Future<Principal> answer = authenticator.authenticate(token, WHO);
        Await.until("an answer", answer::isComplete);
        assertThat(answer.failed()).isTrue();
        return answer.cause();
    }

    @Test
    @DisplayName(
            "tokens are verified with the keys of the URL, and a rotation is noticed by the first token that names the new key")
    void rotation() {
        JwtAuthenticator authenticator = Await.get("the keys", JwtAuthenticator.create(vertx, options()));
        assertThat(accepted(authenticator, token("old", OLD)).id()).isEqualTo("ada");
        authenticator.close();
        JwtAuthenticator other = authenticator(options());
        Await.get("the keys", other.ready().map(true));
        String before = token("old", OLD);
        assertThat(accepted(other, before).id()).isEqualTo("ada");
        serve(Forge.jwk(NEW, "new"));
        clock.addAndGet(JwksSource.COOLDOWN);
        assertThat(accepted(other, token("new", NEW)).id()).isEqualTo("ada");
        refused(other, before);
        other.close();
    }

    @Test
    @DisplayName("unknown keys do not make the server of the keys work for anybody who names one")
    void cooldown() {
        JwtAuthenticator authenticator = authenticator(options());
        Await.get("the keys", authenticator.ready().map(true));
        for (int i = 0; i < 20; i++) {
            unavailable(refused(authenticator, token("x" + i, NEW)));
        }
        assertThat(fetched).hasValue(1);
        clock.addAndGet(JwksSource.COOLDOWN);
        List<Future<Principal>> answers = java.util.stream.IntStream.range(0, 20)
                .mapToObj(i -> authenticator.authenticate(token("y" + i, NEW), WHO))
                .toList();
        answers.forEach(answer -> Await.until("an answer", answer::isComplete));
        // The keys are there, and this is none of them.
        assertThat(answers.get(0).cause()).isNotInstanceOf(ProtocolException.class);
        assertThat(fetched).hasValue(2);
    }

    @Test
    @DisplayName("the keys are fetched on an interval, too")
    void interval() {
        JwtAuthenticator authenticator = authenticator(options().jwksRefresh(Duration.ofSeconds(1)));
        Await.get("the keys", authenticator.ready().map(true));
        serve(Forge.jwk(NEW, "new"));
        Await.until("another fetch", () -> fetched.get() >= 2);
        Await.until(
                "the new key",
                () -> authenticator.authenticate(token("new", NEW), WHO).succeeded()
                        || accepted(authenticator, token("new", NEW)).id() != null);
        authenticator.close();
    }

    @Test
    @DisplayName("what fails, is too much, or has no key of use, changes nothing: the keys that were there stay")
    void failures() {
        JwtAuthenticator authenticator = authenticator(options().jwksTimeout(Duration.ofMillis(300)));
        Await.get("the keys", authenticator.ready().map(true));
        List<Handler<HttpServerRequest>> failures = List.of(
                request -> request.response().setStatusCode(500).end("{}"),
                request -> request.response()
                        .setStatusCode(302)
                        .putHeader("Location", "/")
                        .end(),
                request -> request.connection().close(),
                request -> {},
                request -> request.response().end("no JSON"),
                request -> request.response().end("{\"keys\":[]}"),
                request -> request.response().end("{\"keys\":7}"),
                request -> request.response()
                        .end(new JsonObject()
                                .put(
                                        "keys",
                                        new JsonArray()
                                                .add(Forge.jwk(NEW, "new").put("use", "enc")))
                                .toBuffer()),
                request -> request.response()
                        .end(new JsonObject()
                                .put("keys", new JsonArray().add(Forge.jwk(Forge.rsa(1024), "new")))
                                .toBuffer()),
                request -> request.response()
                        .end(new JsonObject()
                                .put(
                                        "keys",
                                        new JsonArray()
                                                .add(new JsonObject()
                                                        .put("kty", "oct")
                                                        .put("kid", "new")
                                                        .put("k", Forge.part(new byte[32]))))
                                .toBuffer()),
                request -> request.response()
                        .end(new JsonObject()
                                .put("keys", new JsonArray().add(Forge.jwk(NEW, "new")))
                                .put("x", "x".repeat(300_000))
                                .toBuffer()),
                request -> request.response().setChunked(true).write("{\"keys\":["));
        for (Handler<HttpServerRequest> failure : failures) {
            int before = fetched.get();
            behaviour = failure;
            clock.addAndGet(JwksSource.COOLDOWN);
            unavailable(refused(authenticator, token("new", NEW)));
            assertThat(fetched.get()).isGreaterThan(before);
            assertThat(accepted(authenticator, token("old", OLD)).id()).isEqualTo("ada");
        }
        serve(Forge.jwk(OLD, "old"), Forge.jwk(NEW, "new"));
        clock.addAndGet(JwksSource.COOLDOWN);
        assertThat(accepted(authenticator, token("new", NEW)).id()).isEqualTo("ada");
    }

    @Test
    @DisplayName("without keys nobody gets in, and what waits for them is told why they are not there")
    void noKeys() {
        behaviour = request -> request.response().setStatusCode(404).end();
        assertThatThrownBy(() -> Await.get("keys", JwtAuthenticator.create(vertx, options())))
                .hasStackTraceContaining("status 404");
        JwtAuthenticator authenticator = authenticator(options());
        Await.until("the failure", () -> authenticator.ready().isComplete());
        unavailable(refused(authenticator, token("old", OLD)));
        authenticator.close();
    }

    @Test
    @DisplayName("keys that were given are of use whether or not the URL can be reached, and stay")
    void both() {
        behaviour = request -> request.response().setStatusCode(404).end();
        JwtAuthenticator authenticator = authenticator(options().keys(List.of(JwtKey.ofSecret(Forge.SECRET))));
        Await.until("the failure", () -> authenticator.ready().isComplete());
        String token = Forge.hs256(claims().put("aud", "chat"));
        assertThat(accepted(authenticator, token).id()).isEqualTo("ada");
        serve(Forge.jwk(NEW, "new"));
        clock.addAndGet(JwksSource.COOLDOWN);
        assertThat(accepted(authenticator, token("new", NEW)).id()).isEqualTo("ada");
        assertThat(accepted(authenticator, token).id()).isEqualTo("ada");
        authenticator.close();
    }
}
