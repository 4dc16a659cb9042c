package dev.polywire.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.RealtimeOptions;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages of other sites, which a browser lets send what they like, with the cookies of its user. */
class ForeignPageTest {
    private static final String HELLO = "{\"type\":\"hello\",\"versions\":[1]}";

    private final Prey prey = new Prey(new RealtimeOptions()
            .allowAnonymous(true)
            .origins(List.of("https://app.example.com", "https://*.example.org")));

    @AfterEach
    void close() {
        prey.close();
    }

    private String head(String request) throws IOException {
        try (RawPeer peer = new RawPeer(prey.port)) {
            return peer.write(request).head();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.net",
                "http://app.example.com",
                "https://app.example.com.evil.net",
                "https://app.example.com:8443",
                "https://evilapp.example.com",
                "https://example.org",
                "https://evilexample.org",
                "https://localhost.evil.net",
                "null",
                "file://",
                "",
                "https://evil.net, https://app.example.com"
            })
    @DisplayName("a WebSocket of another site is refused before the upgrade, and so is all else that it asks for")
    void refused(String origin) throws IOException {
        String header = "Origin: " + origin;
        for (String request : List.of(
                RawPeer.handshake(header, "Cookie: id=1"),
                RawPeer.request("POST /realtime/sse", HELLO, header),
                RawPeer.request("POST /realtime/poll", HELLO, header),
                RawPeer.request("POST /realtime/send", "[]", header),
                RawPeer.request("GET /realtime/poll?channel=room:1", "", header),
                RawPeer.request("GET /realtime/sse?channel=room:1", "", header),
                RawPeer.request("OPTIONS /realtime/sse", "", header, "Access-Control-Request-Method: POST"),
                RawPeer.request("GET /realtime", "", header))) {
            assertThat(head(request))
                    .startsWith("HTTP/1.1 403")
                    .containsIgnoringCase("vary: Origin")
                    .doesNotContainIgnoringCase("access-control-allow");
        }
        prey.unharmed();
        assertThat(prey.realtime.stats().getInteger("sessions")).isEqualTo(Prey.WIRES.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://app.example.com", "https://APP.example.com", "https://a.b.example.org"})
    @DisplayName("a page of a site that is named may connect on each wire, and read the answers")
    void allowed(String origin) throws IOException {
        String header = "Origin: " + origin;
        assertThat(head(RawPeer.handshake(header))).startsWith("HTTP/1.1 101");
        for (String request : List.of(
                RawPeer.request("POST /realtime/sse", HELLO, header),
                RawPeer.request("POST /realtime/poll", HELLO, header),
                RawPeer.request("GET /realtime", "", header))) {
            assertThat(head(request))
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("access-control-allow-origin: " + origin)
                    .containsIgnoringCase("vary: Origin");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sse", "/poll", "/send"})
    @DisplayName(
            "what a page may send anywhere without asking (a form, text) opens nothing, also when it comes without an origin")
    void forms(String path) throws IOException {
        for (String type :
                List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "")) {
            String request = RawPeer.request("POST /realtime" + path, HELLO)
                    .replace("Content-Type: application/json", type.isEmpty() ? "X: y" : "Content-Type: " + type);
            assertThat(head(request)).as(type).startsWith("HTTP/1.1 415");
        }
        assertThat(prey.realtime.stats().getInteger("sessions")).isEqualTo(Prey.WIRES.size());
    }

    @Test
    @DisplayName("each reply says that it depends on the origin and is no page, also errors and what is not there")
    void headers() throws IOException {
        for (String request : List.of(
                RawPeer.request("GET /realtime", ""),
                RawPeer.request("GET /realtime/client.js", ""),
                RawPeer.request("GET /realtime/nowhere", ""),
                RawPeer.request("GET /realtime/websocket", ""),
                RawPeer.request("GET /realtime/poll", ""),
                RawPeer.request("DELETE /realtime/send", ""),
                RawPeer.request("POST /realtime/sse", HELLO),
                RawPeer.request("POST /realtime/poll", "{"),
                RawPeer.request("GET /realtime/poll?wait=0&channel=room:1", ""),
                RawPeer.request("GET /realtime/sse?channel=room:1", ""))) {
            assertThat(head(request))
                    .as(request)
                    .containsIgnoringCase("vary: Origin")
                    .containsIgnoringCase("x-content-type-options: nosniff")
                    .doesNotContainIgnoringCase("\r\nserver:");
        }
    }
}
