package dev.polywire.independent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.independent.SmallClient.Transport;
import dev.polywire.integration.OpenServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A server to be held to {@code docs/protocol.md}, and clients whose author has read nothing else; each must end without a fault. */
abstract class ServerUnderTest {
    static final String HELLO = "{\"type\":\"hello\",\"versions\":[1],\"client\":\"0123456789abcdef\"}";
    private static Vertx vertx;
    private static OpenServer server;

    final String channel = "test:" + UUID.randomUUID();
    private final List<SmallClient> clients = new ArrayList<>();

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        server = join(OpenServer.start(vertx, OpenServer.options(), 0)
                .toCompletionStage()
                .toCompletableFuture());
    }

    @AfterAll
    static void stop() {
        join(server.close().toCompletionStage().toCompletableFuture());
        join(vertx.close().toCompletionStage().toCompletableFuture());
    }

    @AfterEach
    void noFaults() {
        clients.forEach(SmallClient::close);
        assertThat(clients).allSatisfy(client -> assertThat(client.faults).isEmpty());
    }

    SmallClient client() {
        SmallClient client = new SmallClient(server.port());
        clients.add(client);
        return client;
    }

    SmallClient opened(Transport transport) {
        SmallClient client = client();
        JsonObject welcome = join(client.open(transport));
        assertThat(welcome.getBoolean("resumed")).isFalse();
        assertThat(welcome.getInteger("version")).isEqualTo(1);
        return client;
    }

    static HttpResponse<String> post(SmallClient client, String body, Long first) {
        return post(client, "/send", body, first);
    }

    static HttpResponse<String> post(SmallClient client, String path, String body, Long first) {
        HttpRequest.Builder request = client.requests
                .toSession(path, null)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (first != null) {
            request.header("Polywire-First", first.toString());
        }
        return join(client.http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString()));
    }

    static String codeOf(SmallClient client, long number) {
        return client.errors.stream()
                .filter(error -> error.getLong("frame", 0L) == number)
                .map(error -> error.getString("code"))
                .findFirst()
                .orElse("no error for " + number);
    }

    static List<Object> payloads(SmallClient client, String channel) {
        synchronized (client) {
            return client.messages.stream()
                    .filter(message -> channel.equals(message.getString("channel")))
                    .map(message -> message.getValue("payload"))
                    .toList();
        }
    }

    static List<Object> numbers(int last) {
        return IntStream.rangeClosed(1, last).<Object>mapToObj(n -> n).toList();
    }

    static <T> T join(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }
}
