package dev.polywire.examples.board;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.examples.shared.DemoProcess;
import dev.polywire.examples.shared.DemoSettings;
import dev.polywire.testing.Chromium;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The board in two browsers side by side, over each wire, apart and through a restart. */
class BoardPageTest {
    /** All that a page holds of the board. */
    private static final String CONTENT =
            "JSON.stringify([board.text.toString(), Object.entries(board.notes.toJSON()).sort()])";

    private static Vertx vertx;
    private static DemoBrowser browser;
    private static Board board;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        browser = DemoBrowser.launch(vertx);
        board = Await.get("the board", Board.start(vertx, DemoSettings.parse("--port", "0")));
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (board != null) {
            Await.get("its end", board.close().map(true));
        }
        if (vertx != null) {
            Await.get("the end of Vert.x", vertx.close().map(true));
        }
    }

    @ParameterizedTest
    @CsvSource({"websocket,longpoll", "sse,websocket", "longpoll,sse"})
    void whatTwoPeopleWriteAtTheSameTimeMeets(String wire, String other) throws Exception {
        try (Chromium.Page one = open("wire-" + wire, wire);
                Chromium.Page two = open("wire-" + wire, other)) {
            // All of it by the keyboard.
            one.evaluate("document.getElementById('add').focus()");
            one.key(" ");
            one.await("document.activeElement.matches('.note textarea')");
            type(one, "Buy milk");
            two.await("document.querySelector('.note textarea')?.value === 'Buy milk'");
            two.await("document.querySelector('.note .writer:not([hidden])')?.textContent.length > 2");
            two.evaluate("document.querySelector('.note textarea').focus()");
            two.evaluate("document.querySelector('.note textarea').setSelectionRange(0, 0)");
            type(two, "Please ");
            type(one, " and bread");
            same(one, two);
            assertThat((String) one.evaluate("document.querySelector('.note textarea').value"))
                    .isEqualTo("Please Buy milk and bread");

            one.evaluate("document.getElementById('text').focus()");
            type(one, "Ours");
            two.await("document.getElementById('text').value === 'Ours'");
            two.await("document.querySelector('.caret span')?.textContent.length > 2");
            // Two people are not shown alike.
            two.await("new Set([...document.querySelectorAll('#faces li')].map((one) => one.dataset.hue)).size === 2");
            one.evaluate("document.querySelector('.grip').focus()");
            one.key("ArrowRight");
            same(one, two);
            two.await("document.querySelector('#faces').children.length === 2");

            one.evaluate("document.querySelector('.remove').focus()");
            one.key(" ");
            two.await("!document.querySelector('.note')");
            one.evaluate("document.getElementById('undo').focus()");
            one.key(" ");
            two.await("document.querySelector('.note textarea')?.value === 'Please Buy milk and bread'");
            same(one, two);
            quiet(one, two);
        }
    }

    @Test
    void whatWasWrittenOfflineMergesOnReturn() throws Exception {
        try (Chromium.Page one = open("offline", "websocket");
                Chromium.Page two = open("offline", "sse")) {
            write(one, "Monday Tuesday");
            two.await("document.getElementById('text').value === 'Monday Tuesday'");
            one.evaluate("document.getElementById('alone').click()");
            one.await("!board.channel.subscribed");
            one.evaluate("document.getElementById('add').click()");
            write(one, "Monday: plan. Tuesday");
            write(two, "Monday Tuesday: work");
            two.evaluate("document.getElementById('add').click()");
            two.await("board.sync.saved");
            assertThat(one.evaluate("document.getElementById('text').value")).isEqualTo("Monday: plan. Tuesday");
            one.await("/Only here/.test(document.getElementById('saved').textContent)");

            one.evaluate("document.getElementById('alone').click()");

            two.await("document.getElementById('text').value === 'Monday: plan. Tuesday: work'");
            same(one, two);
            assertThat(one.evaluate("document.querySelectorAll('.note').length"))
                    .isEqualTo(2);
            one.await("document.getElementById('saved').textContent === 'Everybody has it'");
            quiet(one, two);
        }
    }

    @Test
    void pagesBringBackWhatAServerThatWasKilledHasLost() throws Exception {
        DemoProcess server = DemoProcess.start(BoardMain.class, "--port", "0");
        int port = server.port();
        try (Chromium.Page one = open(port, "restart", "websocket");
                Chromium.Page two = open(port, "restart", "longpoll")) {
            write(one, "Before");
            two.await("document.getElementById('text').value === 'Before'");
            server.kill();
            one.await("board.connection.state === 'reconnecting'");
            two.await("board.connection.state === 'reconnecting'");
            one.await("!document.getElementById('offline').hidden");
            write(one, "Before, meanwhile");
            write(two, "Long before");

            server = DemoProcess.start(BoardMain.class, "--port", "" + port);

            DemoBrowser.back(one);
            DemoBrowser.back(two);
            one.await("document.getElementById('offline').hidden");
            same(one, two);
            String met = (String) one.evaluate("board.text.toString()");
            assertThat(met).contains("Long", "meanwhile").hasSameSizeAs("Long before, meanwhile");
            try (Chromium.Page late = open(port, "restart", "sse")) {
                late.await("board.text.toString() === " + Json.encode(met));
                quiet(late);
            }
        } finally {
            server.kill();
        }
    }

    @Test
    void aLongLogIsMadeOneUpdateAndALateJoinerGetsItWhole() throws Exception {
        try (Chromium.Page one = open("long", "websocket");
                Chromium.Page two = open("long", "sse")) {
            // Each in an update of its own, as from somebody who types slowly; what another one writes comes in
            // between.
            one.evaluate("""
                window.done = (async () => {
                  const { Doc } = await import('/vendor/yjs.js');
                  const { toText } = await import('/sync.js');
                  const doc = new Doc();
                  const updates = [];
                  doc.on('update', (update) => updates.push(toText(update)));
                  for (let i = 0; i < %d; i++) doc.getText('text').insert(i, 'a');
                  await Promise.all(updates.map((update) => board.channel.publish('update', update)));
                })(), 0\
                """.formatted(UpdateLog.MANY + 20));
            two.evaluate("document.getElementById('text').focus()");
            type(two, "b");
            two.evaluate("document.getElementById('add').click()");
            one.evaluate("window.done");
            two.await("board.text.length === " + (UpdateLog.MANY + 21));
            same(one, two);
            Await.until("a short log", () -> board.updates("long").size() < UpdateLog.MANY);
            try (Chromium.Page late = open("long", "longpoll")) {
                same(one, late);
                quiet(one, two, late);
            }
        }
    }

    @Test
    void aStormOfEditsConvergesWhileWiresChangeAndBreak() throws Exception {
        long seed = System.nanoTime() & 0x7fffffff;
        String storm = """
            window.done = (async () => {
              let state = %d;
              const random = (most) => (state = (state * 48271) %% 2147483647) %% most;
              const area = document.getElementById('text');
              area.focus();
              for (let i = 0; i < 40; i++) {
                const at = random(area.value.length + 1);
                const cut = random(3) ? 0 : random(4);
                area.value = area.value.slice(0, at) + (cut ? '' : ['x', 'word ', '\\n', 'é'][random(4)]) + area.value.slice(at + cut);
                area.dispatchEvent(new Event('input'));
                if (i === 10) board.connection.dropWire();
                if (i === 25) document.querySelector('input[value=sse]').click();
                await new Promise((done) => setTimeout(done, random(20)));
              }
            })(), 0\
            """;
        try (Chromium.Page one = open("storm", "websocket");
                Chromium.Page two = open("storm", "longpoll")) {
            one.evaluate(storm.formatted(seed));
            two.evaluate(storm.formatted(seed / 2 + 1));
            one.evaluate("window.done");
            two.evaluate("window.done");
            try {
                same(one, two);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            DemoBrowser.noErrors(one);
            DemoBrowser.noErrors(two);
        }
    }

    @Test
    void whatIsNoUpdateHarmsNobody() throws Exception {
        try (Chromium.Page one = open("hostile", "websocket");
                Chromium.Page two = open("hostile", "websocket")) {
            for (String payload : List.of("'no base64!'", "{}", "''", "'AA=='")) {
                assertThat(one.evaluate("board.channel.publish('update', " + payload
                                + ").then(() => 'taken', (error) => error.code)"))
                        .isEqualTo("forbidden");
            }
            assertThat(one.evaluate("board.channel.publish('other', 'AAAA').catch((error) => error.code)"))
                    .isEqualTo("forbidden");
            one.evaluate("board.channel.publish('update', '////')");
            write(one, "<img src=x onerror=\"document.title='taken over'\">");
            same(one, two);
            try (Chromium.Page late = open("hostile", "websocket")) {
                same(one, late);
                assertThat(late.evaluate("document.title")).isEqualTo("Polywire board");
                quiet(one, two, late);
            }
        }
    }

    @Test
    void everybodyCanUseItOnAnyScreen() throws Exception {
        try (Chromium.Page page = open("screen", "websocket");
                Chromium.Page other = open("screen", "sse")) {
            DemoBrowser.reachable(page, List.of(".skip", "input[name=wire]", "#add", "#name", "#alone", "#text"), 20);
            page.evaluate("document.getElementById('add').focus()");
            page.key(" ");
            type(page, "Something");
            write(other, "Something else");
            page.await("document.querySelector('.caret')");
            other.evaluate("document.activeElement.blur(), document.getElementById('board').dispatchEvent(new"
                    + " PointerEvent('pointermove', { pointerType: 'mouse', clientX: 300, clientY: 300 }))");
            page.await("document.querySelector('.pointer span')?.textContent.length > 2");
            DemoBrowser.reachable(page, List.of("#name"), 5);
            DemoBrowser.accessible(page);
            DemoBrowser.fits(page);
            quiet(page, other);
        }
    }

    private static Chromium.Page open(String name, String wire) throws Exception {
        return open(board.port(), name, wire);
    }

    private static Chromium.Page open(int port, String name, String wire) throws Exception {
        Chromium.Page page = browser.open("http://127.0.0.1:" + port + "/?board=" + name + "&wire=" + wire);
        page.await("board.channel.subscribed && board.sync.saved && board.connection.transport === '" + wire + "'");
        return page;
    }

    /** As a person would who changes what stands there. */
    private static void write(Chromium.Page page, String text) throws IOException {
        page.evaluate("(() => { const area = document.getElementById('text'); area.focus(); area.value = "
                + Json.encode(text) + "; area.dispatchEvent(new Event('input')); })()");
    }

    /** As a person would at the keyboard, where the cursor is. */
    private static void type(Chromium.Page page, String text) throws IOException {
        page.evaluate("document.execCommand('insertText', false, " + Json.encode(text) + ")");
    }

    private static void same(Chromium.Page one, Chromium.Page two) throws Exception {
        one.await("board.sync.saved");
        two.await("board.sync.saved");
        // What the one has sent the other may not have yet.
        Object[] last = new Object[2];
        for (long end = System.nanoTime() + 20_000_000_000L; System.nanoTime() < end; ) {
            last[0] = one.evaluate(CONTENT);
            last[1] = two.evaluate(CONTENT);
            if (last[0].equals(last[1])) {
                break;
            }
        }
        assertThat(last[1]).isEqualTo(last[0]);
        // What is shown is what is meant.
        two.await("document.getElementById('text').value === board.text.toString()");
        two.await("document.querySelectorAll('.note').length === board.notes.size");
    }

    private static void quiet(Chromium.Page... pages) {
        for (Chromium.Page page : pages) {
            DemoBrowser.noErrors(page);
        }
    }
}
