package dev.polywire.examples.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.polywire.protocol.ErrorCode;
import dev.polywire.protocol.ProtocolException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a chat is, without a server. */
class ConversationTest {
    private static final Person ADA = new Person("ada", "Ada");
    private static final Person BOB = new Person("bob", "Bob");

    private final Conversation room = new Conversation("room:general");

    @Test
    void onlyTheAuthorChangesAMessage() {
        room.add(ADA, "message-1", " hello ", 1);
        refuses(ErrorCode.FORBIDDEN, () -> room.edit(BOB, "message-1", "goodbye", 2));
        refuses(ErrorCode.BAD_FRAME, () -> room.add(ADA, "message-2", " \u200b\u3164", 1));
        refuses(ErrorCode.BAD_FRAME, () -> new Rooms(Journal.NONE).open(ADA, "--", ""));
        refuses(ErrorCode.FORBIDDEN, () -> room.delete(BOB, "message-1"));
        // Nor does an id that somebody has used already let anybody else in.
        refuses(ErrorCode.FORBIDDEN, () -> room.add(BOB, "message-1", "goodbye", 2));

        Message edited = room.edit(ADA, "message-1", "hello, all", 3);
        assertThat(edited).isEqualTo(new Message("message-1", 1, 2, ADA, "hello, all", 1, 3, false));
        Message deleted = room.delete(ADA, "message-1");
        assertThat(deleted).isEqualTo(new Message("message-1", 1, 3, ADA, "", 1, 0, true));
        refuses(ErrorCode.NOT_FOUND, () -> room.edit(ADA, "message-1", "again", 4));
        assertThat(room.delete(ADA, "message-1")).isEqualTo(deleted);
    }

    @Test
    void aRepeatAddsNothing() {
        Message first = room.add(ADA, "message-1", "hello", 1);
        assertThat(room.add(ADA, "message-1", "hello", 2)).isEqualTo(first);
        assertThat(room.page(Long.MAX_VALUE, 10)).containsExactly(first);
    }

    @Test
    void whatIsNoMessageIsRefused() {
        refuses(ErrorCode.BAD_FRAME, () -> room.add(ADA, null, "hello", 1));
        refuses(ErrorCode.BAD_FRAME, () -> room.add(ADA, "<script>", "hello", 1));
        refuses(ErrorCode.BAD_FRAME, () -> room.add(ADA, "message-1", null, 1));
        refuses(ErrorCode.BAD_FRAME, () -> room.add(ADA, "message-1", "  \n ", 1));
        refuses(ErrorCode.BAD_FRAME, () -> room.add(ADA, "message-1", "x".repeat(Conversation.TEXT + 1), 1));
        refuses(ErrorCode.NOT_FOUND, () -> room.delete(ADA, "message-1"));
    }

    @Test
    void theNewestAreKept() {
        for (int i = 1; i <= Conversation.MOST + 5; i++) {
            room.add(ADA, "message-" + i, "number " + i, i);
        }
        List<Message> all = room.page(Long.MAX_VALUE, 2000);
        assertThat(all).hasSize(Conversation.MOST);
        assertThat(all.get(0).text()).isEqualTo("number 6");
        assertThat(room.page(100, 3)).extracting(Message::text).containsExactly("number 97", "number 98", "number 99");
        assertThat(room.reachesBeyond(6)).isFalse();
        assertThat(room.reachesBeyond(7)).isTrue();
    }

    @Test
    void aJournalThatIsReadTwiceAndInAnyOrderGivesTheSame() {
        List<JsonObject> written = new ArrayList<>();
        Journal journal = new Recording(written);
        Names names = new Names(journal);
        Rooms rooms = new Rooms(journal);
        names.meet(ADA);
        names.meet(BOB);
        rooms.mine(ADA);
        rooms.open(BOB, "Tea & cake".replace("& ", ""), "At four");
        String two = rooms.direct(ADA, BOB).getString("channel");
        rooms.write("room:general", room -> room.add(ADA, "message-1", "hello", 1));
        rooms.write("room:general", room -> room.edit(ADA, "message-1", "hello, all", 2));
        rooms.write(two, room -> room.add(BOB, "message-2", "psst", 3));
        rooms.write(two, room -> room.delete(BOB, "message-2"));
        rooms.read(ADA, "room:general", 1);
        rooms.leave(ADA, "room:help");
        // Who has left all rooms stays out, also when the journal is written anew.
        rooms.mine(BOB);
        rooms.list().forEach(room -> rooms.leave(BOB, ((JsonObject) room).getString("channel")));
        assertThat(rooms.mine(BOB).getJsonArray("conversations")).hasSize(1);

        List<JsonObject> twice = new ArrayList<>(written);
        twice.addAll(written);
        assertThat(state(twice)).isEqualTo(state(written));

        // Messages say by themselves which version is the later.
        long seed = System.nanoTime();
        List<JsonObject> messages = new ArrayList<>(written.stream()
                .filter(entry -> entry.getString("is").equals("message"))
                .toList());
        Collections.shuffle(messages, new Random(seed));
        List<JsonObject> shuffled = new ArrayList<>(written);
        shuffled.removeAll(messages);
        shuffled.addAll(messages);
        assertThat(state(shuffled)).as("seed " + seed).isEqualTo(state(written));

        // What is written down anew is the same again.
        List<JsonObject> anew = new ArrayList<>();
        names.dump(anew);
        rooms.dump(anew);
        assertThat(state(anew)).isEqualTo(state(written));
    }

    @Test
    void aPageIsBoundedByItsBytesAndLeadsToAllThereIs() {
        Rooms rooms = new Rooms(Journal.NONE);
        String longest = "\u6f22".repeat(Conversation.TEXT);
        for (int i = 1; i <= 100; i++) {
            String id = "message-" + i;
            // The worst that JSON makes of a character is six bytes.
            String text = i % 3 == 0 ? "\u0001".repeat(Conversation.TEXT - 1) + i % 10 : longest;
            rooms.write("room:general", room -> room.add(ADA, id, text, 1));
        }
        List<Long> seen = new ArrayList<>();
        JsonObject page = rooms.page("room:general", Long.MAX_VALUE);
        while (true) {
            assertThat(page.toBuffer().length()).isLessThan(Rooms.PAGE_BYTES + 1000);
            List<Long> places = page.getJsonArray("messages").stream()
                    .map(message -> ((JsonObject) message).getLong("seq"))
                    .toList();
            assertThat(places).isNotEmpty();
            seen.addAll(0, places);
            if (!page.getBoolean("earlier")) {
                break;
            }
            page = rooms.page("room:general", places.get(0));
        }
        assertThat(seen).isEqualTo(LongStream.rangeClosed(1, 100).boxed().toList());
    }

    @Test
    void unreadIsWhatOthersHaveSaidAndNotTakenBack() {
        Rooms rooms = new Rooms(Journal.NONE);
        rooms.mine(ADA);
        rooms.mine(BOB);
        for (int i = 1; i <= 4; i++) {
            String id = "message-" + i;
            rooms.write("room:general", room -> room.add(ADA, id, "hello", 1));
        }
        rooms.write("room:general", room -> room.add(BOB, "message-b", "hello", 1));
        rooms.write("room:general", room -> room.delete(ADA, "message-3"));
        assertThat(rooms.mine(BOB, "room:general").getInteger("unread")).isEqualTo(3);
        assertThat(rooms.mine(ADA, "room:general").getInteger("unread")).isEqualTo(1);
        rooms.read(BOB, "room:general", 2);
        assertThat(rooms.mine(BOB, "room:general").getInteger("unread")).isEqualTo(1);
        for (int i = 0; i < Conversation.UNREAD + 5; i++) {
            String id = "message-more-" + i;
            rooms.write("room:general", room -> room.add(ADA, id, "hello", 1));
        }
        assertThat(rooms.mine(BOB, "room:general").getInteger("unread")).isEqualTo(Conversation.UNREAD);
    }

    private record Recording(List<JsonObject> written) implements Journal {
        @Override
        public Future<Void> write(JsonObject entry) {
            written.add(entry);
            return Future.succeededFuture();
        }

        @Override
        public void check() {}

        @Override
        public Future<Void> begin(Supplier<List<JsonObject>> all) {
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> close() {
            return Future.succeededFuture();
        }
    }

    /** All that two people see who come after the journal was read. */
    private static List<Object> state(List<JsonObject> entries) {
        Names names = new Names(Journal.NONE);
        Rooms rooms = new Rooms(Journal.NONE);
        for (JsonObject entry : entries) {
            if (entry.getString("is").equals("name")) {
                names.replay(entry);
            } else {
                rooms.replay(entry);
            }
        }
        List<Object> seen = new ArrayList<>();
        seen.add(rooms.list());
        for (String id : List.of("ada", "bob")) {
            Person person = names.person(id);
            assertThat(person).isNotNull();
            JsonObject mine = rooms.mine(person);
            seen.add(mine);
            mine.getJsonArray("conversations")
                    .forEach(one -> seen.add(rooms.page(((JsonObject) one).getString("channel"), Long.MAX_VALUE)));
        }
        return seen;
    }

    @Test
    void namesThatLookAlikeAreOneName() {
        Names names = new Names(Journal.NONE);
        assertThat(names.meet(new Person("ada", "Ada"))).isTrue();
        assertThat(names.meet(new Person("ada", "ADA"))).isTrue();
        assertThat(names.person("ada")).isEqualTo(new Person("ada", "Ada"));
        for (String other : List.of("A_da", "Áda", "a.d.a", "ada-")) {
            assertThat(names.objection(other.toLowerCase(Locale.ROOT), other))
                    .as(other)
                    .contains("looks like");
            assertThat(names.meet(new Person(other.toLowerCase(Locale.ROOT), other)))
                    .as(other)
                    .isFalse();
        }
        assertThat(names.meet(new Person("bill", "Bill"))).isTrue();
        assertThat(names.meet(new Person("b1ll", "B1ll"))).isFalse();
        assertThat(names.objection("аda", "\u0430da")).contains("one alphabet");
        // In one alphabet, but not in that which it seems to be: Cyrillic "ace" and "TOM", Greek "ABBA".
        for (String latin : List.of("ace", "Tom", "ABBA")) {
            assertThat(names.meet(new Person(latin.toLowerCase(Locale.ROOT), latin)))
                    .isTrue();
        }
        for (String other : List.of("\u0430\u0441\u0435", "\u0422\u041e\u041c", "\u0391\u0392\u0392\u0391")) {
            assertThat(names.objection(other.toLowerCase(Locale.ROOT), other))
                    .as(other)
                    .contains("looks like");
        }
        assertThat(names.meet(new Person("\u043e\u043b\u044f", "\u041e\u043b\u044f")))
                .isTrue();
        assertThat(names.meet(new Person("\u674e\u96f7", "\u674e\u96f7"))).isTrue();
    }

    @Test
    void aNameIsKeptFromOthersWhileSomebodyTakesIt() {
        Names names = new Names(Journal.NONE);
        Object one = new Object();
        Object same = new Object();
        Person zoe = new Person("zoe", "Zoe");
        assertThat(names.hold(one, zoe)).isNull();
        assertThat(names.hold(same, zoe)).as("the same from another tab").isNull();
        assertThat(names.hold(new Object(), new Person("zoé", "Zoé"))).contains("looks like");
        names.release(same, false);
        assertThat(names.hold(new Object(), new Person("zoé", "Zoé"))).contains("looks like");
        names.release(one, true);
        names.release(one, false);
        assertThat(names.person("zoe")).isEqualTo(zoe);
        Object failed = new Object();
        assertThat(names.hold(failed, new Person("max", "Max"))).isNull();
        names.release(failed, false);
        assertThat(names.person("max")).isNull();
        assertThat(names.hold(new Object(), new Person("máx", "Máx"))).isNull();
    }

    @Test
    void whoIsTooFastWaitsAndNobodyElse() {
        AtomicLong clock = new AtomicLong(5000);
        Pace pace = new Pace(3, 1000, clock::get);
        assertThat(List.of(pace.use("ada"), pace.use("ada"), pace.use("ada"))).containsOnly(0L);
        assertThat(pace.use("ada")).isEqualTo(1000);
        assertThat(pace.use("bob")).isZero();
        clock.addAndGet(999);
        assertThat(pace.use("ada")).isEqualTo(1);
        clock.addAndGet(1);
        assertThat(pace.use("ada")).isZero();
        assertThat(pace.use("ada")).isEqualTo(1000);
        clock.addAndGet(60_000);
        assertThat(List.of(pace.use("ada"), pace.use("ada"), pace.use("ada"))).containsOnly(0L);
        assertThat(pace.use("ada")).isPositive();
    }

    @Test
    void aConversationOfTwoIsTheSameForBothAndForNobodyElse() {
        assertThat(Rooms.channel(ADA, BOB)).isEqualTo(Rooms.channel(BOB, ADA)).isEqualTo("dm:ada,bob");
        assertThat(Rooms.isOf("dm:ada,bob", "bob")).isTrue();
        assertThat(Rooms.isOf("dm:ada,bob", "ad")).isFalse();
        assertThat(Rooms.isOf("dm:ada,bob", "ada,bob")).isFalse();
        assertThat(Rooms.isOf("room:ada,bob", "bob")).isFalse();
    }

    private static void refuses(ErrorCode code, Runnable what) {
        assertThatThrownBy(what::run)
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        refusal -> assertThat(refusal.code()).isEqualTo(code));
    }
}
