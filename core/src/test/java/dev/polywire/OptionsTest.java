package dev.polywire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options in code and in JSON. Ranges of numbers are tested along with the page that tells them, in {@link OptionsDocTest}. */
class OptionsTest {

    /** Options of which none has its default. */
    static RealtimeOptions unusual() {
        return new RealtimeOptions()
                .name("second")
                .path("/live")
                .host("127.0.0.1")
                .port(9000)
                .allowAnonymous(true)
                .transports(List.of("sse"))
                .origins(List.of("https://example.com"))
                .compression(true)
                .session(new SessionOptions()
                        .grace(Duration.ofSeconds(1))
                        .heartbeat(Duration.ofSeconds(2))
                        .helloTimeout(Duration.ofSeconds(3))
                        .orphanTimeout(Duration.ofSeconds(4))
                        .frame(1000)
                        .post(1001)
                        .depth(10)
                        .window(2000)
                        .outbox(3000)
                        .inbox(11)
                        .channels(12)
                        .requests(13)
                        .confirms(14)
                        .requestTimeout(Duration.ofSeconds(5))
                        .rate(new RateLimit(1, 2, 3, 4000, 5)))
                .auth(new AuthOptions()
                        .jwt(new JwtOptions()
                                .keys(List.of(JwtKey.ofSecret("x".repeat(32)).withId("a"), JwtKey.ofPublicKey("b")))
                                .jwks("https://id.example.com/jwks")
                                .algorithms(List.of("ES256"))
                                .issuer("id")
                                .audience(List.of("feed"))
                                .leeway(Duration.ofSeconds(22))
                                .maxLifetime(Duration.ofSeconds(23))
                                .jwksRefresh(Duration.ofSeconds(24))
                                .jwksTimeout(Duration.ofSeconds(25))
                                .cache(26))
                        .requireHandshakeToken(true)
                        .cookie("session")
                        .query("access_token")
                        .ticket(Duration.ofSeconds(27))
                        .tickets(28)
                        .warning(Duration.ofSeconds(29)))
                .eventBus(new EventBusOptions().enabled(true).address("bus").requests(List.of("a.*")))
                .channel(new ChannelOptions().historySize(6))
                .namespace(
                        "chat",
                        new ChannelOptions()
                                .historySize(7)
                                .historyAge(Duration.ofSeconds(8))
                                .historyBytes(10_000_000_000L)
                                .presence(true)
                                .joinLeave(false)
                                .publish(ChannelOptions.Publishers.ANYONE)
                                .subscribe(ChannelOptions.Subscribers.OWNER)
                                .read(ChannelOptions.Readers.SUBSCRIBERS)
                                .slowConsumer(SlowConsumerPolicy.DROP_OLDEST)
                                .confirmAttempts(9)
                                .confirmTimeout(Duration.ofSeconds(11))
                                .maxBatchDelay(Duration.ofMillis(12)))
                .limits(new LimitOptions()
                        .sessions(15)
                        .bareReaders(16)
                        .outboxMemory(21_000_000_000L)
                        .userSessions(22)
                        .userMessages(23)
                        .userBytes(24)
                        .attaches(25)
                        .channelLength(26)
                        .idle(Duration.ofSeconds(27))
                        .connectionAge(Duration.ofSeconds(28))
                        .address(new AddressOptions()
                                .sessions(29)
                                .messages(30)
                                .bytes(31)
                                .opens(32)
                                .connects(33)
                                .polls(34)
                                .entries(35)
                                .trustedProxies(List.of("10.0.0.0/8", "fd00::1"))
                                .proxyHeader(AddressOptions.ProxyHeader.FORWARDED))
                        .overload(new OverloadOptions().heapPercent(36).lag(Duration.ofMillis(37)))
                        .sharing(new SharingOptions().enabled(false).slicePercent(38)))
                .broker(new BrokerOptions()
                        .timeout(Duration.ofSeconds(16))
                        .dedupeWindow(Duration.ofSeconds(17))
                        .dedupeEntries(18)
                        .channels(19)
                        .historyMemory(20_000_000_000L))
                .tls(new TlsOptions()
                        .certificate("server.pem")
                        .key("key.pem")
                        .keyStore("server.p12")
                        .password("changeit")
                        .http2(false));
    }

    @Test
    @DisplayName("what goes into JSON comes out of it")
    void roundTrip() {
        JsonObject json = unusual().toJson();
        assertThat(new RealtimeOptions(new JsonObject(json.encode())).toJson()).isEqualTo(json);
        assertThat(new RealtimeOptions(new JsonObject()).toJson()).isEqualTo(new RealtimeOptions().toJson());
        JsonObject defaults = new RealtimeOptions().toJson();
        JsonObject chat = json.getJsonObject("namespaces").getJsonObject("chat");
        differs("", json, defaults);
        differs("session.", json.getJsonObject("session"), defaults.getJsonObject("session"));
        differs("rate.", json.getJsonObject("session").getJsonObject("rate"), RateLimit.DEFAULT.toJson());
        JsonObject auth = json.getJsonObject("auth");
        differs("auth.", auth, defaults.getJsonObject("auth"));
        differs("jwt.", auth.getJsonObject("jwt"), new JwtOptions().toJson());
        differs("eventBus.", json.getJsonObject("eventBus"), defaults.getJsonObject("eventBus"));
        differs("limits.", json.getJsonObject("limits"), defaults.getJsonObject("limits"));
        for (String part : List.of("address", "overload")) {
            differs(
                    "limits." + part + ".",
                    json.getJsonObject("limits").getJsonObject(part),
                    defaults.getJsonObject("limits").getJsonObject(part));
        }
        differs("chat.", chat, defaults.getJsonObject("channel"));
        differs("tls.", json.getJsonObject("tls"), defaults.getJsonObject("tls"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"certificate\":\"a.pem\"}",
                "{\"key\":\"k.pem\"}",
                "{\"certificate\":\"a.pem\",\"key\":\"k.pem\",\"keyStore\":\"s.p12\"}",
                "{\"password\":\"p\"}"
            })
    @DisplayName("half a certificate, two of them, or a password for nothing are refused with a sentence")
    void refusesTls(String tls) {
        assertRefused(() -> new RealtimeOptions(new JsonObject().put("tls", new JsonObject(tls))).check());
    }

    /** A round trip of a default would prove nothing: it might have been left out on both ways. */
    private static void differs(String path, JsonObject json, JsonObject defaults) {
        for (String name : defaults.fieldNames()) {
            assertThat(json.getValue(name)).as(path + name).isNotEqualTo(defaults.getValue(name));
        }
    }

    @Test
    @DisplayName("names of choices are read in any case, as the constants are written in code")
    void choices() {
        ChannelOptions read =
                new ChannelOptions(new JsonObject().put("publish", "ANYONE").put("slowConsumer", "Drop_Oldest"));
        assertThat(read.publish()).isEqualTo(ChannelOptions.Publishers.ANYONE);
        assertThat(read.slowConsumer()).isEqualTo(SlowConsumerPolicy.DROP_OLDEST);
    }

    static Stream<Arguments> wrongJson() {
        return Stream.of(
                Arguments.of("port", "8080"),
                Arguments.of("port", 1.5),
                Arguments.of("port", 1L << 40),
                Arguments.of("name", 5),
                Arguments.of("name", " "),
                Arguments.of("allowAnonymous", "yes"),
                Arguments.of("transports", "websocket"),
                Arguments.of("transports", new JsonArray()),
                Arguments.of("transports", new JsonArray().add(1)),
                Arguments.of("origins", new JsonArray().add(new JsonObject())),
                Arguments.of("session", 1),
                Arguments.of("session", new JsonObject().put("rate", 100)),
                Arguments.of("namespaces", new JsonArray()),
                Arguments.of("namespaces", new JsonObject().put("chat", 5)),
                Arguments.of("channel", new JsonObject().put("publish", "everyone")),
                Arguments.of("channel", new JsonObject().put("slowConsumer", true)),
                Arguments.of("channel", new JsonObject().put("historyAgeMs", Long.MAX_VALUE)),
                Arguments.of("eventBus", new JsonObject().put("address", "")),
                Arguments.of("eventBus", new JsonObject().put("requests", "orders.*")),
                Arguments.of("limits", proxies("example.com")),
                Arguments.of("limits", proxies("10.0.0.0/33")),
                Arguments.of("limits", proxies("10.0.0/8")),
                Arguments.of("limits", proxies("fd00::/129")),
                Arguments.of("auth", new JsonObject().put("cookie", "a b")),
                Arguments.of("auth", new JsonObject().put("query", "channel")),
                Arguments.of("auth", new JsonObject().put("jwt", new JsonObject().put("keys", "secret"))),
                Arguments.of(
                        "auth",
                        new JsonObject().put("jwt", new JsonObject().put("keys", new JsonArray().add("secret")))),
                Arguments.of("path", "realtime"),
                Arguments.of("path", "/realtime/"),
                Arguments.of("path", "/"),
                Arguments.of("path", "/real time"));
    }

    private static JsonObject proxies(String proxy) {
        return new JsonObject().put("address", new JsonObject().put("trustedProxies", new JsonArray().add(proxy)));
    }

    @ParameterizedTest
    @MethodSource("wrongJson")
    @DisplayName("an impossible value is refused with a sentence")
    void refusesValues(String name, Object value) {
        assertRefused(() -> new RealtimeOptions(new JsonObject().put(name, value)));
    }

    @Test
    @DisplayName("null is refused where it is set, not where it would be used")
    @SuppressWarnings("NullAway")
    void refusesNull() {
        assertRefused(() -> new RealtimeOptions().host(null));
        assertRefused(() -> new RealtimeOptions().session(null));
        assertRefused(() -> new SessionOptions().grace(null));
        assertRefused(() -> new SessionOptions().rate(null));
        assertRefused(() -> new ChannelOptions().publish(null));
        assertRefused(() -> new EventBusOptions().address(null));
        assertRefused(() -> new AuthOptions().jwt(null));
        assertRefused(() -> new JwtOptions().leeway(null));
    }

    @Test
    @DisplayName("a time that no number of milliseconds holds is refused as any that is too long")
    void refusesEternity() {
        assertRefused(() -> new SessionOptions().grace(Duration.ofSeconds(Long.MAX_VALUE)));
        assertRefused(() -> new ChannelOptions().historyAge(Duration.ofSeconds(Long.MIN_VALUE)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "a b", "ä"})
    @DisplayName("what cannot be a namespace is refused")
    void refusesNamespaces(String name) {
        assertThatThrownBy(() -> new RealtimeOptions().namespace(name, new ChannelOptions()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("namespace")
                .hasMessageEndingWith(".");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "session",
                "session.rate",
                "auth",
                "auth.jwt",
                "limits",
                "limits.address",
                "limits.overload",
                "eventBus",
                "channel",
                "namespaces.chat"
            })
    @DisplayName("an unknown name is refused, with those that there are, at any depth")
    void refusesUnknownNames(String where) {
        JsonObject json = new JsonObject();
        JsonObject at = json;
        for (String step : where.isEmpty() ? new String[0] : where.split("\\.")) {
            JsonObject next = new JsonObject();
            at.put(step, next);
            at = next;
        }
        at.put("colour", "red");
        assertThatThrownBy(() -> new RealtimeOptions(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"colour\"")
                .hasMessageMatching(".*\\[[a-z].*, .*\\]\\.");
    }

    @Test
    @DisplayName("who must show a token cannot be anonymous, and tokens need a key")
    void refusesContradictoryAuthentication() {
        AuthOptions strict = new AuthOptions().requireHandshakeToken(true);
        assertRefused(
                () -> new RealtimeOptions().allowAnonymous(true).auth(strict).check());
        assertRefused(() -> new RealtimeOptions()
                .auth(new AuthOptions().jwt(new JwtOptions().audience(List.of("chat"))))
                .check());
        new RealtimeOptions().auth(strict).check();
    }

    @Test
    @DisplayName("what contradicts itself is refused when an engine is made, or when checked")
    void refusesContradictions() {
        List<Consumer<SessionOptions>> contradictions = List.of(
                session -> session.frame(session.window() + 1).post(session.window() + 1),
                session -> session.window(session.outbox() + 1),
                session -> session.frame(session.post() + 1).window(session.outbox()),
                session -> session.rate(new RateLimit(100, 200, 1000, session.frame() - 1, 100)));
        for (Consumer<SessionOptions> contradiction : contradictions) {
            SessionOptions session = new SessionOptions();
            contradiction.accept(session);
            assertRefused(() -> new RealtimeOptions().session(session).check());
        }
        assertThat(new RealtimeOptions().check()).isNotNull();
        // A certificate is given in one way, which is one too few to be unusual in all.
        assertThat(unusual().tls(new TlsOptions()).allowAnonymous(false).check())
                .isNotNull();
    }

    private static void assertRefused(Runnable attempt) {
        assertThatThrownBy(attempt::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must")
                .hasMessageEndingWith(".");
    }
}
