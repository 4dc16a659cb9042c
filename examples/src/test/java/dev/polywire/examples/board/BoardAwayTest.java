package dev.polywire.examples.board;

import static dev.polywire.examples.board.BoardPages.quiet;
import static dev.polywire.examples.board.BoardPages.same;
import static dev.polywire.examples.board.BoardPages.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.examples.shared.DemoProcess;
import dev.polywire.testing.Chromium;
import io.vertx.core.json.Json;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What was written where the server could not have it at once: offline, on a board that is full or refused, while it was killed. */
class BoardAwayTest {
    /** Moves only by hand. */
    private static final AtomicLong clock = new AtomicLong();

    /** How many pages have kept something that is unsaved of one board. */
    private static final String KEPT =
            "Object.keys(localStorage).filter((key) => key.includes('.unsaved.kept.')).length";

    private static BoardPages pages;

    @BeforeAll
    static void start() throws Exception {
        pages = BoardPages.start(clock::get);
    }

    @AfterAll
    static void stop() throws Exception {
        if (pages != null) {
            pages.close();
        }
    }

    @Test
    void whatWasWrittenOfflineMergesOnReturn() throws Exception {
        try (Chromium.Page one = pages.open("offline", "websocket");
                Chromium.Page two = pages.open("offline", "sse")) {
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
    void whatWasWrittenOfflineOutlivesThePage() throws Exception {
        try (Chromium.Page two = pages.open("kept", "sse")) {
            try (Chromium.Page one = pages.open("kept", "websocket")) {
                write(one, "Together");
                two.await("board.text.toString() === 'Together'");
                one.evaluate("document.getElementById('alone').click()");
                one.await("!board.channel.subscribed");
                write(one, "Together, alone");
                one.evaluate("document.getElementById('add').click()");
                one.evaluate("window.before = true, location.reload()");
                one.await("!window.before && board.connection.state === 'connected'");
                // Still offline, and nothing is missing.
                one.await("document.getElementById('text').value === 'Together, alone'");
                one.await("document.querySelectorAll('.note').length === 1");
                one.await("document.getElementById('alone').checked && !board.channel.subscribed");
                // A page of the same browser that is online does not tell it for this one.
                one.await(KEPT + " === 1");
                two.evaluate("window.before = true, location.reload()");
                two.await("!window.before && board.sync.saved && board.connection.transport === 'sse'");
                assertThat(two.evaluate("board.text.toString()")).isEqualTo("Together");
                write(one, "Together, alone.");
                write(two, "Now together");
                one.await("board.sync.unsaved && " + KEPT + " === 1");
                two.await("board.sync.saved");
            }
            // Its tab was closed; who comes next has it.
            try (Chromium.Page three = pages.open("kept", "longpoll")) {
                two.await("board.text.toString() === 'Now together, alone.'");
                same(two, three);
                three.await(KEPT + " === 0");
                quiet(two, three);
            }
        }
    }

    @Test
    void aPageThatCannotKeepWhatIsUnsavedIsNotLeftUnasked() throws Exception {
        try (Chromium.Page page = pages.open("unkept", "websocket")) {
            String leave = "dispatchEvent(new Event('beforeunload', { cancelable: true }))";
            page.evaluate("document.getElementById('alone').click()");
            write(page, "Only here");
            assertThat(page.evaluate(leave)).isEqualTo(true);
            page.evaluate("Storage.prototype.setItem = () => { throw new Error('There is no room'); }");
            write(page, "Only here so far");
            page.await("document.getElementById('saved').textContent.includes('lost when this page is closed')");
            assertThat(page.evaluate(leave)).isEqualTo(false);
            page.evaluate("document.getElementById('alone').click()");
            page.await("document.getElementById('saved').textContent === 'Everybody has it'");
            assertThat(page.evaluate(leave)).isEqualTo(true);
            quiet(page);
        }
    }

    @Test
    void aFullBoardIsFreedByRemoving() throws Exception {
        String fill = "board.doc.getText('%s').insert(0, 'x'.repeat(%d))";
        // In Base64 three characters are four.
        int most = UpdateLog.ROOM / 4 * 3;
        try (Chromium.Page one = pages.open("full", "websocket");
                Chromium.Page two = pages.open("full", "sse")) {
            write(one, "Small");
            two.await("board.text.toString() === 'Small'");
            // What is refused does not stand in the way of what is done then.
            one.evaluate(fill.formatted("large", most));
            one.await("document.getElementById('saved').textContent.includes('full')");
            write(one, "Small and old");
            one.evaluate("board.doc.getText('large').delete(0, " + most + ")");
            one.await("document.getElementById('saved').textContent === 'Everybody has it'");
            two.await("board.text.toString() === 'Small and old'");

            // Full to the brim with what others have written, too.
            clock.addAndGet(60_000);
            two.evaluate(fill.formatted("large", most - 1000));
            two.await("board.sync.saved");
            clock.addAndGet(60_000);
            write(one, "Small and old, " + "long ".repeat(400));
            one.await("document.getElementById('saved').textContent.includes('full')");
            clock.addAndGet(60_000);
            one.evaluate("board.doc.getText('large').delete(0, 50000)");
            one.await("document.getElementById('saved').textContent === 'Everybody has it'");
            same(one, two);
            assertThat(one.evaluate("board.text.length")).isEqualTo(15 + 2000);
            quiet(one, two);
        }
    }

    @Test
    void aSubscriptionWhileSomethingIsOnItsWayIsLookedInto() throws Exception {
        try (Chromium.Page page = pages.open("race", "websocket")) {
            page.evaluate("""
                (async () => {
                  const { channel, text } = board;
                  const publish = channel.publish;
                  let go;
                  channel.publish = (...what) => new Promise((done) => (go = () => done(publish.call(channel, ...what))));
                  text.insert(0, 'on its way');
                  while (!go) await new Promise((done) => setTimeout(done, 10));
                  const again = new Promise((done) => channel.on(':subscribed', done));
                  await channel.unsubscribe();
                  await channel.subscribe();
                  await again;
                  await new Promise((done) => setTimeout(done, 50));
                  channel.publish = publish;
                  go();
                })()\
                """);
            page.await("document.getElementById('saved').textContent === 'Everybody has it'");
            quiet(page);
        }
    }

    @Test
    void aBoardThatCannotBeOpenedSaysSoToEverybody() throws Exception {
        try (Chromium.Page visitor = pages.open("taken", "websocket")) {
            // As many as there may be, and something on each.
            visitor.evaluate("""
                (async () => {
                  const update = btoa(String.fromCharCode(1, 1, 1));
                  for (let i = 0; i < %d; i++) {
                    const channel = board.connection.channel(`board:taken-${i}`);
                    await channel.subscribe().then(() => channel.publish('update', update)).catch(() => {});
                    await channel.unsubscribe();
                  }
                })()\
                """.formatted(Boards.MOST + 1));
            Chromium.Page page = pages.browser.open("http://127.0.0.1:" + pages.board.port() + "/?board=late");
            page.await("document.getElementById('refused').checkVisibility()");
            assertThat((String) page.evaluate("document.getElementById('refused').textContent"))
                    .contains("as many boards as there may be");
            write(page, "Written all the same");
            DemoBrowser.accessible(page);
            DemoBrowser.fits(page);
            clock.addAndGet(Boards.KEPT.toMillis());
            page.evaluate("document.getElementById('again').click()");
            page.await("document.getElementById('saved').textContent === 'Everybody has it'");
            page.await("!document.getElementById('refused').checkVisibility()");
            quiet(page);
            page.close();
        }
    }

    @Test
    void pagesBringBackWhatAServerThatWasKilledHasLost() throws Exception {
        DemoProcess server = DemoProcess.start(BoardMain.class, "--port", "0");
        int port = server.port();
        try (Chromium.Page one = pages.open(port, "restart", "websocket");
                Chromium.Page two = pages.open(port, "restart", "longpoll");
                Chromium.Page three = pages.open(port, "restart", "sse")) {
            List<Chromium.Page> all = List.of(one, two, three);
            write(one, "Before");
            for (Chromium.Page page : all) {
                page.await("document.getElementById('text').value === 'Before'");
            }
            server.kill();
            for (Chromium.Page page : all) {
                page.await("board.connection.state === 'reconnecting'");
            }
            one.await("!document.getElementById('offline').hidden");
            write(one, "Before, meanwhile");
            write(two, "Long before");
            three.evaluate("document.getElementById('add').click()");

            server = DemoProcess.start(BoardMain.class, "--port", "" + port);

            for (Chromium.Page page : all) {
                DemoBrowser.back(page);
            }
            one.await("document.getElementById('offline').hidden");
            same(one, two);
            same(two, three);
            String met = (String) one.evaluate("board.text.toString()");
            assertThat(met).contains("Long", "meanwhile").hasSameSizeAs("Long before, meanwhile");
            assertThat(one.evaluate("board.notes.size")).isEqualTo(1);
            try (Chromium.Page late = pages.open(port, "restart", "sse")) {
                late.await("board.text.toString() === " + Json.encode(met));
                quiet(late);
            }
            for (Chromium.Page page : all) {
                DemoBrowser.noErrorsButOfAway(page);
            }
        } finally {
            server.kill();
        }
    }
}
