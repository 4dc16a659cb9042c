package dev.polywire.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.ClientDriver;
import dev.polywire.conformance.LongPollDriver;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.SseDriver;
import dev.polywire.conformance.WebSocketDriver;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;

/** People who talk to a chat without a page. */
abstract class ChatPeople {
    private static final AtomicInteger IDS = new AtomicInteger();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final List<ReferenceClient> clients = new ArrayList<>();

    abstract Vertx vertx();

    abstract int port();

    @AfterEach
    void leave() {
        clients.forEach(ReferenceClient::close);
    }

    static String name(String base) {
        return base + IDS.incrementAndGet();
    }

    static String id() {
        return "message-" + IDS.incrementAndGet();
    }

    static JsonObject said(String id, String text) {
        return new JsonObject().put("id", id).put("text", text);
    }

    ReferenceClient person(String name, String wire) throws Exception {
        return person(name, wire, "password of " + name);
    }

    ReferenceClient person(String name, String wire, String password) throws Exception {
        ClientDriver driver = switch (wire) {
            case "websocket" -> new WebSocketDriver(vertx(), "127.0.0.1", port(), "/realtime");
            case "sse" -> new SseDriver(vertx(), "127.0.0.1", port(), "/realtime");
            default -> new LongPollDriver(vertx(), "127.0.0.1", port(), "/realtime");
        };
        HttpResponse<String> answer = signIn(name, password);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        ReferenceClient client =
                new ReferenceClient(vertx(), driver).token(new JsonObject(answer.body()).getString("token"));
        clients.add(client);
        client.connect();
        return client;
    }

    HttpResponse<String> signIn(String name, String password) throws Exception {
        return post(new JsonObject().put("name", name).put("password", password).encode());
    }

    HttpResponse<String> post(String body) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/api/sign-in"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    static JsonObject ask(ReferenceClient client, String type, JsonObject frame) {
        return client.ask(frame.put("type", type).put("id", "ask-" + IDS.incrementAndGet()));
    }

    static JsonObject subscribe(ReferenceClient client, String channel) {
        JsonObject answer = ask(client, "subscribe", new JsonObject().put("channels", new JsonArray().add(channel)));
        assertThat(answer.getString("type")).as(answer.encode()).isEqualTo("subscribed");
        return answer;
    }

    static JsonObject publish(ReferenceClient client, String channel, String event, JsonObject payload) {
        return ask(
                client,
                "publish",
                new JsonObject().put("channel", channel).put("event", event).put("payload", payload));
    }

    static JsonObject request(ReferenceClient client, String address, JsonObject payload) {
        JsonObject answer =
                ask(client, "request", new JsonObject().put("address", address).put("payload", payload));
        assertThat(answer.getString("type")).as(answer.encode()).isEqualTo("reply");
        return answer.getJsonObject("payload");
    }

    /** Waits for what subscribers get of a message. */
    static JsonObject event(ReferenceClient client, String event, String id) {
        return client.await(
                        event + " of " + id,
                        frame -> event.equals(frame.getString("event"))
                                && id.equals(frame.getJsonObject("payload").getString("id")))
                .getJsonObject("payload");
    }
}
