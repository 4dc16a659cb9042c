package dev.polywire.examples.board;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.examples.shared.DemoSettings;
import dev.polywire.testing.Chromium;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.function.LongSupplier;

/** A board, a browser, and what people do on the board's pages. One for each test class. */
final class BoardPages implements AutoCloseable {
    /** All that a page holds of the board. */
    private static final String CONTENT =
            "JSON.stringify([board.text.toString(), Object.entries(board.notes.toJSON()).sort()])";

    final DemoBrowser browser;
    final Board board;
    private final Vertx vertx;

    private BoardPages(Vertx vertx, DemoBrowser browser, Board board) {
        this.vertx = vertx;
        this.browser = browser;
        this.board = board;
    }

    /** Starts them; skips the test where there is no Chromium. */
    static BoardPages start(LongSupplier clock) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            DemoBrowser browser = DemoBrowser.launch(vertx);
            return new BoardPages(
                    vertx,
                    browser,
                    Await.get("the board", Board.start(vertx, DemoSettings.parse("--port", "0"), clock)));
        } catch (Throwable e) {
            Await.get("the end of Vert.x", vertx.close().map(true));
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        browser.close();
        Await.get("its end", board.close().map(true));
        Await.get("the end of Vert.x", vertx.close().map(true));
    }

    Chromium.Page open(String name, String wire) throws Exception {
        return open(board.port(), name, wire);
    }

    Chromium.Page open(int port, String name, String wire) throws Exception {
        Chromium.Page page = browser.open("http://127.0.0.1:" + port + "/?board=" + name + "&wire=" + wire);
        page.await("board.channel.subscribed && board.sync.saved && board.connection.transport === '" + wire + "'");
        return page;
    }

    /** As a person would who changes what stands there. */
    static void write(Chromium.Page page, String text) throws IOException {
        page.evaluate("(() => { const area = document.getElementById('text'); area.focus(); area.value = "
                + Json.encode(text) + "; area.dispatchEvent(new Event('input')); })()");
    }

    /** As a person would at the keyboard, where the cursor is. */
    static void type(Chromium.Page page, String text) throws IOException {
        page.evaluate("document.execCommand('insertText', false, " + Json.encode(text) + ")");
    }

    /** As an input method does, of which a word is not yet done. */
    static void compose(Chromium.Page page, String word) throws IOException {
        page.call(
                "Input.imeSetComposition",
                new JsonObject()
                        .put("text", word)
                        .put("selectionStart", word.length())
                        .put("selectionEnd", word.length()));
    }

    static void same(Chromium.Page one, Chromium.Page two) throws Exception {
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

    static void quiet(Chromium.Page... pages) {
        for (Chromium.Page page : pages) {
            DemoBrowser.noErrors(page);
        }
    }
}
