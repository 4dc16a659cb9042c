package dev.polywire.examples.chat;

import static dev.polywire.examples.shared.DemoBrowser.accessible;
import static dev.polywire.examples.shared.DemoBrowser.back;
import static dev.polywire.examples.shared.DemoBrowser.fits;
import static dev.polywire.examples.shared.DemoBrowser.live;
import static dev.polywire.examples.shared.DemoBrowser.noErrors;
import static dev.polywire.examples.shared.DemoBrowser.type;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.examples.shared.DemoProcess;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in browsers side by side, over each wire, while the server is killed and comes back. */
class ChatPageTest {
    private static final Pattern KILLED =
            Pattern.compile("(Failed to load resource: |WebSocket connection to '[^']+/realtime/websocket' failed: )"
                    + "(Error in connection establishment: )?"
                    + "(net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)"
                    + "|Connection closed before receiving a handshake response)"
                    + " http://[^/]+/realtime/[a-z.]+(\\?wait=\\d+)?");

    private static Vertx vertx;
    private static DemoBrowser browser;
    private static RedisServer redis;
    private static DemoProcess chat;

    @BeforeAll
    static void start() throws Exception {
        Tools.require("chromium");
        vertx = Vertx.vertx();
        redis = RedisServer.standalone();
        chat = chat(0);
        browser = DemoBrowser.launch(vertx);
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (chat != null) {
            chat.close();
        }
        if (redis != null) {
            redis.close();
        }
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @CsvSource({"websocket,2", "sse,3", "longpoll,4"})
    void twoBrowsersStayInStepAlsoWhenTheServerIsKilled(String wire, int number) throws Exception {
        String a = "Ada" + number;
        String b = "Bob" + number;
        // The room keeps what the run before has said.
        String there = "is anybody there, " + b + "?";
        String dark = "said in the dark by " + a;
        String again = "back again, " + a;
        String url = url() + "?wire=" + wire;
        try (Chromium.Page ada = browser.signedIn(url, a);
                Chromium.Page bob = browser.signedIn(url, b)) {
            live(ada, wire);
            live(bob, wire);
            ada.await(member(b, "online"));
            bob.await(member(a, "online"));

            type(ada, "#text", "hell");
            bob.await("document.getElementById('typing').textContent === '" + a + " is typing…'");
            say(ada, "hello from " + a);
            bob.await(last("hello from " + a));
            bob.await("document.getElementById('typing').textContent === ''");
            say(bob, "hello from " + b);
            ada.await(last("hello from " + b));

            // An edit and a deletion.
            act(ada, "hello from " + a, "Edit message");
            type(ada, ".editor textarea", "good morning from " + a);
            ada.evaluate("document.querySelector('.editor .primary').click()");
            bob.await(shows("good morning from " + a + " (edited)"));
            act(bob, "hello from " + b, "Delete message");
            bob.evaluate("document.querySelector('.confirm .danger').click()");
            ada.await(last("This message was deleted."));

            // Away, and what is unread meanwhile.
            bob.evaluate("document.getElementById('status').click()");
            ada.await(member(b, "away"));
            bob.evaluate(entry("help") + ".click()");
            bob.await("document.getElementById('title').textContent === 'help'");
            say(ada, there);
            bob.await(entry("general") + ".querySelector('.count').firstChild.textContent === '1'");
            bob.await("document.title.startsWith('(1) ')");
            bob.evaluate(entry("general") + ".click()");
            bob.await("document.querySelector('.line') &&"
                    + " document.querySelector('.line').nextElementSibling.querySelector('.text').textContent ==="
                    + Json.encode(there));
            bob.await("!" + entry("general") + ".querySelector('.count')");

            // The server dies; what is said meanwhile comes when it is back.
            chat.kill();
            say(ada, dark);
            ada.await("document.querySelector('.message.sending .text').textContent === " + Json.encode(dark));
            bob.await("!document.getElementById('offline').hidden");
            chat = chat(chat.port());
            back(ada);
            back(bob);
            bob.await(last(dark));
            ada.await("!document.querySelector('.sending')");
            say(bob, again);
            ada.await(last(again));
            assertThat(texts(ada)).isEqualTo(texts(bob)).containsOnlyOnce(dark);
            ada.await(member(b, "away"));

            // For the two alone.
            ada.evaluate("[...document.querySelectorAll('#members button')].find((one) => one.textContent.includes('"
                    + b + "')).click()");
            ada.await("document.getElementById('title').textContent === '" + b + "'");
            say(ada, "between us");
            bob.await("document.querySelector('#direct .count')?.firstChild.textContent === '1'");
            bob.evaluate("document.querySelector('#direct button').click()");
            bob.await(last("between us"));
            assertThat(bob.evaluate("document.querySelectorAll('.message.failed').length"))
                    .isEqualTo(0);
            broken(ada);
            broken(bob);
        }
    }

    @Test
    void whatPeopleWriteIsNeverMarkup() throws Exception {
        List<String> attacks = List.of(
                "<img src=x onerror=\"window.taken=1\">",
                "<script>window.taken=1</script>",
                "</p><svg onload=window.taken=1>",
                "javascript:window.taken=1",
                "https://example.com/\"onmouseover=\"window.taken=1",
                "[x](javascript:window.taken=1) {{constructor.constructor('window.taken=1')()}} ${window.taken=1}");
        try (Chromium.Page eve = browser.signedIn(url(), "Eve");
                Chromium.Page dan = browser.signedIn(url(), "Dan")) {
            live(eve);
            dan.await(member("Eve", "online"));
            // The name of a room is made of letters; its topic is text.
            eve.evaluate("document.getElementById('new-room').click()");
            type(eve, "#room-name", "<b>attack</b>");
            type(eve, "#room-topic", attacks.get(0));
            eve.evaluate("document.getElementById('room-form').requestSubmit()");
            eve.await("document.getElementById('room-problem').textContent.includes('letters')");
            type(eve, "#room-name", "attack");
            eve.evaluate("document.getElementById('room-form').requestSubmit()");
            eve.await("document.getElementById('topic').textContent === " + Json.encode(attacks.get(0)));
            dan.await("[...document.querySelectorAll('#others button')].some((one) =>"
                    + " one.textContent.startsWith('attack'))");
            dan.evaluate("[...document.querySelectorAll('#others button')].find((one) =>"
                    + " one.textContent.startsWith('attack')).click()");
            dan.await("document.getElementById('topic').textContent === " + Json.encode(attacks.get(0)));

            for (String attack : attacks) {
                say(eve, attack);
                dan.await(last(attack));
            }
            act(eve, attacks.get(3), "Edit message");
            type(eve, ".editor textarea", attacks.get(1) + " https://polywire.dev/a?b=c.");
            eve.evaluate("document.querySelector('.editor .primary').click()");
            dan.await(shows(attacks.get(1) + " https://polywire.dev/a?b=c. (edited)"));
            for (Chromium.Page page : List.of(eve, dan)) {
                assertThat(page.evaluate("window.taken === undefined")).isEqualTo(true);
                assertThat(page.evaluate("document.querySelectorAll('#messages :is(img, script, iframe, object,"
                                + " [onerror], [onmouseover]), #topic *').length"))
                        .isEqualTo(0);
                assertThat(page.evaluate("[...document.querySelectorAll('#messages a')].map((a) => a.href + ' ' +"
                                + " a.rel).join()"))
                        .isEqualTo("https://polywire.dev/a?b=c noopener noreferrer nofollow ugc,https://example.com/"
                                + " noopener noreferrer nofollow ugc");
                noErrors(page);
            }
        }
    }

    @Test
    void whatIsRefusedIsTakenBackAndTold() throws Exception {
        String loser = "flood " + (Chat.BURST + 5);
        String late = "to be deleted";
        try (Chromium.Page page = browser.signedIn(url(), "Flo");
                Chromium.Page other = browser.signedIn(url(), "Flo")) {
            live(page);
            live(other);
            page.await("!document.getElementById('open').hidden");
            // First, while nobody has to wait: an edit that comes too late goes back to what is.
            say(page, late);
            other.await(last(late));
            page.await("!document.querySelector('.sending')");
            act(page, late, "Edit message");
            page.await("document.querySelector('.editor')");
            act(other, late, "Delete message");
            other.evaluate("document.querySelector('.confirm .danger').click()");
            other.await(last("This message was deleted.") + " && !document.querySelector('.changing')");
            type(page, ".editor textarea", "changed");
            page.evaluate("document.querySelector('.editor .primary').click()");
            page.await(
                    "document.querySelector('.note-item.bad').textContent === 'Your change was taken back. The message"
                            + " was deleted.'");
            page.await(last("This message was deleted."));
            // What was written is not lost.
            assertThat(page.evaluate("document.querySelector('.lost .attempt').textContent"))
                    .isEqualTo("changed");
            page.evaluate("document.querySelector('.lost .link').click()");
            page.await("document.getElementById('text').value === 'changed' && !document.querySelector('.lost')");

            // All at once, as from a page that does not wait. What is said of the pause is gone soon, so it is noted.
            page.evaluate("(() => { const pause = document.getElementById('pause'); window.paused = []; new"
                    + " MutationObserver(() => paused.push(pause.textContent +"
                    + " document.getElementById('send').disabled)).observe(pause, { childList: true }); for (let i = 0; i"
                    + " <= " + (Chat.BURST + 5)
                    + "; i++) { document.getElementById('text').value = 'flood ' + i; "
                    + "document.getElementById('composer').requestSubmit(); } })()");
            page.await(
                    "[...document.querySelectorAll('.message.failed .text')].at(-1).textContent === '" + loser + "'");
            page.await(
                    "document.querySelector('.failed .note').textContent.startsWith('Not sent. That was too fast.')");
            page.await("paused.includes('You are faster than the chat allows. You can go on in 1 second.true')");
            // How many of them the pace lets through depends on how fast the page is; those that it did not must not be
            // said.
            List<String> refused = List.of(
                    String.valueOf(page.evaluate("[...document.querySelectorAll('.message.failed .text')].map(text =>"
                                    + " text.textContent).join('|')"))
                            .split("\\|"));
            assertThat(refused).hasSizeGreaterThan(1);
            page.await("!document.getElementById('send').disabled");
            page.evaluate("[...document.querySelectorAll('.again')].at(-1).click()");
            other.await(last(loser));
            page.await("(() => { const next = document.querySelector('.failed .note .link:last-child'); next?.click();"
                    + " return !next; })()");
            assertThat(texts(page)).isEqualTo(texts(other)).contains("flood 0");
            assertThat(texts(page).lines())
                    .contains(loser)
                    .doesNotContainAnyElementsOf(refused.subList(0, refused.size() - 1));
            noErrors(page);
        }
    }

    @Test
    void aKeyboardIsEnoughAndEverybodyCanRead() throws Exception {
        try (Chromium.Page page = browser.signedIn(url(), "Gil");
                Chromium.Page hub = browser.signedIn(url(), "Hub")) {
            live(page);
            live(hub);
            page.evaluate("document.getElementById('text').focus()");
            page.await("document.activeElement.id === 'text'");
            type(page, "#text", "by hand");
            page.key("Enter");
            page.await(last("by hand") + " && !document.querySelector('.sending')");
            page.key("ArrowUp");
            page.await("document.activeElement.closest('.editor')");
            page.key("Escape");
            page.await("document.activeElement.id === 'text' && !document.querySelector('.editor')");
            page.key("ArrowUp");
            page.await("document.activeElement.closest('.editor')");
            type(page, ".editor textarea", "by keys");
            page.key("Enter");
            page.await(last("by keys (edited)"));
            DemoBrowser.reachable(page, List.of("#send"), 1);
            // Taken back again, without a pointer.
            page.evaluate("document.getElementById('scroll').focus()");
            press(page, ".actions [aria-label='Delete message']");
            page.await("document.activeElement.matches('.confirm .danger')");
            page.key("Enter");
            page.await(last("This message was deleted."));
            // A room of one's own, and a word to somebody alone.
            page.evaluate("document.querySelector('.skip').focus()");
            press(page, "#new-room");
            page.await("document.activeElement.id === 'room-name'");
            type(page, "#room-name", "by keys");
            page.key("Enter");
            page.await("document.getElementById('title').textContent === 'by-keys' &&"
                    + " document.activeElement.id === 'text'");
            page.evaluate(entry("general") + ".focus()");
            page.key("Enter");
            page.await(member("Hub", "online"));
            press(page, "#members button");
            page.await("document.getElementById('title').textContent === 'Hub' &&"
                    + " document.activeElement.id === 'text'");
            page.evaluate(entry("general") + ".focus()");
            page.key("Enter");
            page.await(last("This message was deleted."));
            page.evaluate("document.activeElement.blur(), document.querySelector('.skip').focus()");
            DemoBrowser.reachable(
                    page,
                    List.of("summary", "#new-room", "#rooms button", "#status", "#sign-out", "#leave", "#scroll"),
                    40);

            accessible(page);
            page.evaluate("document.getElementById('new-room').click()");
            accessible(page);
            page.evaluate("document.getElementById('room-cancel').click()");
            fits(page);
            page.size(390, 844, true);
            page.evaluate("document.getElementById('back').click()");
            page.await("document.body.dataset.view === 'list'");
            accessible(page);
            page.evaluate(entry("help") + ".click()");
            page.await("document.body.dataset.view === 'talk'");
            accessible(page);
            page.evaluate("document.getElementById('show-people').click()");
            page.await("document.body.dataset.view === 'people' && document.activeElement.id === 'close-people'");
            accessible(page);
            noErrors(page);
        }
    }

    /** Goes to it with the Tab key and presses it. */
    private static void press(Chromium.Page page, String selector) throws IOException {
        DemoBrowser.reachable(page, List.of(selector), 60);
        page.key("Enter");
    }

    /** The chat as {@code ./demo chat} runs it, in a process of its own. */
    private static DemoProcess chat(int port) throws Exception {
        return DemoProcess.start(
                ChatMain.class,
                "--port",
                String.valueOf(port),
                "--redis",
                redis.endpoints().get(0));
    }

    private static String url() {
        return "http://127.0.0.1:" + chat.port() + "/";
    }

    private static void say(Chromium.Page page, String text) throws IOException {
        type(page, "#text", text);
        page.evaluate("document.getElementById('composer').requestSubmit()");
        page.await(last(text));
    }

    /** Presses a button of the message that says so. */
    private static void act(Chromium.Page page, String text, String button) throws IOException {
        page.evaluate(
                "[...document.querySelectorAll('.message')].find((one) => one.querySelector('.text')?.textContent === "
                        + Json.encode(text) + ").querySelector('[aria-label=\"" + button + "\"]').click()");
    }

    private static String last(String text) {
        return "[...document.querySelectorAll('#messages .text')].at(-1).textContent === " + Json.encode(text);
    }

    private static String shows(String text) {
        return "[...document.querySelectorAll('#messages .text')].some((one) => one.textContent === "
                + Json.encode(text) + ")";
    }

    private static String texts(Chromium.Page page) throws IOException {
        return (String) page.evaluate(
                "[...document.querySelectorAll('#messages .text')].map((one) => one.textContent).join('\\n')");
    }

    private static String member(String name, String status) {
        return "[...document.querySelectorAll('#members li')].some((one) => one.querySelector('.name').textContent ==="
                + " '"
                + name + status + "')";
    }

    private static String entry(String room) {
        return "[...document.querySelectorAll('#rooms button')].find((one) => one.querySelector('.name').textContent"
                + " === '"
                + room + "')";
    }

    /** Nothing went wrong but what a browser says of a server that was killed, and is not there: its wires break, and are refused. */
    private static void broken(Chromium.Page page) {
        assertThat(page.errors())
                .allMatch(error -> KILLED.matcher(error).matches()
                        || error.contains("status of 409") && error.contains("/realtime/poll"));
    }
}
