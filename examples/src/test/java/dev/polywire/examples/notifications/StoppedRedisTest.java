package dev.polywire.examples.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoSettings;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A Redis that hangs, with its connections open: the server answers nevertheless, and nothing is there twice when Redis goes on. */
class StoppedRedisTest {
    private record Answer(int status, Buffer body) {}

    @Test
    void aStoppedRedisIsAnAnswerAndNoDuplicate() {
        Vertx vertx = Vertx.vertx();
        HttpClient client = vertx.createHttpClient();
        try (RedisServer redis = RedisServer.standalone(false)) {
            Notifications server = Await.get(
                    "the server",
                    Notifications.start(
                            vertx,
                            DemoSettings.parse(
                                    "--port", "0", "--redis", redis.endpoints().get(0))));
            JsonObject ada = new JsonObject().put("name", "ada").put("password", "secret");
            String token = Await.get("a token", ask(client, server, HttpMethod.POST, "/api/sign-in", "", ada))
                    .body()
                    .toJsonObject()
                    .getString("token");
            JsonObject message = new JsonObject().put("to", "ada").put("title", "once");
            redis.node().pause();
            try {
                for (HttpMethod method : new HttpMethod[] {HttpMethod.POST, HttpMethod.GET}) {
                    String path = method == HttpMethod.GET ? "/api/inbox" : "/api/notifications";
                    Answer late = Await.get("an answer", ask(client, server, method, path, token, message));
                    assertThat(late.status()).isEqualTo(503);
                    assertThat(late.body().toJsonObject().getString("error")).isNotEmpty();
                }
            } finally {
                redis.node().resume();
            }
            Await.until(
                    "it is sent",
                    Duration.ofSeconds(20),
                    () -> Await.get(
                                            "an answer",
                                            ask(client, server, HttpMethod.POST, "/api/notifications", token, message))
                                    .status()
                            == 202);
            assertThat(Await.get("the inbox", ask(client, server, HttpMethod.GET, "/api/inbox", token, null))
                            .body()
                            .toJsonObject()
                            .getJsonArray("notifications"))
                    .hasSize(1);
            Await.get("its end", server.close().map(true));
        } finally {
            Await.get("the end", vertx.close().map(true));
        }
    }

    private static Future<Answer> ask(
            HttpClient client, Notifications server, HttpMethod method, String path, String token, JsonObject body) {
        return client.request(method, server.port(), "127.0.0.1", path)
                .compose(request -> request.putHeader("Authorization", "Bearer " + token)
                        .putHeader("Idempotency-Key", "once")
                        .send(body == null || method == HttpMethod.GET ? Buffer.buffer() : body.toBuffer()))
                .compose(response -> response.body().map(bytes -> new Answer(response.statusCode(), bytes)));
    }
}
