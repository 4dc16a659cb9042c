package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.Authorizer;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.RealtimeVerticle;
import dev.polywire.conformance.Attached;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deploying the engine as a verticle. */
class VerticleTest {
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

    private static JsonObject json(int port) {
        return new JsonObject()
                .put("host", "127.0.0.1")
                .put("port", port)
                .put("allowAnonymous", true)
                .put(
                        "namespaces",
                        new JsonObject()
                                .put(
                                        "chat",
                                        new JsonObject()
                                                .put("publish", "subscribers")
                                                .put("historySize", 10)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("deployed by class name from JSON, instances share the port and one engine")
    void instancesShareOneEngine(String wire) throws IOException {
        int port = freePort();
        Await.get(
                "the deployment",
                wires.vertx.deployVerticle(
                        RealtimeVerticle.class.getName(),
                        new DeploymentOptions().setInstances(2).setConfig(json(port))));
        // Connections are dealt to the instances in turn: four clients meet both, and all hear each other.
        List<ReferenceClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            ReferenceClient client = wires.client(wire, port);
            client.connect();
            client.ask(Wires.subscribe("s", "chat:1"));
            clients.add(client);
        }
        clients.get(0).ask(Wires.publish("p", "chat:1", "hello"));
        for (ReferenceClient client : clients) {
            client.await("the message", frame -> "hello".equals(frame.getValue("payload")));
        }
    }

    @Test
    @DisplayName("R40: undeploying says bye with 1012 restart to every client, of every instance")
    void undeployingSaysBye() throws IOException {
        int port = freePort();
        String id = Await.get(
                "the deployment",
                wires.vertx.deployVerticle(
                        RealtimeVerticle.class.getName(),
                        new DeploymentOptions().setInstances(2).setConfig(json(port))));
        List<ReferenceClient> clients = new ArrayList<>();
        for (String wire : List.of("websocket", "websocket", "sse", "sse", "longpoll", "longpoll")) {
            ReferenceClient client = wires.client(wire, port);
            client.connect();
            clients.add(client);
        }
        Await.get("the end", wires.vertx.undeploy(id));
        for (ReferenceClient client : clients) {
            if (client.driver().name().equals("longpoll")) {
                // A client that is between two polls has no connection to be told on; its next poll finds nobody.
                Await.until("the end of polling", () -> {
                    Attached newest = client.newest();
                    return !byes(client).isEmpty() || (newest != null && newest.over());
                });
            } else {
                Await.until(
                        "bye on " + client.driver().name(), () -> !byes(client).isEmpty());
            }
            for (JsonObject bye : byes(client)) {
                assertThat(bye.getInteger("code")).isEqualTo(1012);
                assertThat(bye.getString("reconnect")).isEqualTo("new");
            }
        }
        // The name is free again, and so is the port.
        Await.get(
                "the next deployment",
                wires.vertx.deployVerticle(
                        RealtimeVerticle.class.getName(), new DeploymentOptions().setConfig(json(port))));
        wires.client("websocket", port).connect();
    }

    private static List<JsonObject> byes(ReferenceClient client) {
        return client.controls().stream()
                .filter(frame -> "bye".equals(frame.getString("type")))
                .toList();
    }

    @Test
    @DisplayName("an engine made in code serves through its verticle")
    void deploysAnEngineMadeInCode() throws IOException {
        int port = freePort();
        Realtime realtime = Realtime.create(
                wires.vertx, new RealtimeOptions().host("127.0.0.1").port(port).allowAnonymous(true));
        Await.get("the deployment", wires.vertx.deployVerticle(realtime.verticle(), new DeploymentOptions()));
        wires.client("sse", port).connect();
        Await.until("a session", () -> realtime.sessions().all().size() == 1);
        assertThat(realtime.stats().getJsonObject("sessionsByTransport").getInteger("sse"))
                .isEqualTo(1);
    }

    @Test
    @DisplayName("a port in use fails the deployment, and leaves nothing behind")
    void portInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            DeploymentOptions options = new DeploymentOptions().setConfig(json(taken.getLocalPort()));
            assertThatThrownBy(() -> Await.get(
                            "the deployment", wires.vertx.deployVerticle(RealtimeVerticle.class.getName(), options)))
                    .hasStackTraceContaining("in use");
        }
        int port = freePort();
        Await.get(
                "the deployment",
                wires.vertx.deployVerticle(
                        RealtimeVerticle.class.getName(), new DeploymentOptions().setConfig(json(port))));
        wires.client("websocket", port).connect();
    }

    @ParameterizedTest
    @ValueSource(strings = {"WORKER"})
    @DisplayName("other threading models are refused with a sentence")
    void refusesWorkers(String model) {
        DeploymentOptions options = new DeploymentOptions()
                .setThreadingModel(ThreadingModel.valueOf(model))
                .setConfig(json(0));
        assertThatThrownBy(() -> Await.get(
                        "the deployment", wires.vertx.deployVerticle(RealtimeVerticle.class.getName(), options)))
                .hasStackTraceContaining("must be deployed on event loops");
    }

    @Test
    @DisplayName("without an Authenticator or allowAnonymous it does not start, and names both")
    void refusesToStartOpen() {
        assertThatThrownBy(() -> Await.get(
                        "the deployment",
                        wires.vertx.deployVerticle(
                                RealtimeVerticle.class.getName(),
                                new DeploymentOptions().setConfig(new JsonObject().put("port", 0)))))
                .hasStackTraceContaining("Authenticator")
                .hasStackTraceContaining("allowAnonymous");
    }

    @Test
    @DisplayName("an unknown or impossible option is refused with what would be right")
    void refusesBadOptions() {
        for (JsonObject bad : List.of(
                json(0).put("colour", "red"),
                json(0).put("port", 70000),
                json(0).put("transports", new JsonArray().add("pigeon")),
                json(0).put("session", new JsonObject().put("frame", 2 * 1024 * 1024)))) {
            assertThatThrownBy(() -> Await.get(
                            "the deployment",
                            wires.vertx.deployVerticle(
                                    RealtimeVerticle.class.getName(), new DeploymentOptions().setConfig(bad))))
                    .hasStackTraceContaining("must");
        }
    }

    @Test
    @DisplayName("a second deployment of the same name with other options is refused, not served with the first one's")
    void refusesOtherOptionsForTheSameEngine() throws IOException {
        int port = freePort();
        Await.get(
                "the deployment",
                wires.vertx.deployVerticle(
                        RealtimeVerticle.class.getName(), new DeploymentOptions().setConfig(json(port))));
        Await.get(
                "more of the same",
                wires.vertx.deployVerticle(
                        RealtimeVerticle.class.getName(), new DeploymentOptions().setConfig(json(port))));
        JsonObject other = json(port).put("path", "/other");
        assertThatThrownBy(() -> Await.get(
                        "the deployment",
                        wires.vertx.deployVerticle(
                                RealtimeVerticle.class.getName(), new DeploymentOptions().setConfig(other))))
                .hasStackTraceContaining("with other options");
        Await.get(
                "another engine",
                wires.vertx.deployVerticle(
                        RealtimeVerticle.class.getName(),
                        new DeploymentOptions().setConfig(other.put("name", "second"))));
    }

    @Test
    @DisplayName("a rule that is set after mounting is refused: it would never be asked")
    void refusesRulesThatComeTooLate() {
        Realtime realtime = Realtime.create(wires.vertx, new RealtimeOptions().allowAnonymous(true));
        realtime.mount(Router.router(wires.vertx));
        assertThatThrownBy(() -> realtime.authenticator((token, who) -> Future.failedFuture("no")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("before");
        assertThatThrownBy(() -> realtime.authorizer(Authorizer.ALLOW_ALL)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest(name = "native sockets: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("a port that is taken fails the deployment with a sentence, and nothing stays behind")
    void aPortThatIsTaken(boolean nativeSockets) throws IOException {
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(nativeSockets));
        try {
            DeploymentOptions deployment = new DeploymentOptions().setInstances(2);
            int port;
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = taken.getLocalPort();
                deployment.setConfig(json(port));
                assertThatThrownBy(() -> Await.get(
                                "the deployment", vertx.deployVerticle(RealtimeVerticle.class.getName(), deployment)))
                        .hasStackTraceContaining("RealtimeVerticle cannot listen on port " + port + " of 127.0.0.1")
                        .hasStackTraceContaining("in use");
            }
            assertThat(vertx.deploymentIDs()).isEmpty();
            // Nor does an engine of that name with these options: another one takes its place.
            deployment.setConfig(json(port).put("session", new JsonObject().put("heartbeatMs", 20_000)));
            Await.get("the next deployment", vertx.deployVerticle(RealtimeVerticle.class.getName(), deployment));
        } finally {
            Await.get("the end of Vert.x", vertx.close());
        }
    }
}
