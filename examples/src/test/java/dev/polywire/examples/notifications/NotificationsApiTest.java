package dev.polywire.examples.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.RequestValidator;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The HTTP API and the document that describes it: what the one accepts, the other does, too, and every answer is as it says. The validator
 * stands as a server of its own beside the real one, and gets each request first.
 */
class NotificationsApiTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final HttpClient CLIENT = VERTX.createHttpClient();
    private static Notifications server;
    private static HttpServer validator;
    private static OpenAPIContract contract;
    private static String ada;
    private static String bob;

    private record Answer(int status, Map<String, String> headers, Buffer body) {
        JsonObject json() {
            return body.toJsonObject();
        }
    }

    @BeforeAll
    static void start() {
        server = Await.get("the server", Notifications.start(VERTX, DemoSettings.parse("--port", "0")));
        JsonObject document = request(server.port(), HttpMethod.GET, "/openapi.json", null, null)
                .json();
        contract = Await.get("the document", OpenAPIContract.from(VERTX, document));
        RequestValidator requests = RequestValidator.create(VERTX, contract);
        validator = Await.get(
                "the validator",
                VERTX.createHttpServer()
                        .requestHandler(request -> validate(requests, request))
                        .listen(0, "127.0.0.1"));
        ada = signIn("ada");
        bob = signIn("bob");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            Await.get("its end", server.close().map(true));
        }
        Await.get("the end", VERTX.close().map(true));
    }

    private static void validate(RequestValidator requests, HttpServerRequest request) {
        Operation operation = contract.findOperation(request.path(), request.method());
        if (operation == null) {
            request.response().setStatusCode(404).end();
            return;
        }
        requests.validate(request, operation.getOperationId())
                .onComplete(done -> request.response()
                        .setStatusCode(done.succeeded() ? 200 : 400)
                        .end(done.succeeded() ? "" : String.valueOf(done.cause().getMessage())));
    }

    @Test
    void itSendsToOneToManyAndToATopic() {
        assertThat(call(ada, "PUT", "/api/topics/Deploys", null).status()).isEqualTo(204);
        JsonObject one = call(bob, "POST", "/api/notifications", """
            {"to": "Ada", "title": "one", "body": "b", "link": "https://example.com", "severity": "warning", "key": "k", "ttl": 60}\
            """).json();
        assertThat(one.getJsonArray("recipients").getJsonObject(0).getString("user"))
                .isEqualTo("ada");
        assertThat(one.getJsonArray("recipients").getJsonObject(0).getBoolean("online"))
                .isFalse();
        JsonObject many = call(
                        bob, "POST", "/api/notifications", "{\"to\": [\"ada\", \"bob\", \"ADA\"], \"title\": \"many\"}")
                .json();
        assertThat(many.getJsonArray("recipients")).hasSize(2);
        JsonObject topic = call(bob, "POST", "/api/notifications", "{\"topic\": \"deploys\", \"title\": \"topic\"}")
                .json();
        assertThat(topic.getJsonArray("recipients")).hasSize(1);

        JsonObject inbox = call(ada, "GET", "/api/inbox", null).json();
        assertThat(inbox.getJsonArray("notifications").stream().map(item -> ((JsonObject) item).getString("title")))
                .containsExactly("topic", "many", "one");
        assertThat(inbox.getInteger("unread")).isEqualTo(3);
        String id = inbox.getJsonArray("notifications").getJsonObject(0).getString("id");
        String mark = new JsonObject()
                .put("ids", new JsonArray().add(id))
                .put("read", true)
                .encode();
        assertThat(call(ada, "POST", "/api/inbox/read", mark).status()).isEqualTo(204);
        assertThat(call(bob, "DELETE", "/api/inbox/" + id, null).status())
                .as("somebody else's")
                .isEqualTo(204);
        assertThat(call(ada, "GET", "/api/inbox", null).json().getInteger("unread"))
                .isEqualTo(2);
        assertThat(call(ada, "DELETE", "/api/inbox/" + id, null).status()).isEqualTo(204);
        assertThat(call(ada, "POST", "/api/inbox/read", "{\"all\": true, \"read\": true}")
                        .status())
                .isEqualTo(204);
        assertThat(call(ada, "DELETE", "/api/topics/deploys", null).status()).isEqualTo(204);
        assertThat(call(
                                ada,
                                "PUT",
                                "/api/quiet-hours",
                                "{\"on\": true, \"from\": \"22:00\", \"to\": \"07:00\", \"zone\": \"Europe/Berlin\"}")
                        .status())
                .isEqualTo(204);
        inbox = call(ada, "GET", "/api/inbox", null).json();
        assertThat(inbox.getJsonArray("notifications")).hasSize(2);
        assertThat(inbox.getInteger("unread")).isZero();
        assertThat(inbox.getJsonArray("topics")).isEmpty();
        assertThat(inbox.getJsonObject("quiet").getString("zone")).isEqualTo("Europe/Berlin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "{\"title\": \"t\"}",
                "{\"to\": \"ada\"}",
                "{\"to\": \"ada\", \"title\": \"\"}",
                "{\"to\": [], \"title\": \"t\"}",
                "{\"to\": 7, \"title\": \"t\"}",
                "{\"to\": [7], \"title\": \"t\"}",
                "{\"to\": \"ada\", \"topic\": \"deploys\", \"title\": \"t\"}",
                "{\"to\": \"ada\", \"title\": 7}",
                "{\"to\": \"ada\", \"title\": \"t\", \"body\": {}}",
                "{\"to\": \"ada\", \"title\": \"t\", \"severity\": \"high\"}",
                "{\"to\": \"ada\", \"title\": \"t\", \"ttl\": 0}",
                "{\"to\": \"ada\", \"title\": \"t\", \"ttl\": 1.5}",
                "{\"to\": \"ada\", \"title\": \"t\", \"ttl\": \"60\"}",
                "{\"to\": \"ada\", \"title\": \"t\", \"key\": \"\"}",
                "{\"to\": null, \"topic\": \"deploys\", \"title\": \"t\"}",
                "{\"to\": \"ada\", \"topic\": null, \"title\": \"t\"}",
                "{\"to\": \"ada\", \"title\": \"t\", \"link\": null}",
                "{\"to\": \"ada\", \"title\": \"   \"}",
                "{\"to\": \"ada\", \"title\": \"                                                                                                                        t\"}"
            })
    void whatTheDocumentRefusesTheServerRefuses(String body) {
        Answer validated = request(validator.actualPort(), HttpMethod.POST, "/api/notifications", ada, body);
        assertThat(validated.status()).isEqualTo(400);
        assertThat(answer(ada, "POST", "/api/notifications", body).status()).isEqualTo(400);
    }

    @Test
    void otherBodiesThatTheDocumentRefusesTheServerRefuses() {
        String hours = "{\"on\": true, \"from\": \"22:00:30\", \"to\": \"07:00\", \"zone\": \"UTC\"}";
        refused("PUT", "/api/quiet-hours", hours);
        refused("PUT", "/api/quiet-hours", hours.replace("22:00:30", "29:00"));
        refused("POST", "/api/inbox/read", "{\"ids\": [], \"all\": true, \"read\": true}");
        refused("POST", "/api/inbox/read", "{\"ids\": [], \"all\": false, \"read\": true}");
        refused("POST", "/api/inbox/read", "{\"ids\": []}");
    }

    private static void refused(String method, String path, String body) {
        assertThat(request(validator.actualPort(), HttpMethod.valueOf(method), path, ada, body)
                        .status())
                .isEqualTo(400);
        assertThat(answer(ada, method, path, body).status()).isEqualTo(400);
    }

    @Test
    void theSameIdempotencyKeyIsTheSameNotification() {
        String carl = signIn("carl");
        String first = send(carl, "carl", "once");
        assertThat(send(carl, "carl", "once")).isEqualTo(first);
        assertThat(send(bob, "carl", "once")).as("somebody else's key").isNotEqualTo(first);
        assertThat(send(carl, "carl", "another")).isNotEqualTo(first);
        assertThat(call(carl, "GET", "/api/inbox", null).json().getJsonArray("notifications"))
                .hasSize(3);
        assertThat(CLIENT.request(HttpMethod.POST, server.port(), "127.0.0.1", "/api/notifications")
                        .compose(request -> request.putHeader("Authorization", "Bearer " + carl)
                                .putHeader("Idempotency-Key", "x".repeat(65))
                                .send("{\"to\": \"carl\", \"title\": \"t\"}"))
                        .map(HttpClientResponse::statusCode)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join())
                .isEqualTo(400);
    }

    private static String send(String token, String to, String key) {
        return Await.get(
                "an id",
                CLIENT.request(HttpMethod.POST, server.port(), "127.0.0.1", "/api/notifications")
                        .compose(request -> request.putHeader("Authorization", "Bearer " + token)
                                .putHeader("Idempotency-Key", key)
                                .send("{\"to\": \"" + to + "\", \"title\": \"t\"}"))
                        .compose(HttpClientResponse::body)
                        .map(body -> body.toJsonObject()
                                .getJsonArray("recipients")
                                .getJsonObject(0)
                                .getString("id")));
    }

    @Test
    void refusalsAreAsTheDocumentSays() throws IOException {
        String message = "{\"to\": \"ada\", \"title\": \"t\"}";
        assertThat(answer(null, "POST", "/api/notifications", message).status()).isEqualTo(401);
        assertThat(answer("made.up.token", "GET", "/api/inbox", null).status()).isEqualTo(401);
        assertThat(answer(null, "POST", "/api/renew", null).status()).isEqualTo(401);
        Answer unknown = answer(ada, "POST", "/api/notifications", "{\"to\": [\"ada\", \"nobody\"], \"title\": \"t\"}");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().getString("error")).isEqualTo("Nobody has signed in as nobody yet.");
        Answer script = answer(
                ada,
                "POST",
                "/api/notifications",
                "{\"to\": \"ada\", \"title\": \"t\", \"link\": \"javascript:alert(1)\"}");
        assertThat(script.status()).isEqualTo(400);
        String long1 = "{\"to\": \"ada\", \"title\": \"t\", \"body\": \"" + "x".repeat(70_000) + "\"}";
        assertThat(answer(ada, "POST", "/api/notifications", long1).status()).isEqualTo(413);
        String zone = "{\"on\": true, \"from\": \"22:00\", \"to\": \"07:00\", \"zone\": \"Moon\"}";
        assertThat(answer(ada, "PUT", "/api/quiet-hours", zone).status()).isEqualTo(400);
        assertThat(answer(null, "POST", "/api/sign-in", "{\"name\": \"ada\", \"password\": \"not hers\"}")
                        .status())
                .isEqualTo(401);
        assertThat(answer(null, "POST", "/api/sign-in", "{\"name\": \"a b\", \"password\": \"long enough\"}")
                        .status())
                .isEqualTo(400);
        for (int i = 0; i < 9; i++) {
            answer(null, "POST", "/api/sign-in", "{\"name\": \"bob\", \"password\": \"guess " + i + "\"}");
        }
        answer(null, "POST", "/api/sign-in", "{\"name\": \"bob\", \"password\": \"guess again\"}");
        assertThat(answer(null, "POST", "/api/sign-in", "{\"name\": \"bob\", \"password\": \"one too many\"}")
                        .status())
                .isEqualTo(429);
        // Whoever guesses does not keep the owner out, who comes from elsewhere.
        assertThat(signInFrom("127.0.0.2", "{\"name\": \"bob\", \"password\": \"pass-bob\"}"))
                .isEqualTo("HTTP/1.0 200 OK");
        // And many who guess at once do not keep the machine busy for long.
        HttpClient crowd = VERTX.createHttpClient(new PoolOptions().setHttp1MaxSize(60));
        List<Future<Integer>> many = IntStream.range(0, 60)
                .mapToObj(i -> crowd.request(HttpMethod.POST, server.port(), "127.0.0.1", "/api/sign-in")
                        .compose(request -> request.send("{\"name\": \"many" + i + "\", \"password\": \"12345\"}"))
                        .map(HttpClientResponse::statusCode))
                .toList();
        Await.get("all", Future.join(many).map(true));
        assertThat(many).extracting(Future::result).contains(200).containsOnly(200, 503);
    }

    private static String signInFrom(String address, String body) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getByName("127.0.0.1"), server.port(), InetAddress.getByName(address), 0)) {
            socket.setSoTimeout(10_000);
            String request = "POST /api/sign-in HTTP/1.0\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "7", "\"ada\"", "{", "{}", "{\"name\": 7, \"password\": \"pass-ada\"}"})
    void aSignInThatIsNoObjectWithANameIsRefused(String body) {
        Answer answer = answer(null, "POST", "/api/sign-in", body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().getString("error")).startsWith("A name has");
    }

    @Test
    void aTokenIsRenewedAndThePagesHaveTheirHeaders() {
        Answer renewed = call(ada, "POST", "/api/renew", null);
        assertThat(renewed.json().getString("user")).isEqualTo("ada");
        assertThat(call(renewed.json().getString("token"), "GET", "/api/inbox", null)
                        .status())
                .isEqualTo(200);
        Answer page = request(server.port(), HttpMethod.GET, "/", null, null);
        assertThat(page.headers().get("content-security-policy"))
                .contains("default-src 'self'")
                .doesNotContain("unsafe");
        assertThat(page.headers().get("x-content-type-options")).isEqualTo("nosniff");
        Answer inbox = call(ada, "GET", "/api/inbox", null);
        assertThat(inbox.headers().get("x-content-type-options")).isEqualTo("nosniff");
        assertThat(inbox.headers().get("cache-control")).isEqualTo("no-store");
        Answer nothing = request(server.port(), HttpMethod.GET, "/nothing", null, null);
        assertThat(nothing.status()).isEqualTo(404);
        Answer head = request(server.port(), HttpMethod.HEAD, "/", null, null);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).containsKey("content-security-policy");
        for (String path : List.of("/shared/..%2f..%2fchat/app.js", "/webjars/..%2f..%2f..%2f", "/shared/..%5C..%5C")) {
            assertThat(request(server.port(), HttpMethod.GET, path, null, null).status())
                    .as(path)
                    .isEqualTo(404);
        }
    }

    private static String signIn(String name) {
        return call(null, "POST", "/api/sign-in", "{\"name\": \"" + name + "\", \"password\": \"pass-" + name + "\"}")
                .json()
                .getString("token");
    }

    /** Sends what the document accepts. */
    private static Answer call(String token, String method, String path, String body) {
        Answer validated = request(validator.actualPort(), HttpMethod.valueOf(method), path, token, body);
        assertThat(validated.status()).as(validated.body().toString()).isEqualTo(200);
        Answer answer = answer(token, method, path, body);
        assertThat(answer.status()).as(answer.body().toString()).isLessThan(300);
        return answer;
    }

    /** Sends something, and holds the answer against the document. */
    private static Answer answer(String token, String method, String path, String body) {
        Answer answer = request(server.port(), HttpMethod.valueOf(method), path, token, body);
        Operation operation = contract.findOperation(path, HttpMethod.valueOf(method));
        ValidatableResponse response = answer.body().length() == 0
                ? ValidatableResponse.create(answer.status(), answer.headers())
                : ValidatableResponse.create(
                        answer.status(),
                        answer.headers(),
                        answer.body(),
                        answer.headers().get("content-type"));
        Await.get(
                "an answer as the document says: " + answer,
                ResponseValidator.create(VERTX, contract).validate(response, operation.getOperationId()));
        assertThat(operation.getResponse(answer.status()))
                .as("%s is in the document", answer.status())
                .isNotNull();
        return answer;
    }

    private static Answer request(int port, HttpMethod method, String path, String token, String body) {
        Future<Answer> answer = CLIENT.request(method, port, "127.0.0.1", path).compose(request -> {
            if (token != null) {
                request.putHeader("Authorization", "Bearer " + token);
            }
            if (body != null) {
                request.putHeader("Content-Type", "application/json");
            }
            return request.send(Buffer.buffer(body == null ? "" : body))
                    .compose(response -> response.body().map(bytes -> {
                        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
                        response.headers().forEach(header -> headers.put(header.getKey(), header.getValue()));
                        return new Answer(response.statusCode(), headers, bytes);
                    }));
        });
        return Await.get(method + " " + path, answer);
    }
}
