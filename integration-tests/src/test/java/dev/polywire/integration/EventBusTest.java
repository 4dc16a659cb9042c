package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.ChannelOptions;
import dev.polywire.EventBusOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The event bus as the way in for the rest of an application, and as what permitted requests of clients reach. */
class EventBusTest {
    private final Wires wires = new Wires();
    private Realtime realtime;
    private EventBus bus;
    private int port;

    @BeforeEach
    void serve() {
        realtime = Realtime.create(
                wires.vertx,
                new RealtimeOptions()
                        .allowAnonymous(true)
                        .eventBus(new EventBusOptions().enabled(true).requests(List.of("orders.*", "time")))
                        .namespace("news", new ChannelOptions().historySize(10).presence(true)));
        port = wires.serve(realtime);
        bus = wires.vertx.eventBus();
    }

    @AfterEach
    void close() {
        wires.close();
    }

    private ReferenceClient subscriber(String wire) {
        ReferenceClient client = wires.client(wire, port);
        client.connect();
        client.ask(Wires.subscribe("s", "news:1"));
        return client;
    }

    private JsonObject call(String address, Object body) {
        return Await.get(address, bus.<JsonObject>request("polywire." + address, body))
                .body();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("any verticle publishes by sending to an address, with any JSON type of Vert.x as the payload")
    void publishes(String wire) {
        ReferenceClient client = subscriber(wire);
        JsonObject reply = call(
                "publish",
                new JsonObject()
                        .put("channel", "news:1")
                        .put("event", "ADDED")
                        .put("payload", new JsonObject().put("a", 1)));
        assertThat(reply.getJsonObject("position").getLong("offset")).isEqualTo(1);
        for (Object payload :
                List.of(new JsonArray().add(1), "text", Buffer.buffer("{\"b\":[2]}"), new JsonObject().put("c", 3))) {
            Await.get(
                    "a publish",
                    bus.request("polywire.publish", payload, new DeliveryOptions().addHeader("channel", "news:1")));
        }
        for (Object expected : List.of(
                new JsonObject().put("a", 1),
                new JsonArray().add(1),
                "text",
                new JsonObject().put("b", new JsonArray().add(2)),
                new JsonObject().put("c", 3))) {
            client.await("payload " + expected, frame -> expected.equals(frame.getValue("payload")));
        }
    }

    /** What the event bus has no codec for. */
    record Price(String share, double euros, JsonObject more) {}

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName(
            "records, maps and lists are payloads too, with the codec that the engine brings along; the host's selector stays")
    void publishesRecords(String wire) {
        bus.codecSelector(body -> body instanceof StringBuilder ? "none such" : null);
        ReferenceClient client = subscriber(wire);
        DeliveryOptions options =
                new DeliveryOptions().addHeader("channel", "news:1").setCodecName(EventBusOptions.PAYLOAD_CODEC);
        // Another engine of the same Vert.x brings the same codec, and takes it from nobody when it closes.
        Realtime other = Realtime.create(
                wires.vertx,
                new RealtimeOptions()
                        .name("other")
                        .allowAnonymous(true)
                        .eventBus(new EventBusOptions().enabled(true).address("other")));
        wires.serve(other);
        Await.get("the other's end", other.close());
        List<Object> payloads = List.of(
                new Price("ACME", 12.5, new JsonObject().put("n", 1)),
                Map.of("a", List.of(1)),
                List.of(1, "b"),
                7,
                "text");
        for (Object payload : payloads) {
            Await.get("a publish", bus.request("polywire.publish", payload, options));
        }
        for (Object expected : List.of(
                new JsonObject().put("share", "ACME").put("euros", 12.5).put("more", new JsonObject().put("n", 1)),
                new JsonObject().put("a", new JsonArray().add(1)),
                new JsonArray().add(1).add("b"),
                7,
                "text")) {
            client.await("payload " + expected, frame -> expected.equals(frame.getValue("payload")));
        }
        assertThatThrownBy(() -> bus.request("polywire.publish", new Object(), options))
                .hasStackTraceContaining("A payload must be a JSON value");
    }

    @Test
    @DisplayName("presence, history and disconnecting are asked for over the bus")
    void asks() {
        ReferenceClient client = subscriber("websocket");
        call("publish", new JsonObject().put("channel", "news:1").put("payload", 7));
        JsonObject presence = call("presence", new JsonObject().put("channel", "news:1"));
        assertThat(presence.getInteger("count")).isEqualTo(1);
        String session = presence.getJsonArray("members").getJsonObject(0).getString("session");
        JsonObject history = call("history", new JsonObject().put("channel", "news:1"));
        assertThat(history.getJsonArray("messages").getJsonObject(0).getInteger("payload"))
                .isEqualTo(7);
        assertThat(call(
                                "send",
                                new JsonObject()
                                        .put("session", session)
                                        .put("event", "note")
                                        .put("payload", 1))
                        .getInteger("sessions"))
                .isEqualTo(1);
        client.await("the note", frame -> "note".equals(frame.getString("event")) && !frame.containsKey("channel"));
        assertThat(call("disconnect", new JsonObject().put("session", session)).getInteger("sessions"))
                .isEqualTo(1);
        JsonObject bye = client.awaitControl("bye", frame -> "bye".equals(frame.getString("type")));
        assertThat(bye.getInteger("code")).isEqualTo(4013);
        assertThat(realtime.sessions().all()).isEmpty();
    }

    @Test
    @DisplayName("R52 a session, a user and a token are revoked over the bus, and the revocation is taken back")
    void revokes() {
        subscriber("websocket");
        String id = realtime.sessions().all().iterator().next().id();
        JsonObject session = new JsonObject().put("session", id);
        assertThat(call("revoke", session.copy().put("forMs", 60_000)).getInteger("sessions"))
                .isOne();
        assertThat(realtime.sessions().all()).isEmpty();
        List<JsonObject> others = List.of(
                new JsonObject().put("user", "ada"),
                new JsonObject().put("token", "t-1"),
                new JsonObject().put("user", "ada").put("issuedBefore", 1_700_000_000_000L));
        for (JsonObject each : others) {
            assertThat(call("revoke", each.copy().put("forMs", 60_000)).getInteger("sessions"))
                    .isZero();
            assertThat(call("restore", each).getBoolean("restored")).isTrue();
            assertThat(call("restore", each).getBoolean("restored")).isFalse();
        }
        for (JsonObject bad : List.of(
                session,
                new JsonObject().put("forMs", 1),
                session.copy().put("forMs", 0),
                session.copy().put("forMs", "long"))) {
            assertThatThrownBy(() -> call("revoke", bad)).hasStackTraceContaining("bad_frame");
        }
    }

    @Test
    @DisplayName("what cannot be done is told with a stable code")
    void refuses() {
        for (Object bad : List.of(
                new JsonObject().put("payload", 1),
                new JsonObject().put("channel", 5),
                new JsonArray(),
                new JsonObject().put("channel", "no good"))) {
            assertThatThrownBy(() -> call("publish", bad)).hasStackTraceContaining("bad_");
        }
        assertThatThrownBy(() -> call("history", new JsonObject().put("channel", "plain:1")))
                .hasStackTraceContaining("no_history");
        assertThatThrownBy(() -> call(
                        "history", new JsonObject().put("channel", "test:1").put("limit", 0)))
                .hasStackTraceContaining("bad_frame");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("a client's request reaches permitted addresses only, and its answer or failure finds it")
    void requests(String wire) {
        bus.<JsonObject>localConsumer(
                "orders.get",
                message -> message.reply(new JsonObject()
                        .put("order", message.body().getInteger("id"))
                        .put("session", message.headers().contains("session"))));
        bus.localConsumer("orders.fail", message -> message.fail(7, "sold out"));
        bus.localConsumer("orders.slow", message -> {});
        bus.localConsumer("secret", message -> message.reply("never"));
        ReferenceClient client = wires.client(wire, port);
        client.connect();
        JsonObject reply = client.ask(
                Wires.frame("request", "1").put("address", "orders.get").put("payload", new JsonObject().put("id", 9)));
        assertThat(reply.getJsonObject("payload"))
                .isEqualTo(new JsonObject().put("order", 9).put("session", true));
        assertThat(client.ask(Wires.frame("request", "2").put("address", "orders.fail"))
                        .getString("message"))
                .isEqualTo("sold out");
        assertThat(client.ask(Wires.frame("request", "3")
                                .put("address", "orders.slow")
                                .put("timeout", 100))
                        .getString("code"))
                .isEqualTo("timeout");
        assertThat(client.ask(Wires.frame("request", "4").put("address", "secret"))
                        .getString("code"))
                .isEqualTo("not_found");
        assertThat(client.ask(Wires.frame("request", "5").put("address", "orders.nobody"))
                        .getString("code"))
                .isEqualTo("unavailable");
    }
}
