package dev.polywire.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.examples.shared.DemoSettings;
import dev.polywire.redis.server.RedisServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the chat promises to bear: as much as anybody may say anywhere, and a Redis that stops in the middle. */
class ChatBoundsTest extends ChatPeople {
    private static final String GENERAL = "room:general";

    private static Vertx vertx;

    private Chat chat;

    @BeforeAll
    static void prepare() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void end() {
        Await.get("the end", vertx.close());
    }

    @AfterEach
    void stop() {
        Await.get("the end", chat.close());
    }

    @Override
    Vertx vertx() {
        return vertx;
    }

    @Override
    int port() {
        return chat.port();
    }

    private void start(String... settings) {
        List<String> all = new ArrayList<>(List.of("--port", "0"));
        all.addAll(List.of(settings));
        chat = Await.get("the chat", Chat.start(vertx, DemoSettings.parse(all.toArray(String[]::new))));
    }

    /** Says as much as there can be: a hundred rooms and a hundred conversations of two, with long words in each. */
    static List<String> fill(Rooms rooms, Person who) {
        // Who is new is in the first rooms.
        rooms.mine(who);
        List<String> channels = new ArrayList<>();
        for (int i = 0; i < Rooms.MOST - 3; i++) {
            channels.add(rooms.open(who, "\u90e8\u5c4b".repeat(14) + i, "\u8a71".repeat(120))
                    .getString("channel"));
        }
        for (int i = 0; i < Rooms.DIRECT; i++) {
            String id = "\u4eba".repeat(20) + i;
            channels.add(rooms.direct(who, new Person(id, id)).getString("channel"));
        }
        Person other = new Person("other", "Other");
        for (String channel : channels) {
            rooms.write(channel, room -> room.add(other, "message-1", "\u6f22".repeat(Conversation.TEXT), 1));
        }
        for (int i = 0; i < Rooms.PAGE; i++) {
            String id = "message-" + i;
            rooms.write(GENERAL, room -> room.add(other, id, "\u6f22".repeat(Conversation.TEXT), 1));
        }
        channels.addAll(List.of(GENERAL, "room:help", "room:off-topic"));
        return channels;
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void allRoomsAndConversationsAreEnteredAtOnce(String wire) throws Exception {
        start();
        String id = name("ann");
        Person ann = new Person(id, id);
        ReferenceClient client = person(id, wire);
        subscribe(client, "user:" + id);
        List<String> channels = fill(chat.rooms(), ann);
        subscribe(client, "rooms");
        subscribe(client, "typing:" + GENERAL);
        for (String channel : channels) {
            client.send(new JsonObject()
                    .put("type", "subscribe")
                    .put("id", "s-" + channel)
                    .put("channels", new JsonArray().add(channel)));
            client.send(new JsonObject()
                    .put("type", "presence")
                    .put("id", "p-" + channel)
                    .put("channel", channel)
                    .put("state", "away"));
        }
        Await.until(
                "answers to all",
                () -> client.frames().stream()
                                .filter(frame -> frame.getString("id", "").startsWith("p-"))
                                .count()
                        == channels.size());
        assertThat(client.frames()).noneMatch(frame -> "error".equals(frame.getString("type")));
        JsonObject mine = subscribe(person(id, wire), "user:" + id).getJsonObject("snapshot");
        assertThat(mine.getJsonArray("conversations")).hasSize(Rooms.MOST + Rooms.DIRECT);

        List<JsonObject> all = new ArrayList<>();
        JsonObject page = request(client, "chat.page", new JsonObject().put("channel", GENERAL));
        while (true) {
            List<JsonObject> messages = page.getJsonArray("messages").stream()
                    .map(JsonObject.class::cast)
                    .toList();
            all.addAll(0, messages);
            if (!page.getBoolean("earlier")) {
                break;
            }
            page = request(
                    client,
                    "chat.page",
                    new JsonObject()
                            .put("channel", GENERAL)
                            .put("before", messages.get(0).getLong("seq")));
        }
        assertThat(all).hasSize(Rooms.PAGE);
    }

    @Test
    void whatIsWrittenLateIsToldLate() throws Exception {
        try (RedisServer redis = RedisServer.standalone(false)) {
            start("--redis", redis.endpoints().get(0));
            String a = name("ann");
            ReferenceClient ann = person(a, "websocket");
            ReferenceClient ben = person(name("ben"), "websocket");
            subscribe(ann, "user:" + a);
            subscribe(ann, GENERAL);
            subscribe(ben, GENERAL);
            String before = id();
            publish(ann, GENERAL, "ADDED", said(before, "before"));
            event(ben, "ADDED", before);

            redis.node().pause();
            String late = id();
            request(ann, "chat.leave", new JsonObject().put("channel", "room:help"));
            JsonObject refused = publish(ann, GENERAL, "ADDED", said(late, "in between"));
            assertThat(refused.getString("code")).isEqualTo("unavailable");
            // Nobody else hears of it yet, and nothing more is taken in.
            assertThat(ben.frames()).noneMatch(frame -> frame.encode().contains(late));
            assertThat(publish(ann, GENERAL, "ADDED", said(id(), "no")).getString("code"))
                    .isEqualTo("unavailable");
            redis.node().resume();
            Await.until(
                    "what was written late",
                    () -> ben.frames().stream()
                            .anyMatch(frame -> "ADDED".equals(frame.getString("event"))
                                    && late.equals(
                                            frame.getJsonObject("payload").getString("id"))));
            event(ann, "ADDED", late);
            Await.until(
                    "taken in again",
                    () -> "ack"
                            .equals(publish(ann, GENERAL, "ADDED", said(id(), "after"))
                                    .getString("type")));

            // Whoever comes after a restart finds all of that, once.
            JsonObject page = chat.rooms().page(GENERAL, Long.MAX_VALUE);
            JsonObject mine = chat.rooms().mine(new Person(a, a));
            Await.get("the end", chat.close());
            start("--redis", redis.endpoints().get(0));
            assertThat(chat.rooms().page(GENERAL, Long.MAX_VALUE)).isEqualTo(page);
            assertThat(chat.rooms().mine(new Person(a, a))).isEqualTo(mine);
        }
    }

    @Test
    void anEntryBehindALaterOneIsNotRead() throws Exception {
        try (RedisServer redis = RedisServer.standalone(false)) {
            start("--redis", redis.endpoints().get(0));
            Person ann = new Person("ann", "Ann");
            chat.rooms().mine(ann);
            chat.rooms().leave(ann, "room:help");
            Await.get("the end", chat.close());
            // As from a write that was given up, tried again, and done after all.
            JsonArray lines = new JsonArray(redis.node()
                    .call("LRANGE", "polywire:chat:journal", "0", "-1")
                    .lines()
                    .filter(line -> line.startsWith("{"))
                    .toList());
            String joined = lines.stream()
                    .map(String::valueOf)
                    .filter(line -> line.contains("\"joined\"") && line.contains("room:help"))
                    .findFirst()
                    .orElseThrow();
            redis.node().call("RPUSH", "polywire:chat:journal", joined);
            start("--redis", redis.endpoints().get(0));
            assertThat(chat.rooms().mine(ann).encode()).doesNotContain("room:help");
        }
    }
}
