package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.AuthOptions;
import dev.polywire.JwtKey;
import dev.polywire.JwtOptions;
import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.RealtimeVerticle;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON Web Tokens by the options alone, as a server that is only configured has them. */
class JwtVerticleTest {
    private static final String SECRET = "a secret of more than thirty-two bytes";

    private final Wires wires = new Wires();

    @AfterEach
    void close() {
        wires.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private String token(String user, int seconds) {
        return token(new JsonObject().put("sub", user).put("role", "editor"), seconds);
    }

    private String token(JsonObject claims, int seconds) {
        JWTAuth signer = JWTAuth.create(
                wires.vertx,
                new JWTAuthOptions()
                        .addPubSecKey(
                                new PubSecKeyOptions().setAlgorithm("HS256").setBuffer(SECRET)));
        long end = System.currentTimeMillis() / 1000 + seconds;
        return signer.generateToken(claims.put("exp", end), new JWTOptions().setAlgorithm("HS256"));
    }

    private static JsonObject json(int port, JsonObject jwt) {
        return new JsonObject()
                .put("host", "127.0.0.1")
                .put("port", port)
                .put("auth", new JsonObject().put("jwt", jwt));
    }

    private static JsonObject secret(String secret) {
        return new JsonObject().put("keys", new JsonArray().add(new JsonObject().put("secret", secret)));
    }

    private Future<String> deploy(JsonObject config) {
        return wires.vertx.deployVerticle(
                RealtimeVerticle.class.getName(),
                new DeploymentOptions().setInstances(2).setConfig(config));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("a verticle deployed by class name with a key in its JSON lets in who has a token, and nobody else")
    void byClassName(String wire) throws IOException {
        int port = freePort();
        Await.get("the deployment", deploy(json(port, secret(SECRET))));
        ReferenceClient ann = wires.client(wire, port).token(token("ann", 60));
        assertThat(ann.connect().getString("user")).isEqualTo("ann");
        ReferenceClient nobody = wires.client(wire, port);
        assertThat(nobody.attach(nobody.driver()).reason()).isEqualTo("unauthenticated");
        ReferenceClient late = wires.client(wire, port).token(token("ann", -10));
        assertThat(late.attach(late.driver()).reason()).isEqualTo("unauthenticated");
        ReferenceClient garbled = wires.client(wire, port).token("garbled");
        assertThat(garbled.attach(garbled.driver()).reason()).isEqualTo("invalid_token");
    }

    @Test
    @DisplayName("R51: a token for a channel opens that channel, and no session, although it has the same key")
    void forAChannel() throws IOException {
        int port = freePort();
        JsonObject config = json(port, secret(SECRET))
                .put("namespaces", new JsonObject().put("shop", new JsonObject().put("subscribe", "token")));
        Await.get("the deployment", deploy(config));
        String forChannel = token(new JsonObject().put("sub", "ann").put("channel", "shop:1"), 60);
        ReferenceClient thief = wires.client("websocket", port).token(forChannel);
        assertThat(thief.attach(thief.driver()).reason()).isEqualTo("unauthenticated");
        ReferenceClient ann = wires.client("websocket", port).token(token("ann", 60));
        ann.connect();
        JsonObject subscribe =
                new JsonObject().put("type", "subscribe").put("id", "1").put("channels", new JsonArray().add("shop:1"));
        assertThat(ann.ask(subscribe).getString("code")).isEqualTo("forbidden");
        subscribe.put("id", "2").put("tokens", new JsonObject().put("shop:1", forChannel));
        assertThat(ann.ask(subscribe).getString("type")).isEqualTo("subscribed");
    }

    @Test
    @DisplayName("a verticle whose keys cannot be fetched, or be of use, is not deployed")
    void noKeys() throws IOException {
        JsonObject unreachable = new JsonObject().put("jwks", "http://127.0.0.1:" + freePort() + "/keys");
        refused(unreachable, "cannot be fetched");
        refused(secret("short"), "at least 32 bytes");
        refused(new JsonObject().put("issuer", "somebody"), "must have keys or jwks");
    }

    private void refused(JsonObject jwt, String why) throws IOException {
        Future<String> deployed = deploy(json(freePort(), jwt));
        assertThatThrownBy(() -> Await.get("a deployment", deployed)).hasStackTraceContaining(why);
    }

    @Test
    @DisplayName(
            "instances that wait for their keys each serve an event loop of their own, and end with the deployment")
    void fetched() throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        RSAPublicKey key = (RSAPublicKey) generator.generateKeyPair().getPublic();
        JsonObject jwk = new JsonObject()
                .put("kty", "RSA")
                .put("kid", "k")
                .put("n", part(key.getModulus().toByteArray()))
                .put("e", part(key.getPublicExponent().toByteArray()));
        HttpServer keys = Await.get(
                "a server of keys",
                wires.vertx
                        .createHttpServer()
                        .requestHandler(request -> request.response()
                                .end(new JsonObject()
                                        .put("keys", new JsonArray().add(jwk))
                                        .toBuffer()))
                        .listen(0, "127.0.0.1"));
        int port = freePort();
        JsonObject jwt = new JsonObject()
                .put("jwks", "http://127.0.0.1:" + keys.actualPort() + "/keys")
                .put("audience", new JsonArray().add("chat"));
        String id = Await.get("the deployment", deploy(json(port, jwt)));
        ReferenceClient forged = wires.client("sse", port).token(token("ann", 60));
        assertThat(forged.attach(forged.driver()).reason()).isEqualTo("unauthenticated");
        Await.get("the end", wires.vertx.undeploy(id).map(true));
        // The JDK lets go of a listening socket a moment later, when its selector comes round.
        Await.until("nobody listens any more", () -> !listens(port));
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    private static String part(byte[] number) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(number);
    }

    @Test
    @DisplayName("there is one authenticator, not two")
    void both() {
        RealtimeOptions options = new RealtimeOptions()
                .auth(new AuthOptions().jwt(new JwtOptions().keys(List.of(JwtKey.ofSecret(SECRET)))));
        Realtime realtime = Realtime.create(wires.vertx, options)
                .authenticator((token, who) -> Future.succeededFuture(Principal.of("x")));
        assertThatThrownBy(() -> realtime.mount(Router.router(wires.vertx))).hasMessageContaining("one Authenticator");
    }

    @Test
    @DisplayName("R71: a token that came in a subprotocol is not said back, and the protocol is chosen")
    void subprotocol() throws IOException {
        int port = freePort();
        JsonObject config = json(port, secret(SECRET));
        config.getJsonObject("auth").put("requireHandshakeToken", true);
        Await.get("the deployment", deploy(config));
        String encoded = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(token("ann", 60).getBytes(StandardCharsets.UTF_8));
        WebSocketClient client = wires.keep(wires.vertx.createWebSocketClient());
        WebSocket socket = Await.get(
                "a WebSocket",
                client.connect(new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setURI("/realtime/websocket")
                        .addSubProtocol("polywire.token." + encoded)
                        .addSubProtocol("polywire.1.json")));
        assertThat(socket.subProtocol()).isEqualTo("polywire.1.json");
        assertThat(socket.headers().toString()).doesNotContain(encoded);
    }
}
