package dev.polywire.examples.notifications;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InboxTest {
    private static final long NOW = Instant.parse("2026-11-28T12:00:00Z").toEpochMilli();

    private final Inbox inbox = new Inbox();

    @Test
    void aNewerOneWithTheSameKeyReplacesTheOlder() {
        add("1", "build");
        add("2", null);
        assertThat(add("3", "build").gone()).containsExactly("1");
        assertThat(inbox.items()).extracting(Notification::id).containsExactly("2", "3");
        assertThat(inbox.revision()).isEqualTo(3);
        assertThat(inbox.unread(NOW)).isEqualTo(2);
    }

    @Test
    void aKeyIsItsSendersAndItsTopics() {
        add("1", "build");
        inbox.add("2", message("eve's", "build", Message.Severity.INFO), "eve", NOW, 0);
        inbox.add("3", new Message("t", "", null, Message.Severity.INFO, "build", "deploys"), "bob", NOW, 0);
        assertThat(inbox.items()).extracting(Notification::id).containsExactly("1", "2", "3");
    }

    @Test
    void idempotencyKeysAreTheirSendersAndTheOldestAreForgotten() {
        for (int i = 0; i <= Inbox.SENT; i++) {
            inbox.sent("bob", "key" + i, "id" + i);
        }
        assertThat(inbox.sent("bob", "key0")).isNull();
        assertThat(inbox.sent("bob", "key1")).isEqualTo("id1");
        assertThat(inbox.sent("eve", "key1")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"22:00:30", "24:00", "7:00", "22", ""})
    void quietHoursHaveHoursAndMinutes(String from) {
        JsonObject json = QuietHours.NONE.toJson().put("from", from);
        assertThatThrownBy(() -> QuietHours.fromJson(json)).hasMessageStartingWith("Quiet hours have");
    }

    @Test
    void whenItIsFullWhatIsReadGivesWayBeforeWhatIsNot() {
        for (int i = 0; i < Inbox.MOST; i++) {
            add("" + i, null);
        }
        inbox.mark(List.of("7"), true);
        assertThat(add("a", null).gone()).containsExactly("7");
        assertThat(add("b", null).gone()).containsExactly("0");
        assertThat(inbox.items()).hasSize(Inbox.MOST);
    }

    @Test
    void onlyWhatChangesIsARevision() {
        add("1", null);
        add("2", null);
        assertThat(inbox.acknowledge(List.of("1", "nowhere"))).containsExactly("1");
        assertThat(inbox.unacknowledged()).extracting(Notification::id).containsExactly("2");
        assertThat(inbox.revision()).isEqualTo(2);
        assertThat(inbox.mark(null, true)).containsExactly("1", "2");
        assertThat(inbox.mark(null, true)).isEmpty();
        assertThat(inbox.remove(List.of("nowhere"))).isEmpty();
        assertThat(inbox.revision()).isEqualTo(3);
        assertThat(inbox.unacknowledged()).as("what is read was shown").isEmpty();
        assertThat(inbox.mark(List.of("1"), false)).containsExactly("1");
        assertThat(inbox.unread(NOW)).isEqualTo(1);
    }

    @Test
    void whatExpiresIsNotShownAndThenGone() {
        inbox.add("1", message("soon", null, Message.Severity.INFO), "bob", NOW, NOW + 1000);
        add("2", null);
        assertThat(inbox.nextExpiry()).isEqualTo(NOW + 1000);
        assertThat(inbox.unread(NOW + 999)).isEqualTo(2);
        assertThat(inbox.unread(NOW + 1000)).isEqualTo(1);
        assertThat(inbox.expire(NOW + 999)).isEmpty();
        assertThat(inbox.view(NOW + 1000, 100_000).getJsonArray("notifications"))
                .hasSize(1);
        assertThat(inbox.expire(NOW + 1000)).containsExactly("1");
        assertThat(inbox.nextExpiry()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aViewIsAsLongAsThereIsRoomAndTellsWhenThereIsMore() {
        for (int i = 0; i < 20; i++) {
            add("" + i, null);
        }
        JsonObject view = inbox.view(NOW, 1000);
        assertThat(view.getJsonArray("notifications").encode().length()).isLessThan(1100);
        assertThat(view.getJsonArray("notifications").getJsonObject(0).getString("id"))
                .isEqualTo("19");
        assertThat(view.getBoolean("more")).isTrue();
        assertThat(inbox.view(NOW, 100_000).getBoolean("more")).isFalse();
    }

    @Test
    void quietHoursHushAllButWhatIsCritical() {
        inbox.quiet(new QuietHours(true, LocalTime.of(11, 0), LocalTime.of(13, 0), ZoneId.of("UTC")));
        assertThat(add("1", null).notification().quiet()).isTrue();
        assertThat(inbox.add("2", message("!", null, Message.Severity.CRITICAL), "bob", NOW, 0)
                        .notification()
                        .quiet())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "22:00,07:00,UTC,false", "12:00,12:01,UTC,true", "11:00,12:00,UTC,false", "21:00,07:00,Asia/Tokyo,true",
        "12:00,12:00,UTC,false", "12:30,13:30,Europe/Berlin,true", "13:00,11:59,UTC,false", "13:00,12:01,UTC,true"
    })
    void quietHoursAreOnTheClockOfThePerson(LocalTime from, LocalTime to, String zone, boolean quiet) {
        assertThat(new QuietHours(true, from, to, ZoneId.of(zone)).at(NOW)).isEqualTo(quiet);
        assertThat(new QuietHours(false, from, to, ZoneId.of(zone)).at(NOW)).isFalse();
    }

    @Test
    void itIsTheSameAfterJson() {
        add("1", "key");
        inbox.follow("deploys", true);
        inbox.sent("bob", "a key", "1");
        inbox.quiet(new QuietHours(true, LocalTime.of(1, 0), LocalTime.of(2, 0), ZoneId.of("Europe/Paris")));
        Inbox back = Inbox.fromJson(new JsonObject(inbox.toJson().encode()));
        assertThat(back.toJson()).isEqualTo(inbox.toJson());
        assertThat(back.items()).isEqualTo(inbox.items());
        assertThat(back.topics()).isEqualTo(Set.of("deploys"));
        assertThat(back.quiet()).isEqualTo(inbox.quiet());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "javascript:alert(1)",
                "JAVASCRIPT:alert(1)",
                "data:text/html,x",
                "//evil.example",
                "/\\evil.example",
                "relative",
                "https://",
                "java\tscript:x",
                "/a b",
                "file:///etc/passwd",
                "vbscript:x"
            })
    void aLinkGoesNowhereElse(String link) {
        assertThatThrownBy(() -> new Message("t", "", link, Message.Severity.INFO, null, null))
                .hasMessageStartingWith("link must be");
    }

    private Inbox.Added add(String id, String key) {
        return inbox.add(id, message("title " + id, key, Message.Severity.INFO), "bob", NOW, 0);
    }

    static Message message(String title, String key, Message.Severity severity) {
        return new Message(title, "a body", "https://example.com/x?y=z", severity, key, null);
    }
}
