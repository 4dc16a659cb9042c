package dev.polywire.examples.board;

import static dev.polywire.examples.board.BoardPages.compose;
import static dev.polywire.examples.board.BoardPages.quiet;
import static dev.polywire.examples.board.BoardPages.same;
import static dev.polywire.examples.board.BoardPages.type;
import static dev.polywire.examples.board.BoardPages.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.testing.Chromium;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The board in two browsers side by side, over each wire. */
class BoardPageTest {
    private static BoardPages pages;

    @BeforeAll
    static void start() throws Exception {
        pages = BoardPages.start(() -> System.nanoTime() / 1_000_000);
    }

    @AfterAll
    static void stop() throws Exception {
        if (pages != null) {
            pages.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"websocket,longpoll", "sse,websocket", "longpoll,sse"})
    void whatTwoPeopleWriteAtTheSameTimeMeets(String wire, String other) throws Exception {
        try (Chromium.Page one = pages.open("wire-" + wire, wire);
                Chromium.Page two = pages.open("wire-" + wire, other)) {
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
    void aWordThatIsComposedMeetsWhatOthersWriteMeanwhile() throws Exception {
        try (Chromium.Page one = pages.open("composed", "websocket");
                Chromium.Page two = pages.open("composed", "sse")) {
            write(one, "abcd");
            two.await("board.text.toString() === 'abcd'");
            one.evaluate("document.getElementById('text').setSelectionRange(3, 3)");
            compose(one, "e");
            // Before it, behind it, at it; and what is taken away on both sides of it.
            for (String there : List.of("Xabcd", "Xabc-d", "Xabc-dY", "Xac-dY")) {
                write(two, there);
                one.await("board.text.toString() === " + Json.encode(there));
            }
            compose(one, "ét");
            // What is composed must stay where it is, or the word is lost.
            assertThat(one.evaluate("document.getElementById('text').value")).isEqualTo("abcétd");
            one.call("Input.insertText", new JsonObject().put("text", "été"));

            two.await("board.text.toString() === 'Xacété-dY'");
            same(one, two);
            // The caret stays behind the word.
            type(one, "s");
            two.await("board.text.toString() === 'Xacétés-dY'");
            quiet(one, two);
        }
    }

    @Test
    void aLongLogIsMadeOneUpdateAndALateJoinerGetsItWhole() throws Exception {
        try (Chromium.Page one = pages.open("long", "websocket");
                Chromium.Page two = pages.open("long", "sse")) {
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
            Await.until("a short log", () -> pages.board.updates("long").size() < UpdateLog.MANY);
            try (Chromium.Page late = pages.open("long", "longpoll")) {
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
        try (Chromium.Page one = pages.open("storm", "websocket");
                Chromium.Page two = pages.open("storm", "longpoll")) {
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
        try (Chromium.Page one = pages.open("hostile", "websocket");
                Chromium.Page two = pages.open("hostile", "websocket")) {
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
            try (Chromium.Page late = pages.open("hostile", "websocket")) {
                same(one, late);
                assertThat(late.evaluate("document.title")).isEqualTo("Polywire board");
                quiet(one, two, late);
            }
        }
    }

    @Test
    void everybodyCanUseItOnAnyScreen() throws Exception {
        try (Chromium.Page page = pages.open("screen", "websocket");
                Chromium.Page other = pages.open("screen", "sse")) {
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
            page.size(390, 844, true);
            DemoBrowser.accessible(page);
            quiet(page, other);
        }
    }
}
