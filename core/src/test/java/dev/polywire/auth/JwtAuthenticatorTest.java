package dev.polywire.auth;

import static dev.polywire.auth.Forge.SECRET;
import static dev.polywire.auth.Forge.claims;
import static dev.polywire.auth.Forge.header;
import static dev.polywire.auth.Forge.hs256;
import static dev.polywire.auth.Forge.part;
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
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens open the door, and that nothing else does. */
class JwtAuthenticatorTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final KeyPair RSA = Forge.rsa(2048);
    private static final KeyPair EC = Forge.ec("secp256r1");
    private static final Handshake WHO =
            new Handshake("test", "here", "/", MultiMap.caseInsensitiveMultiMap(), null, null, null);

    @AfterAll
    static void end() {
        Await.get("the end", VERTX.close().map(true));
    }

    private static JwtOptions all() {
        return new JwtOptions()
                .keys(List.of(
                        JwtKey.ofSecret(SECRET),
                        JwtKey.ofPublicKey(Forge.pem(RSA)).withId("r"),
                        JwtKey.ofPublicKey(Forge.pem(EC)).withId("e")));
    }

    private static JwtAuthenticator with(JwtOptions options) {
        return new JwtAuthenticator(VERTX, options);
    }

    /** The answer, as somebody on an event loop gets it. */
    private static Future<Principal> ask(JwtAuthenticator authenticator, String token) {
        Promise<Principal> promise = Promise.promise();
        VERTX.runOnContext(run -> authenticator.authenticate(token, WHO).onComplete(promise));
        return promise.future();
    }

    private static Principal accepted(JwtOptions options, String token) {
        return Await.get("a principal", ask(with(options), token));
    }

    private static Throwable refused(JwtOptions options, String token) {
        Future<Principal> answer = ask(with(options), token);
        Await.until("an answer", answer::isComplete);
        assertThat(answer.failed()).as("%s is refused", token).isTrue();
        return answer.cause();
    }

    @Test
    @DisplayName("a token of each algorithm says who it is, what is known of them, and until when")
    void accepted() {
        JsonObject claims = claims().put("role", "admin");
        for (String token : List.of(
                hs256(claims),
                Forge.rs256(header("RS256").put("kid", "r"), claims, RSA),
                Forge.es256(header("ES256").put("kid", "e"), claims, EC),
                Forge.es256(header("ES256"), claims, EC))) {
            Principal principal = accepted(all(), token);
            assertThat(principal.id()).isEqualTo("ada");
            assertThat(principal.claims()).isEqualTo(claims);
            assertThat(principal.expiresAt()).isEqualTo(Instant.ofEpochSecond(claims.getLong("exp") + 5));
        }
    }

    static Stream<Arguments> forged() {
        JsonObject claims = claims();
        byte[] pem = Forge.pem(RSA).getBytes(StandardCharsets.UTF_8);
        String good = hs256(claims);
        KeyPair other = Forge.rsa(2048);
        return Stream.of(
                Arguments.of("none", part(header("none")) + "." + part(claims) + ".x"),
                Arguments.of("None", part(header("None")) + "." + part(claims) + ".x"),
                Arguments.of("PEM as secret", hs256(header("HS256"), claims, pem)),
                Arguments.of(
                        "PEM as secret, with its kid", hs256(header("HS256").put("kid", "r"), claims, pem)),
                Arguments.of(
                        "key as secret",
                        hs256(header("HS256"), claims, RSA.getPublic().getEncoded())),
                Arguments.of("another secret", hs256(header("HS256"), claims, new byte[32])),
                Arguments.of("another RSA key", Forge.rs256(header("RS256").put("kid", "r"), claims, other)),
                Arguments.of(
                        "kid of a key of another kind",
                        Forge.rs256(header("RS256").put("kid", "e"), claims, RSA)),
                Arguments.of("kid of nobody", Forge.rs256(header("RS256").put("kid", "x"), claims, RSA)),
                Arguments.of("signed as ES256, called RS256", Forge.es256(header("RS256"), claims, EC)),
                Arguments.of(
                        "an algorithm that is not allowed",
                        hs256(header("HS512"), claims, SECRET.getBytes(StandardCharsets.UTF_8))),
                Arguments.of(
                        "crit",
                        hs256(
                                header("HS256").put("crit", new JsonArray().add("b64")),
                                claims,
                                SECRET.getBytes(StandardCharsets.UTF_8))),
                Arguments.of(
                        "its own key", Forge.rs256(header("RS256").put("jwk", Forge.jwk(other, null)), claims, other)),
                Arguments.of(
                        "other claims",
                        good.split("\\.")[0] + "." + part(claims.copy().put("sub", "eve")) + "."
                                + good.split("\\.")[2]),
                Arguments.of("half a signature", good.substring(0, good.length() - 10)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @DisplayName("a token that no key has signed as the key does is refused")
    void forged(String what, String token) {
        assertThat(refused(all(), token)).isNotInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                ".",
                "..",
                "...",
                "a.b.c",
                "a.b",
                "a.b.c.d",
                "e30.e30.e30",
                "bnVsbA.e30.e30",
                "eyJhbGciOjF9.e30.e30"
            })
    @DisplayName("what is no token at all is told to be none")
    void unreadable(String token) {
        assertThat(refused(all(), token))
                .isInstanceOfSatisfying(
                        ProtocolException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_TOKEN));
        assertThat(refused(all(), hs256(claims()) + "." + "x".repeat(10))).isInstanceOf(ProtocolException.class);
        assertThat(refused(all(), "e".repeat(20_000))).isInstanceOf(ProtocolException.class);
    }

    static Stream<Arguments> unacceptable() {
        long now = System.currentTimeMillis() / 1000;
        return Stream.of(
                Arguments.of("no exp", without("exp")),
                Arguments.of("exp as text", claims().put("exp", "" + (now + 60))),
                Arguments.of("exp null", claims().putNull("exp")),
                Arguments.of("exp in milliseconds", claims().put("exp", (now + 60) * 1000)),
                Arguments.of("exp beyond all bounds", claims().put("exp", 1e300)),
                Arguments.of("expired", claims().put("iat", now - 100).put("exp", now - 6)),
                Arguments.of("too long", claims().put("exp", now + 86_400 + 60)),
                Arguments.of("too long, without iat", without("iat").put("exp", now + 86_400 + 60)),
                Arguments.of("not yet", claims().put("nbf", now + 30)),
                Arguments.of("nbf as text", claims().put("nbf", "now")),
                Arguments.of("issued later", claims().put("iat", now + 30)),
                Arguments.of("iat as text", claims().put("iat", "now")),
                Arguments.of("no sub", without("sub")),
                Arguments.of("sub blank", claims().put("sub", " ")),
                Arguments.of("sub of two lines", claims().put("sub", "ada\nconnect")),
                Arguments.of("sub a number", claims().put("sub", 7)));
    }

    private static JsonObject without(String claim) {
        JsonObject claims = claims();
        claims.remove(claim);
        return claims;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    @DisplayName("a signed token that says what it must not is refused, whatever its algorithm")
    void unacceptable(String what, JsonObject claims) {
        refused(all(), hs256(claims));
        refused(all(), Forge.es256(header("ES256"), claims, EC));
    }

    @Test
    @DisplayName("clocks may differ by the leeway")
    void leeway() {
        long now = System.currentTimeMillis() / 1000;
        JsonObject late = claims().put("iat", now - 60).put("exp", now - 2);
        assertThat(accepted(all(), hs256(late)).expiresAt()).isAfter(Instant.now());
        assertThat(accepted(all(), hs256(claims().put("nbf", now + 3).put("iat", now + 3)))
                        .id())
                .isEqualTo("ada");
        refused(all().leeway(Duration.ZERO), hs256(late));
    }

    @Test
    @DisplayName("issuer and audience must be those that are wanted")
    void forWhomAndByWhom() {
        JwtOptions strict = all().issuer("https://id").audience(List.of("chat", "feed"));
        JsonObject right = claims().put("iss", "https://id");
        assertThat(accepted(strict, hs256(right.copy().put("aud", "feed"))).id())
                .isEqualTo("ada");
        assertThat(accepted(
                                strict,
                                hs256(right.copy()
                                        .put("aud", new JsonArray().add("x").add("chat"))))
                        .id())
                .isEqualTo("ada");
        refused(strict, hs256(right));
        refused(strict, hs256(right.copy().put("aud", "other")));
        refused(strict, hs256(right.copy().put("aud", new JsonArray().add(1))));
        refused(strict, hs256(right.copy().put("aud", "chat").put("iss", "https://id/")));
        refused(strict, hs256(claims().put("aud", "chat")));
        refused(strict, hs256(claims().put("aud", "chat").put("iss", new JsonArray().add("https://id"))));
    }

    @Test
    @DisplayName("a verified token is remembered, but not beyond its end, and a bound holds")
    void remembered() {
        AtomicLong now = new AtomicLong(System.currentTimeMillis());
        JwtAuthenticator authenticator = new JwtAuthenticator(VERTX, all().cache(1), null, now::get, () -> 0);
        String token = Forge.es256(header("ES256"), claims(), EC);
        Principal first = Await.get("a principal", ask(authenticator, token));
        assertThat(Await.get("the same", ask(authenticator, token))).isSameAs(first);
        Await.get("another", ask(authenticator, hs256(claims())));
        assertThat(Await.get("verified again", ask(authenticator, token))).isNotSameAs(first);
        now.addAndGet(66_000);
        assertThatThrownBy(() -> Await.get("nothing", ask(authenticator, token)));
    }

    @Test
    @DisplayName("many tokens at a time, on all loops, are told apart")
    void atOnce() {
        JwtAuthenticator authenticator = with(all().cache(0));
        List<Future<Principal>> answers = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            JsonObject claims = claims().put("sub", "u" + i);
            answers.add(ask(
                    authenticator,
                    switch (i % 4) {
                        case 0 -> hs256(claims);
                        case 1 -> Forge.es256(header("ES256"), claims, EC);
                        case 2 -> Forge.rs256(header("RS256"), claims, RSA);
                        default -> hs256(header("HS256"), claims, new byte[32]);
                    }));
        }
        for (int i = 0; i < answers.size(); i++) {
            Future<Principal> answer = answers.get(i);
            Await.until("an answer", answer::isComplete);
            assertThat(answer.succeeded()).as("token %s", i).isEqualTo(i % 4 != 3);
            if (answer.succeeded()) {
                assertThat(answer.result().id()).isEqualTo("u" + i);
            }
        }
    }

    @Test
    @DisplayName("no token is a refusal")
    void none() {
        assertThat(with(all()).authenticate(null, WHO).failed()).isTrue();
    }

    @Test
    @DisplayName("without a key that can be used, nothing starts")
    void noKey() {
        KeyPair weak = Forge.rsa(1024);
        KeyPair curve = Forge.ec("secp384r1");
        assertThatThrownBy(() -> with(new JwtOptions())).hasMessageContaining("must have keys or jwks");
        assertThatThrownBy(() -> new JwtOptions().issuer("x").check()).hasMessageContaining("must have keys or jwks");
        assertThatThrownBy(() -> JwtKey.ofSecret("x".repeat(31))).hasMessageContaining("at least 32 bytes");
        assertThatThrownBy(() -> JwtKey.ofSecret(Forge.pem(RSA))).hasMessageContaining("must not be a PEM");
        assertThatThrownBy(() -> JwtKey.ofSecret("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new JwtKey("a", null, null)).hasMessageContaining("either a secret or a publicKey");
        assertThatThrownBy(() -> new JwtKey("a", SECRET, "b")).hasMessageContaining("either a secret or a publicKey");
        assertThatThrownBy(() -> with(key("nonsense"))).hasMessageContaining("must be PEM");
        assertThatThrownBy(() -> with(key("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")))
                .hasMessageContaining("must be of RSA");
        assertThatThrownBy(() -> with(key(Forge.pem(weak)))).hasMessageContaining("at least 2048 bits");
        assertThatThrownBy(() -> with(key(Forge.pem(curve)))).hasMessageContaining("P-256");
        assertThatThrownBy(() -> with(all().algorithms(List.of("RS256")))).hasMessageContaining("must contain HS256");
        assertThatThrownBy(() -> new JwtOptions().algorithms(List.of("none"))).hasMessageContaining("must be some of");
    }

    private static JwtOptions key(String pem) {
        return new JwtOptions().keys(List.of(JwtKey.ofPublicKey(pem)));
    }

    @Test
    @DisplayName("a key does not show itself")
    void silent() {
        assertThat(JwtKey.ofSecret(SECRET).withId("k").toString())
                .contains("id=k")
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://id.example.com/jwks",
                "ftp://localhost/x",
                "jwks",
                "https:",
                "http://127.0.0.1.evil.example/x",
                "ht tp://x"
            })
    @DisplayName("keys are fetched over TLS, or from this machine")
    void urls(String url) {
        assertThatThrownBy(() -> new JwtOptions().jwks(url)).hasMessageContaining("jwks must be");
        assertThat(new JwtOptions().jwks("https://id.example.com/jwks").usable())
                .isTrue();
        assertThat(new JwtOptions().jwks("http://127.0.0.1:80/jwks").usable()).isTrue();
    }
}
