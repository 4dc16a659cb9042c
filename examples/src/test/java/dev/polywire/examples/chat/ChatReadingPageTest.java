package dev.polywire.examples.chat;

import static dev.polywire.examples.shared.DemoBrowser.live;
import static dev.polywire.examples.shared.DemoBrowser.noErrors;
import static dev.polywire.examples.shared.DemoBrowser.type;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.examples.shared.DemoSettings;
import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the page shows to somebody who comes late, was away, or is everywhere. */
class ChatReadingPageTest extends ChatPeople {
    private static final String GENERAL = "room:general";
    private static final AtomicLong CLOCK = new AtomicLong(1);
    private static final Person OTHER = new Person("other", "Other");

    private static Vertx vertx;
    private static DemoBrowser browser;
    private static Chat chat;

    @BeforeAll
    static void start() throws Exception {
        Tools.require("chromium");
        vertx = Vertx.vertx();
        chat = Await.get("the chat", Chat.start(vertx, DemoSettings.parse("--port", "0"), CLOCK::get));
        browser = DemoBrowser.launch(vertx);
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (chat != null) {
            Await.get("the end", chat.close());
        }
        if (vertx != null) {
            Await.get("the end", vertx.close());
        }
    }

    @Override
    Vertx vertx() {
        return vertx;
    }

    @Override
    int port() {
        return chat.port();
    }

    @Test
    void longMessagesAreReadBackToTheFirst() throws Exception {
        String channel = chat.rooms()
                .direct(new Person("ivy", "Ivy"), new Person("long", "Long"))
                .getString("channel");
        for (int i = 1; i <= 70; i++) {
            String id = "message-" + i;
            String text = i + "\u6f22".repeat(Conversation.TEXT - 2);
            chat.rooms().write(channel, room -> room.add(new Person("long", "Long"), id, text, 1));
        }
        // An address that is none stops nothing.
        try (Chromium.Page ivy = browser.signedIn(url() + "#%", "Ivy")) {
            live(ivy);
            ivy.await("document.querySelectorAll('#rooms li').length === 3");
            ivy.evaluate("document.querySelector('#direct button').click()");
            ivy.await(last("70"));
            int shown = count(ivy, "#messages .text");
            assertThat(shown).isBetween(5, 30);
            while (!Boolean.TRUE.equals(ivy.evaluate("document.getElementById('earlier').hidden"))) {
                int before = count(ivy, "#messages .text");
                ivy.evaluate("document.getElementById('earlier').click()");
                ivy.await("document.querySelectorAll('#messages .text').length > " + before);
            }
            assertThat(ivy.evaluate("[...document.querySelectorAll('#messages .text')].map((one) =>"
                            + " Number.parseInt(one.textContent)).join()"))
                    .isEqualTo(String.join(
                            ",",
                            IntStream.rangeClosed(1, 70)
                                    .mapToObj(String::valueOf)
                                    .toList()));
            ivy.await("document.getElementById('beginning').textContent.startsWith('This is between you and Long')");
            noErrors(ivy);
        }
    }

    @Test
    void whatIsNewIsShownAndWhatWasReadIsTold() throws Exception {
        Person hal = new Person("hal", "Hal");
        chat.rooms().mine(hal);
        write("room:help", "help me");
        for (String text : List.of("one", "two", "three")) {
            write(GENERAL, text);
        }
        try (Chromium.Page page = browser.signedIn(url(), "Hal")) {
            live(page);
            page.await(
                    "document.querySelector('.line')?.nextElementSibling.querySelector('.text').textContent === 'one'");
            assertThat(page.evaluate(entry("help") + ".querySelector('.count').textContent"))
                    .isEqualTo("1 unread");
            // Taken back before it was read, it is not unread any more.
            ReferenceClient other = person("Other", "websocket");
            subscribe(other, "room:help");
            String id = chat.rooms()
                    .page("room:help", Long.MAX_VALUE)
                    .getJsonArray("messages")
                    .getJsonObject(0)
                    .getString("id");
            publish(other, "room:help", "DELETED", said(id, null));
            page.await("!" + entry("help") + ".querySelector('.count')");
            // Two rooms at once: neither mark is lost.
            publish(other, "room:help", "ADDED", said(id(), "again"));
            subscribe(other, "room:off-topic");
            publish(other, "room:off-topic", "ADDED", said(id(), "aside"));
            page.await(entry("off-topic") + ".querySelector('.count')");
            page.evaluate(entry("help") + ".click()");
            page.await(last("again"));
            page.evaluate(entry("off-topic") + ".click()");
            page.await(last("aside"));
            Await.until(
                    "all marks",
                    () -> chat.rooms().mine(hal).getJsonArray("conversations").stream()
                            .allMatch(one -> Integer.valueOf(0).equals(((JsonObject) one).getInteger("unread"))));
            noErrors(page);
        }
    }

    @Test
    void whoIsEverywhereSeesAllOfIt() throws Exception {
        ChatBoundsTest.fill(chat.rooms(), new Person("max", "Max"));
        try (Chromium.Page page = browser.signedIn(url(), "Max")) {
            live(page);
            page.await("document.querySelectorAll('#rooms li').length === " + Rooms.MOST
                    + " && document.querySelectorAll('#direct .count').length === " + Rooms.DIRECT);
            page.await("document.querySelectorAll('#messages .text').length > 5");
            page.evaluate("document.getElementById('status').click()");
            page.await("document.getElementById('me').textContent.includes('Away')");
            // The last of them is in.
            page.evaluate("document.querySelector('#direct li:last-child button').click()");
            page.await("document.querySelectorAll('#messages .text').length === 1 &&"
                    + " document.querySelector('#members .status.away')");
            assertThat(count(page, ".note-item.bad")).isZero();
            noErrors(page);
        }
    }

    @Test
    void typingIsToldOnceInAWhile() throws Exception {
        ReferenceClient other = person("Watcher", "websocket");
        subscribe(other, "typing:" + GENERAL);
        try (Chromium.Page page = browser.signedIn(url(), "Tia")) {
            live(page);
            page.await("document.activeElement.id === 'text'");
            long begun = System.nanoTime();
            // Not before it may: the channel of who types has just been asked for.
            Await.until("typing is told", () -> {
                try {
                    type(page, "#text", "t");
                    return typed(other).size() > 0;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            page.evaluate("(() => { for (let i = 0; i < 100; i++) document.getElementById('text').dispatchEvent(new"
                    + " Event('input')); })()");
            type(page, "#text", "");
            Await.until("the end is told", () -> typed(other).contains(false));
            long millis = (System.nanoTime() - begun) / 1_000_000;
            assertThat(typed(other)).endsWith(true, false).hasSizeLessThanOrEqualTo((int) (2 + millis / 2500));
            noErrors(page);
        }
    }

    @Test
    void escapeClosesWhatLiesOverThePageAndALongTopicPushesNothingOut() throws Exception {
        chat.rooms().mine(new Person("uma", "Uma"));
        write("room:help", "anybody?");
        try (Chromium.Page page = browser.signedIn(url(), "Uma")) {
            live(page);
            page.await("document.getElementById('title').textContent === 'general'");
            assertThat(page.evaluate("document.getElementById('topic').textContent = 'T'.repeat(120), ['leave', 'send']"
                            + ".every((id) => document.getElementById(id).getBoundingClientRect().right"
                            + " < document.querySelector('.talk').getBoundingClientRect().right)"))
                    .isEqualTo(true);
            page.evaluate("document.querySelector('#wire summary').click(), document.getElementById('cut').focus()");
            page.key("Escape");
            page.await("!document.getElementById('wire').open && document.activeElement.matches('#wire summary')");
            type(page, "#text", "to be kept");
            page.key("Enter");
            page.await("document.querySelector('[aria-label=\"Delete message\"]')");
            page.evaluate("document.querySelector('[aria-label=\"Delete message\"]').click()");
            page.await("document.activeElement.matches('.confirm button')");
            page.key("Escape");
            page.await("!document.querySelector('.confirm') && document.activeElement.id === 'text'");
            page.size(390, 800, true);
            page.evaluate("document.getElementById('show-people').click()");
            page.await("document.activeElement.id === 'close-people'");
            page.key("Escape");
            page.await("document.body.dataset.view === 'talk' && document.activeElement.id === 'show-people'");
            // What is unread elsewhere is to be seen there, too.
            page.await("document.getElementById('elsewhere').textContent === '1'");
            noErrors(page);
        }
    }

    @Test
    void whoIsNotKnownAnyMoreIsToldSoAndComesBackToTheSameRoom() throws Exception {
        try (Chromium.Page page = browser.signedIn(url(), "Vic")) {
            live(page);
            page.await(entry("help"));
            page.evaluate(entry("help") + ".click()");
            page.await("location.hash === '#room%3Ahelp'");
            page.evaluate("sessionStorage.setItem('polywire-chat', JSON.stringify({"
                    + " ...JSON.parse(sessionStorage.getItem('polywire-chat')), token: 'x.y.z' })), location.reload()");
            DemoBrowser.arrived(page, "document.getElementById('again')?.checkVisibility()");
            type(page, "#name", "Vic");
            type(page, "#password", "pass-Vic");
            page.evaluate("document.getElementById('go').click()");
            DemoBrowser.arrived(page, "document.getElementById('title')?.textContent === 'help'");
        }
    }

    private static List<Boolean> typed(ReferenceClient client) {
        return client.frames().stream()
                .filter(frame -> "TYPING".equals(frame.getString("event")))
                .map(frame -> frame.getJsonObject("payload").getBoolean("typing"))
                .toList();
    }

    /** The page's own parts, which know of no connection. */
    @Test
    void thePartsOfThePageKeepTheirPromises() throws Exception {
        try (Chromium.Page page = browser.open(url() + "shared/sign-in.html")) {
            DemoBrowser.arrived(page, "document.readyState === 'complete'");
            page.evaluate(
                    "window.check = (what, held) => { if (!held) throw new Error(what); }, window.said = (seq, more)"
                            + " => ({ id: `m${seq}`, seq, version: 1, author: { id: 'eve', name: 'Eve' }, text: `${seq}`, at: 1,"
                            + " ...more })");
            page.evaluate("""
                import('/conversation.js').then(({ Conversation }) => {
                  const room = new Conversation('room:x', 'me');
                  const places = () => room.messages.map(({ seq }) => seq).join();
                  // What comes before anybody looks is counted and not kept.
                  room.describe({ name: 'x', read: 1, last: 3, unread: 2 });
                  room.count(said(4)), room.hear(said(4));
                  check('counted', room.unread === 3 && places() === '');
                  check('a repeat', !room.count(said(4)) && !room.count(said(3)) && room.unread === 3);
                  check('taken back', !room.count(said(4, { deleted: true, version: 2 })) && room.unread === 2);
                  check('only the server knows', room.count(said(2, { deleted: true, version: 2 })));
                  room.expect();
                  room.hear(said(6));
                  room.begin({ messages: [said(4), said(5), said(6)], last: 6, earlier: true });
                  room.prepend({ messages: [said(2), said(3)], earlier: true });
                  check('a page', places() === '2,3,4,5,6' && room.earlier);
                  check('out of what is known', !room.hear(said(1, { version: 2 })) && places() === '2,3,4,5,6');
                  // Something was missed: 3 was taken back meanwhile, but the new page does not reach so far.
                  room.doubt(true);
                  check('shown meanwhile', places() === '2,3,4,5,6' && !room.loaded);
                  room.expect();
                  room.hear(said(8));
                  room.begin({ messages: [said(5, { version: 2, text: 'new' }), said(6), said(7)], last: 7, earlier: true });
                  check('no older than the page', places() === '5,6,7,8' && room.messages[0].text === 'new' && room.earlier);
                  // Not one that is not shown.
                  room.doubt(false);
                  check('forgotten', places() === '');
                  room.expect();
                  room.begin({ messages: [], last: 8, earlier: false });
                  for (let i = 1; i <= 3000; i++) room.hear(said(i));
                  check('bounded', room.messages.length <= 1200 && room.messages.at(-1).seq === 3000 && room.earlier);
                  room.aside();
                  check('less of it aside', room.messages.length === 200);
                  for (let i = 3001; i <= 3300; i++) room.hear(said(i), false);
                  check('and no more there', room.messages.length <= 240 && room.messages.at(-1).seq === 3300);
                  room.types({ id: 'eve', name: 'Eve', typing: true }, 1000);
                  check('typing', room.typing(5999).join() === 'Eve' && room.typing(6000).join() === '');
                  room.keep('m3300', 'mine', 'No.');
                  check('kept', room.get('m3300').refused.text === 'mine');
                })""");
            page.evaluate("""
                import('/marks.js').then(async ({ Marks }) => {
                  const told = [];
                  let error = { code: 'outcome_unknown' };
                  const marks = new Marks((channel, seq) => {
                    told.push(channel + seq);
                    return error ? Promise.reject(error) : Promise.resolve();
                  });
                  marks.set('a', 1), marks.set('b', 2), marks.set('a', 3);
                  marks.flush();
                  await new Promise((resolve) => setTimeout(resolve));
                  check('each once', told.splice(0).join() === 'a3,b2');
                  marks.set('b', 4), error = undefined, marks.flush();
                  check('again', told.splice(0).join() === 'a3,b4');
                  marks.set('c', 1), error = { code: 'not_found' }, marks.flush();
                  await new Promise((resolve) => setTimeout(resolve));
                  told.length = 0, marks.flush();
                  check('not for ever', told.length === 0);
                })""");
        }
    }

    private static void write(String channel, String text) {
        String id = id();
        chat.rooms().write(channel, room -> room.add(OTHER, id, text, System.currentTimeMillis()));
    }

    private static String url() {
        return "http://127.0.0.1:" + chat.port() + "/";
    }

    private static int count(Chromium.Page page, String selector) throws IOException {
        return ((Number) page.evaluate("document.querySelectorAll('" + selector + "').length")).intValue();
    }

    private static String last(String text) {
        return "[...document.querySelectorAll('#messages .text')].at(-1).textContent.startsWith(" + Json.encode(text)
                + ")";
    }

    private static String entry(String room) {
        return "[...document.querySelectorAll('#rooms button')].find((one) => one.querySelector('.name').textContent"
                + " === '"
                + room + "')";
    }
}
