package dev.polywire.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.conformance.KitServer;
import dev.polywire.transport.longpoll.LongPollTransport;
import dev.polywire.transport.sse.SseTransport;
import dev.polywire.transport.websocket.WebSocketTransport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who the client is, and tokens that end, at a real server whose time stands still until it is moved. */
class TokenTest {
    private Vertx vertx;
    private KitServer server;

    @BeforeEach
    void start() {
        Await.deadline(Traffic.PATIENCE);
        vertx = Vertx.vertx();
        server = KitServer.inVirtualTime(
                vertx,
                KitServer.options(ClientOptions.TRANSPORTS).allowAnonymous(false),
                List.of(new WebSocketTransport(), new SseTransport(), new LongPollTransport()));
    }

    @AfterEach
    void stop() {
        Await.get("the end", vertx.close());
        Await.deadline(Await.DEADLINE);
    }

    private PolywireClient client(ClientOptions options) {
        return PolywireClient.create(vertx, Node.url(server.port()), options.remember(false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R75: a token is refreshed when the server asks, and the session goes on")
    void refreshed(String wire) {
        List<String> tokens = new CopyOnWriteArrayList<>();
        PolywireClient client =
                client(new ClientOptions().transports(List.of(wire)).tokens(() -> {
                    tokens.add("user:ada;" + (tokens.isEmpty() ? 20_000 : 3_600_000));
                    return Future.succeededFuture(tokens.get(tokens.size() - 1));
                }));
        Await.get("a session", client.connect());
        assertThat(client.user()).isEqualTo("ada");
        String session = client.sessionId();
        // A session from whose client nothing has followed is dropped soon (R7), and time is about to jump; less far
        // than
        // a session is kept between two polls.
        Await.get("a publish", client.channel("open:x").publish("E", 0));
        server.advance(11_000);
        Await.until("a second token", () -> tokens.size() == 2);
        Await.get("a publish", client.channel("open:x").publish("E", 1));
        server.advance(10_000);
        Await.get("a publish", client.channel("open:x").publish("E", 2));
        assertThat(client.sessionId()).isEqualTo(session);
        assertThat(tokens).hasSize(2);
        assertThat(server.opened()).containsExactly(session);
        Await.get("the end", client.close());
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R42: a token that is refused ends it on the first wire, without falling back")
    void refused(String wire) {
        PolywireClient client =
                client(new ClientOptions().transports(List.of(wire)).token("wrong"));
        Future<Void> ready = client.connect();
        Await.until("a refusal", ready::isComplete);
        assertThat(World.code(ready)).isEqualTo("unauthenticated");
        assertThat(client.state()).isEqualTo(State.FAILED);
    }

    @Test
    @DisplayName("R51: a channel's token is got for the subscribe, and its refusal told")
    void channels() {
        PolywireClient client = client(new ClientOptions().token("user:ada"));
        Await.get("a session", client.connect());
        Channel fine = client.channel("ticket:1", () -> Future.succeededFuture(KitServer.ticket("ada", "ticket:1")));
        assertThat(Await.get("a subscription", fine.subscribe()).position()).isNotNull();
        Future<?> refused = client.channel("ticket:2", () -> Future.succeededFuture("made up"))
                .subscribe();
        Await.until("a refusal", refused::isComplete);
        assertThat(World.code(refused)).isEqualTo("forbidden");
        Await.get("the end", client.close());
    }
}
