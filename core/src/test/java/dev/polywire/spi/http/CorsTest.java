package dev.polywire.spi.http;

import static dev.polywire.testing.RecordingGateway.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.spi.Handshake;
import dev.polywire.testing.RecordingGateway;
import dev.polywire.testing.TestServer;
import dev.polywire.testing.TestServer.Reply;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.auth.User;
import io.vertx.ext.web.impl.UserContextInternal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which origins may do what. */
class CorsTest {
    private final RecordingGateway gateway = new RecordingGateway();
    private @Nullable TestServer started;

    @AfterEach
    void stop() {
        if (started != null) {
            started.close();
        }
    }

    private TestServer server(String... origins) {
        gateway.options.origins(List.of(origins));
        TestServer server = TestServer.start(gateway, SendEndpoint::mount);
        started = server;
        return server;
    }

    private static Reply from(TestServer server, String origin) {
        return server.post("/send", "[]", "Origin", origin, "Cookie", "id=1");
    }

    @Test
    void allowsTheSameOriginAndNoneByDefault() {
        TestServer server = server();
        assertThat(server.post("/send", "[]").status()).isEqualTo(200);
        assertThat(from(server, "http://127.0.0.1:" + server.port()).status()).isEqualTo(200);
        assertThat(from(server, "https://127.0.0.1:" + server.port()).status()).isEqualTo(200);
        Reply other = from(server, "http://127.0.0.1:1");
        assertThat(other.status()).isEqualTo(403);
        assertThat(other.code()).isEqualTo("policy");
        assertThat(other.headers().contains("Access-Control-Allow-Origin")).isFalse();
        assertThat(from(server, "null").status()).isEqualTo(403);
        assertThat(gateway.posts).hasSize(3);
    }

    @Test
    void ignoresTheUsualPort() {
        TestServer server = server();
        for (String[] same : new String[][] {
            {"https://example.com", "example.com"},
            {"https://example.com", "example.com:443"},
            {"http://example.com", "Example.com:80"},
            {"http://[::1]", "[::1]:80"}
        }) {
            assertThat(server.post("/send", "[]", "Host", same[1], "Origin", same[0])
                            .status())
                    .as(same[0] + " at " + same[1])
                    .isEqualTo(200);
        }
        assertThat(server.post("/send", "[]", "Host", "example.com", "Origin", "https://example.com.evil.net")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void allowsOriginsThatAreNamed() {
        TestServer server = server("https://example.com", "https://*.example.org:8443");
        Reply named = from(server, "https://example.com");
        assertThat(named.status()).isEqualTo(200);
        assertThat(named.headers().get("Access-Control-Allow-Origin")).isEqualTo("https://example.com");
        assertThat(named.headers().get("Access-Control-Allow-Credentials")).isEqualTo("true");
        assertThat(named.headers().get("Vary")).isEqualTo("Origin");
        assertThat(from(server, "https://a.b.example.org:8443").status()).isEqualTo(200);
        for (String not : new String[] {
            "http://example.com",
            "https://example.com:444",
            "https://example.org:8443",
            "https://.example.org:8443",
            "https://a.example.org",
            "https://evil.net/.example.org:8443",
            "https://evilexample.org:8443"
        }) {
            assertThat(from(server, not).status()).as(not).isEqualTo(403);
        }
    }

    @Test
    void letsAnyoneInWithoutCredentialsIfToldTo() {
        TestServer server = server("*");
        Reply reply = from(server, "https://anywhere.example");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers().get("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(reply.headers().contains("Access-Control-Allow-Credentials")).isFalse();
        Handshake who = next(gateway.posts);
        assertThat(who.headers().contains("Cookie")).isFalse();
        from(server, "http://127.0.0.1:" + server.port());
        assertThat(next(gateway.posts).headers().contains("Cookie")).isTrue();
    }

    @Test
    void believesNoCookieWithoutAnOrigin() {
        TestServer server = server("https://example.com");
        Reply reply = server.post("/send", "[]", "Cookie", "id=1");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(next(gateway.posts).headers().contains("Cookie")).isFalse();
        // What the browser vouches for is as good as an origin, and what it says is from elsewhere has none that may.
        server.post("/send", "[]", "Cookie", "id=1", "Sec-Fetch-Site", "same-origin");
        assertThat(next(gateway.posts).headers().contains("Cookie")).isTrue();
        for (String elsewhere : new String[] {"cross-site", "same-site", "none", "new"}) {
            server.post("/send", "[]", "Cookie", "id=1", "Sec-Fetch-Site", elsewhere);
            assertThat(next(gateway.posts).headers().contains("Cookie"))
                    .as(elsewhere)
                    .isFalse();
        }
        // No page can send this header elsewhere unasked, and polls over plain HTTP state neither of the others.
        server.post("/send", "[]", "Cookie", "id=1", "Polywire-Session", "s", "Polywire-Secret", "x");
        assertThat(next(gateway.posts).headers().contains("Cookie")).isTrue();
        // A foreign origin stays foreign whatever else is said.
        assertThat(server.post("/send", "[]", "Origin", "https://evil.net", "Sec-Fetch-Site", "same-origin")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void believesNoUserOfTheHostThatMayHaveComeByACookieAlone() {
        TestServer server = TestServer.start(
                new HttpServerOptions(),
                host -> host.route().handler(context -> {
                    ((UserContextInternal) context.userContext()).setUser(User.fromName("ada"));
                    context.next();
                }),
                router -> SendEndpoint.mount(router, gateway));
        started = server;
        String same = "http://127.0.0.1:" + server.port();
        server.post("/send", "[]", "Cookie", "id=1", "Origin", same);
        assertThat(next(gateway.posts).user()).isNotNull();
        server.post("/send", "[]", "Cookie", "id=1");
        assertThat(next(gateway.posts).user()).isNull();
        server.post("/send", "[]");
        assertThat(next(gateway.posts).user()).isNotNull();
        server.post("/send", "[]", "Cookie", "id=1", "Authorization", "Bearer x");
        assertThat(next(gateway.posts).user()).isNotNull();
    }

    @Test
    void saysOnEveryReplyThatItDependsOnTheOriginAndIsNoPage() {
        TestServer server = server("https://example.com");
        for (Reply reply : List.of(
                server.post("/send", "[]"),
                from(server, "https://example.com"),
                from(server, "https://evil.net"),
                server.get("/send"),
                server.request(HttpMethod.POST, "/send", Buffer.buffer("[]"), "Content-Type", "text/plain"),
                server.request(HttpMethod.OPTIONS, "/send", Buffer.buffer(), "Origin", "https://example.com"))) {
            assertThat(reply.headers().getAll("Vary")).as(reply.body()).contains("Origin");
            if (reply.status() != 204) {
                assertThat(reply.headers().get("X-Content-Type-Options")).isEqualTo("nosniff");
                assertThat(reply.headers().get("Cache-Control")).isEqualTo("no-store");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "text/plain; application/json",
                "text/plain;x=application/json",
                ""
            })
    void takesNothingThatAPageMaySendWithoutAsking(String type) {
        // Requests of these kinds are sent by any page without a preflight, so no answer of ours could keep one away.
        TestServer server = server();
        Reply reply = server.request(HttpMethod.POST, "/send", Buffer.buffer("[]"), "Content-Type", type);
        assertThat(reply.status()).isEqualTo(415);
        assertThat(gateway.posts).isEmpty();
    }

    @Test
    void answersPreflights() {
        TestServer server = server("https://example.com");
        Reply yes = server.request(
                HttpMethod.OPTIONS,
                "/send",
                Buffer.buffer(),
                "Origin",
                "https://example.com",
                "Access-Control-Request-Method",
                "POST");
        assertThat(yes.status()).isEqualTo(204);
        assertThat(yes.headers().get("Access-Control-Allow-Methods")).isEqualTo("POST, OPTIONS");
        assertThat(yes.headers().get("Access-Control-Allow-Headers"))
                .contains("Polywire-Secret", "Polywire-First", "Authorization", "Content-Type");
        assertThat(yes.headers().get("Access-Control-Max-Age")).isEqualTo("7200");
        Reply no = server.request(HttpMethod.OPTIONS, "/send", Buffer.buffer(), "Origin", "https://evil.net");
        assertThat(no.status()).isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.com", "https://example.com/", "https://*", "https://a.*.com", "*.example.com", ""})
    void refusesWhatIsNoOrigin(String origin) {
        assertThatThrownBy(() -> new Cors(List.of(origin))).isInstanceOf(IllegalArgumentException.class);
    }
}
