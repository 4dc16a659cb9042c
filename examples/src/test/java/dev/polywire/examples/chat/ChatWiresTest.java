package dev.polywire.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.examples.shared.DemoSettings;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the server lets people do, over each wire. */
class ChatWiresTest extends ChatPeople {
    private static final String GENERAL = "room:general";
    private static final AtomicLong CLOCK = new AtomicLong(1);

    private static Vertx vertx;
    private static Chat chat;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        chat = Await.get("the chat", Chat.start(vertx, DemoSettings.parse("--port", "0"), CLOCK::get));
    }

    @AfterAll
    static void stop() {
        if (chat != null) {
            Await.get("the end", chat.close());
        }
        Await.get("the end", vertx.close());
    }

    @AfterEach
    void forget() {
        CLOCK.addAndGet(3_600_000);
    }

    @Override
    Vertx vertx() {
        return vertx;
    }

    @Override
    int port() {
        return chat.port();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void aRoomIsInStepForAll(String wire) throws Exception {
        String a = name("ann");
        String b = name("ben");
        ReferenceClient ann = person(a, wire);
        ReferenceClient ben = person(b, wire);
        JsonObject first = subscribe(ann, GENERAL);
        subscribe(ben, GENERAL);
        long last = first.getJsonObject("snapshot").getLong("last");
        assertThat(first.getJsonObject("snapshot").getInteger("unread")).isZero();

        String id = id();
        assertThat(publish(ann, GENERAL, "ADDED", said(id, "hello <b>you</b>")).getString("type"))
                .isEqualTo("ack");
        JsonObject added = event(ben, "ADDED", id);
        assertThat(added.getString("text")).isEqualTo("hello <b>you</b>");
        assertThat(added.getJsonObject("author"))
                .isEqualTo(new JsonObject().put("id", a).put("name", a));
        assertThat(added.getLong("seq")).isEqualTo(last + 1);

        // Nobody else changes it, whatever he says of himself.
        JsonObject forged =
                said(id, "mine").put("author", new JsonObject().put("id", a)).put("seq", 1);
        assertThat(publish(ben, GENERAL, "UPDATED", forged).getString("code")).isEqualTo("forbidden");
        assertThat(publish(ben, GENERAL, "DELETED", said(id, null)).getString("code"))
                .isEqualTo("forbidden");
        assertThat(publish(ben, GENERAL, "SHOUTED", said(id(), "x")).getString("code"))
                .isEqualTo("bad_frame");

        publish(ann, GENERAL, "UPDATED", said(id, "hello, you").put("admin", true));
        JsonObject updated = event(ben, "UPDATED", id);
        assertThat(updated.getString("text")).isEqualTo("hello, you");
        assertThat(updated.getInteger("version")).isEqualTo(2);
        assertThat(updated.containsKey("admin")).isFalse();
        publish(ann, GENERAL, "DELETED", said(id, null));
        assertThat(event(ben, "DELETED", id).getString("text")).isEmpty();

        // Who comes now is told what there is, not what there was.
        JsonArray there = request(person(name("cid"), wire), "chat.page", new JsonObject().put("channel", GENERAL))
                .getJsonArray("messages");
        JsonObject seen = there.getJsonObject(there.size() - 1);
        assertThat(seen.getString("id")).isEqualTo(id);
        assertThat(seen.getBoolean("deleted")).isTrue();
        assertThat(there.encode()).doesNotContain("hello, you").doesNotContain("<b>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void whatTwoSayIsForThemAlone(String wire) throws Exception {
        String a = name("ann");
        String b = name("ben");
        ReferenceClient ann = person(a, wire);
        ReferenceClient ben = person(b, wire);
        ReferenceClient eve = person(name("eve"), wire);
        subscribe(ben, "user:" + b);
        JsonObject mine = request(ann, "chat.direct", new JsonObject().put("with", b));
        String channel = mine.getString("channel");
        ben.await(
                "word of the conversation",
                frame -> "JOINED".equals(frame.getString("event"))
                        && channel.equals(frame.getJsonObject("payload").getString("channel")));
        subscribe(ann, channel);
        subscribe(ben, channel);
        String id = id();
        publish(ann, channel, "ADDED", said(id, "psst"));
        assertThat(event(ben, "ADDED", id).getString("text")).isEqualTo("psst");

        for (String theirs : List.of(channel, "typing:" + channel, "user:" + a, "dm:zoe,zac", "room:nowhere")) {
            assertThat(ask(eve, "subscribe", new JsonObject().put("channels", new JsonArray().add(theirs)))
                            .getString("type"))
                    .as(theirs)
                    .isEqualTo("error");
        }
        for (String what : List.of("history", "presence")) {
            assertThat(ask(eve, what, new JsonObject().put("channel", channel)).getString("code"))
                    .isEqualTo("forbidden");
        }
        assertThat(publish(eve, channel, "ADDED", said(id(), "me too")).getString("type"))
                .isEqualTo("error");
        for (String address : List.of("chat.page", "chat.read", "chat.join")) {
            assertThat(ask(
                                    eve,
                                    "request",
                                    new JsonObject()
                                            .put("address", address)
                                            .put(
                                                    "payload",
                                                    new JsonObject()
                                                            .put("channel", channel)
                                                            .put("seq", 1)))
                            .getString("code"))
                    .as(address)
                    .isEqualTo("not_found");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void whoIsTooFastIsToldForHowLong(String wire) throws Exception {
        ReferenceClient ann = person(name("ann"), wire);
        subscribe(ann, GENERAL);
        for (int i = 0; i < Chat.BURST; i++) {
            assertThat(publish(ann, GENERAL, "ADDED", said(id(), "fast " + i)).getString("type"))
                    .isEqualTo("ack");
        }
        String id = id();
        JsonObject refused = publish(ann, GENERAL, "ADDED", said(id, "too fast"));
        assertThat(refused.getString("code")).isEqualTo("rate_limited");
        assertThat(refused.getLong("retryAfter")).isEqualTo(1000);
        CLOCK.addAndGet(1000);
        assertThat(publish(ann, GENERAL, "ADDED", said(id, "in time")).getString("type"))
                .isEqualTo("ack");
        assertThat(event(ann, "ADDED", id).getString("text")).isEqualTo("in time");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void typingIsToldAndForgotten(String wire) throws Exception {
        String a = name("ann");
        ReferenceClient ann = person(a, wire);
        ReferenceClient ben = person(name("ben"), wire);
        String typing = "typing:" + GENERAL;
        subscribe(ann, typing);
        subscribe(ben, typing);
        JsonObject keys = new JsonObject().put("typing", true).put("name", "Somebody else");
        for (int i = 0; i < 3; i++) {
            publish(ann, typing, "TYPING", keys);
        }
        assertThat(publish(ann, typing, "TYPING", keys).getString("code")).isEqualTo("rate_limited");
        JsonObject told = ben.await("typing", frame -> "TYPING".equals(frame.getString("event")))
                .getJsonObject("payload");
        assertThat(told).isEqualTo(new JsonObject().put("id", a).put("name", a).put("typing", true));
        assertThat(ann.frames()).noneMatch(frame -> "TYPING".equals(frame.getString("event")));
        // Nothing of it is kept anywhere.
        assertThat(chat.realtime().options().channelOptions(typing).historySize())
                .isZero();
        JsonObject late = subscribe(person(name("cid"), wire), typing);
        assertThat(late.containsKey("position")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void whatIsReadOnOneDeviceIsReadOnAll(String wire) throws Exception {
        String a = name("ann");
        ReferenceClient one = person(a, wire);
        ReferenceClient other = person(a, wire);
        ReferenceClient ben = person(name("ben"), wire);
        subscribe(one, "user:" + a);
        subscribe(other, "user:" + a);
        subscribe(ben, GENERAL);
        String id = id();
        publish(ben, GENERAL, "ADDED", said(id, "news"));
        long seq = event(ben, "ADDED", id).getLong("seq");
        // A mark does not go beyond what there is, nor back.
        request(one, "chat.read", new JsonObject().put("channel", GENERAL).put("seq", 1_000_000));
        JsonObject read = other.await("the mark", frame -> "READ".equals(frame.getString("event")))
                .getJsonObject("payload");
        JsonObject mark = new JsonObject()
                .put("channel", GENERAL)
                .put("read", seq)
                .put("last", seq)
                .put("unread", 0);
        assertThat(read).isEqualTo(mark);
        assertThat(request(
                        one,
                        "chat.read",
                        new JsonObject().put("channel", GENERAL).put("seq", seq - 1)))
                .isEqualTo(mark);
        JsonObject mine = subscribe(person(a, wire), "user:" + a).getJsonObject("snapshot");
        assertThat(mine.getJsonArray("conversations").stream()
                        .map(JsonObject.class::cast)
                        .filter(each -> GENERAL.equals(each.getString("channel")))
                        .map(each -> each.getLong("read")))
                .containsExactly(seq);
    }

    @Test
    void aNameIsItsHolders() throws Exception {
        String name = name("Zoe");
        assertThat(signIn(name, "the password").statusCode()).isEqualTo(200);
        assertThat(signIn(name, "another password").statusCode()).isEqualTo(401);
        assertThat(signIn(name.toUpperCase(Locale.ROOT), "another password").statusCode())
                .isEqualTo(401);
        assertThat(signIn(name, "the password").statusCode()).isEqualTo(200);
        HttpResponse<String> alike = signIn(name.replace("e", "é"), "another password");
        assertThat(alike.statusCode()).isEqualTo(409);
        assertThat(new JsonObject(alike.body()).getString("error")).contains("looks like");
        assertThat(signIn("<b>Zoe</b>", "the password").statusCode()).isEqualTo(400);
        // Nor do two get in that come at the same time.
        String twin = name("Tim");
        List<Integer> outcomes = Stream.of(twin, twin.replace("i", "í"))
                .map(one -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return signIn(one, "the password").statusCode();
                    } catch (Exception e) {
                        throw new CompletionException(e);
                    }
                }))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
        assertThat(outcomes).containsExactlyInAnyOrder(200, 409);
        for (String body : List.of("", "7", "[]", "{\"name\":7}", "{")) {
            assertThat(post(body).statusCode()).as(body).isEqualTo(400);
        }
    }
}
