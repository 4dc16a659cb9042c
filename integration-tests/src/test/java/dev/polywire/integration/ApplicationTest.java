package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.Authorizer;
import dev.polywire.ChannelHandler;
import dev.polywire.ChannelOptions;
import dev.polywire.Channels;
import dev.polywire.Principal;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.Session;
import dev.polywire.SessionOptions;
import dev.polywire.TransportChoice;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.protocol.CloseReason;
import dev.polywire.protocol.Payload;
import dev.polywire.protocol.ServerFrame;
import dev.polywire.spi.Broker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an application does with sessions and channels, on every wire alike. */
class ApplicationTest {
    private final Wires wires = new Wires();
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        wires.close();
    }

    private static RealtimeOptions options() {
        return new RealtimeOptions()
                .allowAnonymous(true)
                .session(new SessionOptions().grace(Duration.ofMillis(300)))
                .namespace(
                        "room",
                        new ChannelOptions()
                                .publish(ChannelOptions.Publishers.SUBSCRIBERS)
                                .historySize(100)
                                .presence(true)
                                .confirmAttempts(3)
                                .confirmTimeout(Duration.ofMillis(100)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName(
            "hooks: connect, occupied, subscribe, publish, vacated, disconnect, each once, also when the client just vanishes")
    void hooks(String wire) {
        Realtime realtime = Realtime.create(wires.vertx, options())
                .onConnect(session -> heard.add("connect"))
                .onDisconnect((session, reason) -> heard.add("disconnect " + reason.wire()));
        realtime.channels().handler("room", new ChannelHandler() {
            @Override
            public Future<Object> onSubscribe(Session session, String channel) {
                heard.add("subscribe");
                return Future.succeededFuture("snapshot of " + channel);
            }

            @Override
            public void onUnsubscribe(Session session, String channel) {
                heard.add("unsubscribe");
            }

            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                heard.add("publish");
                return "bad".equals(publication.message().payload().value())
                        ? Future.failedFuture("no")
                        : Future.succeededFuture(publication);
            }

            @Override
            public void onOccupied(String channel) {
                heard.add("occupied");
            }

            @Override
            public void onVacated(String channel) {
                heard.add("vacated");
            }
        });
        ReferenceClient client = wires.client(wire, wires.serve(realtime));
        client.connect();
        assertThat(client.ask(Wires.subscribe("s", "room:1")).getString("snapshot"))
                .isEqualTo("snapshot of room:1");
        assertThat(client.ask(Wires.publish("1", "room:1", "good")).getString("type"))
                .isEqualTo("ack");
        assertThat(client.ask(Wires.publish("2", "room:1", "bad")).getString("code"))
                .isEqualTo("forbidden");
        client.close();
        Await.until("a disconnect", () -> heard.contains("disconnect expired"));
        Await.until("a vacated channel", () -> heard.contains("vacated"));
        assertThat(heard)
                .containsExactlyInAnyOrder(
                        "connect",
                        "occupied",
                        "subscribe",
                        "publish",
                        "publish",
                        "unsubscribe",
                        "vacated",
                        "disconnect expired");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R37: a message is delivered again until the application has confirmed it, a bounded number of times")
    void confirms(String wire) {
        Realtime realtime = Realtime.create(wires.vertx, options());
        realtime.channels().handler("room", new ChannelHandler() {
            @Override
            public void onUnconfirmed(Session session, String channel, String confirm) {
                heard.add("unconfirmed " + confirm);
            }
        });
        ReferenceClient client = wires.client(wire, wires.serve(realtime));
        client.connect();
        client.ask(Wires.subscribe("s", "room:1"));
        Await.get(
                "a publish",
                realtime.channels().publish(new Channels.Outgoing("room:1", "job", 1, null, null, true, null)));
        JsonObject first =
                client.await("the message", frame -> Integer.valueOf(1).equals(frame.getValue("payload")));
        JsonObject second =
                client.await("the second attempt", frame -> Integer.valueOf(2).equals(frame.getInteger("attempt")));
        assertThat(second.getString("confirm")).isEqualTo(first.getString("confirm"));
        client.send(new JsonObject().put("type", "ack").put("id", first.getString("confirm")));

        Await.get(
                "another publish",
                realtime.channels().publish(new Channels.Outgoing("room:1", "job", 2, null, null, true, null)));
        Await.until("the hook", () -> heard.size() == 1);
        List<JsonObject> attempts = client.frames().stream()
                .filter(frame -> Integer.valueOf(2).equals(frame.getValue("payload")))
                .toList();
        assertThat(attempts).hasSize(3);
        assertThat(heard).containsExactly("unconfirmed " + attempts.get(0).getString("confirm"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName(
            "the server asks a client, sends to it and to a filter, and closes it; its attributes and channels are seen")
    void sessions(String wire) {
        Realtime realtime = Realtime.create(wires.vertx, options());
        ReferenceClient client = wires.client(wire, wires.serve(realtime));
        String id = client.connect().getString("session");
        client.ask(Wires.subscribe("s", "room:1"));
        Session session = realtime.sessions().get(id);
        assertThat(session).isNotNull();
        assertThat(session.channels()).containsExactly("room:1");
        assertThat(realtime.sessions().inChannel("room:1")).containsExactly(session);
        assertThat(session.transport()).isEqualTo(wire);
        session.attributes().put("a", 1);
        Future<Payload> answer = session.request("version?", new JsonObject(), Duration.ofSeconds(5));
        JsonObject asked = client.await("the question", frame -> "request".equals(frame.getString("type")));
        client.send(new JsonObject()
                .put("type", "reply")
                .put("id", asked.getString("id"))
                .put("payload", "7"));
        assertThat(Await.get("the answer", answer).value()).isEqualTo("7");
        assertThat(realtime.sessions().send(one -> one.attributes().containsKey("a"), "hey", new JsonObject()))
                .isEqualTo(1);
        client.await("the message", frame -> "hey".equals(frame.getString("event")));
        Await.get("the end", session.close(CloseReason.DISCONNECTED));
        assertThat(realtime.sessions().get(id)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName(
            "a client is offered what the application chooses by its request and capabilities, and refused on others")
    void choosesTransports(String wire) {
        TransportChoice choice = (who, capabilities, general) -> new TransportChoice.Offer(
                capabilities.value() instanceof JsonObject known && known.containsKey("allow")
                        ? List.of(known.getString("allow"))
                        : List.of("longpoll"),
                Duration.ofSeconds(7));
        Realtime realtime = Realtime.create(wires.vertx, options()).transportChoice(choice);
        int port = wires.serve(realtime);
        for (boolean fits : List.of(true, false)) {
            ReferenceClient client = wires.client(wire, port);
            client.capabilities(new JsonObject().put("allow", fits ? wire : "none"));
            if (fits) {
                JsonObject welcome = client.connect();
                assertThat(welcome.getJsonArray("transports")).containsExactly(wire);
                assertThat(welcome.getInteger("heartbeat")).isEqualTo(7000);
            } else {
                assertThat(client.attach(client.driver()).end().code()).isIn(4015, 406);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R15: authorisation runs again on refresh, and a channel that is denied now is taken away")
    void refreshAuthorizesAgain(String wire) {
        AtomicBoolean banned = new AtomicBoolean();
        Authorizer authorizer = (principal, action, target) ->
                Future.succeededFuture(action != Authorizer.Action.SUBSCRIBE || !banned.get());
        Realtime realtime = Realtime.create(wires.vertx, options().allowAnonymous(false))
                .authenticator((token, who) -> token == null || token.isEmpty()
                        ? Future.failedFuture("no token")
                        : Future.succeededFuture(Principal.of(token.substring(0, 3))))
                .authorizer(authorizer);
        ReferenceClient client = wires.client(wire, wires.serve(realtime)).token("ada-1");
        assertThat(client.connect().getString("user")).isEqualTo("ada");
        client.ask(Wires.subscribe("s", "room:1"));
        assertThat(client.ask(Wires.frame("refresh", "r0").put("token", "bob-1"))
                        .getString("code"))
                .isEqualTo("forbidden");
        banned.set(true);
        assertThat(client.ask(Wires.frame("refresh", "r1").put("token", "ada-2"))
                        .getString("type"))
                .isEqualTo("ack");
        JsonObject out = client.await("the loss", frame -> "unsubscribed".equals(frame.getString("type")));
        assertThat(out.getString("reason")).isEqualTo("denied");
        Await.get("a publish", realtime.channels().publish("room:1", "e", "not for ada"));
        client.ask(Wires.frame("history", "h").put("channel", "room:1"));
        assertThat(client.frames()).noneMatch(frame -> "not for ada".equals(frame.getValue("payload")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R23: what no session could take is refused to whoever sends it, and ends nobody's session")
    void refusesWhatNoSessionCanTake(String wire) {
        Realtime realtime = Realtime.create(wires.vertx, options());
        ReferenceClient client = wires.client(wire, wires.serve(realtime));
        String id = client.connect().getString("session");
        client.ask(Wires.subscribe("s", "room:1"));
        Session session = realtime.sessions().get(id);
        assertThat(session).isNotNull();
        String big = "x".repeat(2 * realtime.options().session().outbox());
        for (Future<?> refused : List.<Future<?>>of(
                realtime.channels().publish("room:1", "e", big),
                session.send("e", big),
                session.request("e", big, Duration.ofSeconds(5)))) {
            assertThatThrownBy(() -> Await.get("the refusal", refused)).hasStackTraceContaining("over the window");
        }
        assertThatThrownBy(() -> realtime.sessions().send(one -> true, "e", big))
                .hasMessageContaining("over the window");
        Await.get("a message", realtime.channels().publish("room:1", "e", "small"));
        client.await("the message", frame -> "small".equals(frame.getValue("payload")));
        assertThat(realtime.sessions().get(id)).isSameAs(session);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("a snapshot or message of the application that no outbox holds is refused, and the session goes on")
    void tooLarge(String wire) {
        String large = "x".repeat(2 * 1024 * 1024);
        Realtime realtime = Realtime.create(wires.vertx, options());
        realtime.channels().handler("room", new ChannelHandler() {
            @Override
            public Future<Object> onSubscribe(Session session, String channel) {
                return Future.succeededFuture(channel.equals("room:large") ? large : null);
            }

            @Override
            public Future<Broker.Publication> onPublish(Session session, Broker.Publication publication) {
                var m = publication.message();
                return Future.succeededFuture(new Broker.Publication(
                        new ServerFrame.Message(
                                m.channel(), m.event(), Payload.of(large), 1, 0, null, null, null, null, null, 1),
                        publication.keep(),
                        null,
                        null));
            }
        });
        ReferenceClient client = wires.client(wire, wires.serve(realtime));
        client.connect();
        assertThat(client.ask(Wires.subscribe("1", "room:large")).getString("code"))
                .isEqualTo("too_large");
        assertThat(client.ask(Wires.subscribe("2", "room:small")).getString("type"))
                .isEqualTo("subscribed");
        assertThat(client.ask(Wires.publish("3", "room:small", 1)).getString("code"))
                .isEqualTo("too_large");
        assertThat(realtime.sessions().all()).hasSize(1);
        assertThat(realtime.channels().publish("room:small", "e", large).failed())
                .isTrue();
        assertThat(realtime.channels().publish("room:small", "e", new Object()).failed())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("a resume is counted when a session comes back or changes its wire, and not for every poll")
    void countsResumes(String wire) {
        Realtime realtime = Realtime.create(wires.vertx, options());
        int port = wires.serve(realtime);
        ReferenceClient client = wires.client(wire, port);
        client.connect();
        for (int i = 0; i < 5; i++) {
            client.ask(Wires.frame("history", "h" + i).put("channel", "room:1"));
        }
        assertThat(realtime.stats().getInteger("resumed")).isZero();
        client.attach(wires.driver(wire.equals("sse") ? "websocket" : "sse", port))
                .welcome();
        assertThat(realtime.stats().getInteger("resumed")).isEqualTo(1);
    }
}
