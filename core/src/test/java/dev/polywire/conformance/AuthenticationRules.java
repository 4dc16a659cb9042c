package dev.polywire.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.ClientDriver.Answer;
import dev.polywire.conformance.ClientDriver.Extra;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who somebody is, and where the token may stand that says so: the same on every wire. */
abstract class AuthenticationRules extends ConformanceGroup {
    private static final String ANN = "user:ann";

    AuthenticationRules(TransportKit kit) {
        super(kit);
    }

    private KitServer strict(Consumer<RealtimeOptions> change) {
        return optioned(true, options -> change.accept(options.allowAnonymous(false)));
    }

    private Attached knock(Map<String, String> headers, String query, @Nullable String token) {
        JsonObject hello =
                Frames.of("hello").put("versions", new JsonArray().add(1)).put("client", "0123456789abcdef");
        Buffer first = (token == null ? hello : hello.put("token", token)).toBuffer();
        return connection(new ClientDriver.Opening(first, null, -1, new Extra(headers, query)));
    }

    private static void assertUser(@Nullable String user, Attached attached) {
        assertEquals(user, attached.welcome().getString("user"));
    }

    private void assertRefused(KitServer server, Attached attached) {
        assertEquals("unauthenticated", attached.reason());
        OpeningRules.assertClosed(attached, 4001, 401);
        assertTrue(server.opened().isEmpty(), "nobody got in");
    }

    private String origin(KitServer server) {
        return "http://127.0.0.1:" + server.port();
    }

    @Test
    @DisplayName("R70 without credentials nobody gets in unless anonymous access is on")
    void nobody() {
        KitServer server = strict(options -> {});
        assertRefused(server, knock(Map.of(), "", null));
        assertRefused(server, knock(Map.of(), "", "user"));
        assertRefused(server, knock(Map.of("Authorization", "Basic dXNlcjphbm4="), "", null));
    }

    @Test
    @DisplayName(
            "R70 what is no token at all is told to be none, and one that cannot be looked at now, when to come again")
    void told() {
        KitServer server = strict(options -> {});
        Attached garbled = knock(Map.of(), "", "garbled");
        assertEquals("invalid_token", garbled.reason());
        OpeningRules.assertClosed(garbled, 4002, 401);
        Attached later = knock(Map.of(), "", "later");
        assertEquals("unavailable", later.reason());
        assertEquals(1500, later.refusal().getInteger("retryAfter"));
        OpeningRules.assertClosed(later, 1013, 503);
        assertTrue(server.opened().isEmpty());
    }

    @Test
    @DisplayName("R71 a bearer token in the header says who it is, and one in hello goes before it")
    void header() {
        strict(options -> {});
        Map<String, String> bearer = Map.of("Authorization", "Bearer " + ANN);
        assertUser("ann", knock(bearer, "", null));
        assertUser("bob", knock(bearer, "", "user:bob"));
        assertEquals("unauthenticated", knock(bearer, "", "bad").reason());
    }

    @Test
    @DisplayName("R71 a token in the URL counts only where that was switched on")
    void query() {
        KitServer off = strict(options -> {});
        assertRefused(off, knock(Map.of(), "access_token=" + ANN + "&token=" + ANN, null));
        off.close();
        strict(options -> options.auth().query("access_token"));
        assertUser("ann", knock(Map.of(), "access_token=" + ANN, null));
        assertEquals(
                "unauthenticated",
                knock(Map.of(), "access_token=&token=" + ANN, null).reason());
    }

    @Test
    @DisplayName("R72 a cookie counts only under its configured name, and only from a page that may")
    void cookie() {
        KitServer server = strict(options -> options.auth().cookie("sid"));
        String own = origin(server);
        assertRefused(server, knock(Map.of("Cookie", "sid=" + ANN), "", null));
        assertRefused(server, knock(Map.of("Cookie", "other=" + ANN, "Origin", own), "", null));
        assertRefused(server, knock(Map.of("Cookie", "sid=", "Origin", own), "", null));
        Attached foreign = knock(Map.of("Cookie", "sid=" + ANN, "Origin", "https://evil.example"), "", null);
        assertEquals(403, foreign.end().code());
        Attached sandboxed = knock(Map.of("Cookie", "sid=" + ANN, "Origin", "null"), "", null);
        assertEquals(403, sandboxed.end().code());
        assertTrue(server.opened().isEmpty());
        assertUser("ann", knock(Map.of("Cookie", "a=b; sid=" + ANN, "Origin", own), "", null));
    }

    @Test
    @DisplayName("R72 a cookie does not count without being configured, nor where any origin may connect")
    void cookieOff() {
        KitServer off = strict(options -> {});
        assertRefused(off, knock(Map.of("Cookie", "sid=" + ANN, "Origin", origin(off)), "", null));
        off.close();
        KitServer any = strict(options -> options.origins(List.of("*")).auth().cookie("sid"));
        assertRefused(any, knock(Map.of("Cookie", "sid=" + ANN, "Origin", "https://any.example"), "", null));
    }

    @RuleTest(RuleTest.On.DUPLEX)
    @DisplayName("R71 a subprotocol may carry the token, and is never chosen")
    void subprotocol() {
        strict(options -> {});
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(ANN.getBytes(StandardCharsets.UTF_8));
        assertUser("ann", knock(Map.of("Sec-WebSocket-Protocol", "polywire.token." + encoded), "", null));
        assertEquals(
                "unauthenticated",
                knock(Map.of("Sec-WebSocket-Protocol", "polywire.token.~"), "", null)
                        .reason());
    }

    @Test
    @DisplayName("R74 where credentials must come with the request, a connection without them is not even opened")
    void required() {
        KitServer server = strict(options -> options.auth().requireHandshakeToken(true));
        for (Map<String, String> headers : List.of(
                Map.<String, String>of(), Map.of("Authorization", "Bearer bad"), Map.of("Authorization", "Bearer "))) {
            Attached attached = knock(headers, "", null);
            assertEquals(401, attached.end().code());
            assertEquals("unauthenticated", attached.reason());
        }
        assertEquals(
                401,
                knock(Map.of("Authorization", "Bearer garbled"), "", null).end().code());
        assertTrue(server.opened().isEmpty());
        assertUser("ann", knock(Map.of("Authorization", "Bearer " + ANN), "", null));
    }

    @RuleTest(RuleTest.On.DUPLEX)
    @DisplayName("R74 where credentials must come with the request, hello is too late for them")
    void tooLate() {
        strict(options -> options.auth().requireHandshakeToken(true));
        assertEquals(401, knock(Map.of(), "", ANN).end().code());
    }

    // ---- tickets ---------------------------------------------------------------------------------------------------

    private Answer post(KitServer server, Map<String, String> headers) {
        try (Poster poster = new Poster(vertx(), server.port())) {
            return poster.request(
                    HttpMethod.POST,
                    "/ticket",
                    MultiMap.caseInsensitiveMultiMap().addAll(headers));
        }
    }

    private String ticket(KitServer server, String token) {
        Answer answer = post(server, Map.of("Authorization", "Bearer " + token));
        assertEquals(200, answer.status(), answer::body);
        JsonObject reply = new JsonObject(answer.body());
        assertEquals(30_000, reply.getInteger("expiresIn"));
        assertFalse(reply.getString("ticket").contains("ann"));
        return "ticket=" + URLEncoder.encode(reply.getString("ticket"), StandardCharsets.UTF_8);
    }

    @Test
    @DisplayName("R73 a ticket opens one connection of whom it was handed out to, and no second one")
    void ticketOnce() {
        KitServer server = strict(options -> {});
        String ticket = ticket(server, ANN);
        assertUser("ann", knock(Map.of(), ticket, null));
        assertEquals("unauthenticated", knock(Map.of(), ticket, null).reason());
        assertEquals(1, server.opened().size());
    }

    @Test
    @DisplayName("R73 a ticket holds for a moment only")
    void ticketExpires() {
        KitServer server = strict(options -> {});
        String late = ticket(server, ANN);
        server.advance(30_000);
        assertRefused(server, knock(Map.of(), late, null));
    }

    @Test
    @DisplayName("R73 a made-up ticket is refused, also where anonymous access is on")
    void ticketForged() {
        KitServer server = server();
        for (String forged : List.of("ticket=", "ticket=x", "ticket=pwt_AAAAAAAAAAAAAAAAAAAAAA", "ticket=" + ANN)) {
            assertRefused(server, knock(Map.of(), forged, null));
        }
    }

    @Test
    @DisplayName("R73 nobody in particular gets no ticket, nor who has only a ticket, and there are so many")
    void ticketRefused() {
        KitServer server = optioned(true, options -> options.auth().tickets(2).cookie("sid"));
        assertEquals(401, post(server, Map.of()).status());
        assertEquals(401, post(server, Map.of("Authorization", "Bearer bad")).status());
        assertEquals(401, post(server, Map.of("Cookie", "sid=" + ANN)).status());
        assertEquals(
                403,
                post(server, Map.of("Cookie", "sid=" + ANN, "Origin", "https://evil.example"))
                        .status());
        assertEquals(
                200,
                post(server, Map.of("Cookie", "sid=" + ANN, "Origin", origin(server)))
                        .status());
        String second = ticket(server, ANN);
        assertEquals(
                401,
                post(server, Map.of("Authorization", "Bearer " + second.substring(7)))
                        .status());
        for (int more = 2 * (server.size() - 1); more > 0; more--) {
            // Each node has so many.
            ticket(server, ANN);
        }
        Answer full = post(server, Map.of("Authorization", "Bearer " + ANN));
        assertEquals(503, full.status());
        assertEquals("unavailable", new JsonObject(full.body()).getString("code"));
        server.advance(Duration.ofSeconds(30).toMillis());
        ticket(server, ANN);
    }

    @RuleTest(RuleTest.On.POSTING)
    @DisplayName("R73 a ticket opens a bare read")
    void ticketBare() {
        KitServer server = strict(options -> {});
        String path = driver().streams() ? "/sse" : "/poll";
        String bare = path + "?channel=open:x&wait=0&";
        try (Poster poster = new Poster(vertx(), server.port())) {
            assertEquals(401, poster.status(bare));
            String ticket = ticket(server, ANN);
            assertEquals(200, poster.status(bare + ticket));
            assertEquals(401, poster.status(bare + ticket));
        }
    }

    @Test
    @DisplayName("R73 where tickets are switched off, there is no such endpoint")
    void ticketsOff() {
        KitServer server = strict(options -> options.auth().tickets(0));
        assertEquals(404, post(server, Map.of("Authorization", "Bearer " + ANN)).status());
        assertNull(server.find("none"));
    }
}
