package dev.polywire.examples.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * A Chromium that knows what is expected of every page of a demo: signing in, no errors on the console, nothing that axe-core finds
 * serious, a place for everything on any screen. One for each test class.
 */
public final class DemoBrowser implements AutoCloseable {
    private static final String AXE = axe();

    private final Chromium chromium;

    private DemoBrowser(Chromium chromium) {
        this.chromium = chromium;
    }

    /** Starts it; skips the test where there is no Chromium. */
    public static DemoBrowser launch(Vertx vertx) throws Exception {
        return new DemoBrowser(Chromium.launch(vertx, Tools.require("chromium")));
    }

    /** Opens a page; nobody is signed in on it. */
    public Chromium.Page open(String url) throws IOException {
        return chromium.open(url);
    }

    /** Opens a page of a demo in a tab of its own and signs in there by the form, as a person would. */
    public Chromium.Page signedIn(String url, String name) throws IOException {
        Chromium.Page page = chromium.open(url);
        arrived(page, "location.pathname === '/shared/sign-in.html' && document.getElementById('title').textContent");
        type(page, "#name", name);
        type(page, "#password", "pass-" + name);
        page.evaluate("document.getElementById('go').click()");
        arrived(page, "location.pathname !== '/shared/sign-in.html' && document.readyState === 'complete'");
        return page;
    }

    /** Waits until a condition holds on whatever page is there then: one that is left in between does not answer any more. */
    public static void arrived(Chromium.Page page, String condition) throws IOException {
        for (int left = 5; ; left--) {
            try {
                page.await(condition);
                return;
            } catch (IOException e) {
                if (left == 0 || !String.valueOf(e.getMessage()).contains("navigated")) {
                    throw e;
                }
            }
        }
    }

    /** Writes into a field as if it was typed. */
    public static void type(Chromium.Page page, String selector, String text) throws IOException {
        page.evaluate("(() => { const field = document.querySelector(" + Json.encode(selector) + "); field.focus(); "
                + "field.value = " + Json.encode(text)
                + "; field.dispatchEvent(new Event('input', { bubbles: true })); })()");
    }

    /** Waits until the badge says that the page is live over a wire: {@code websocket}, {@code sse} or {@code longpoll}. */
    public static void live(Chromium.Page page, String wire) throws IOException {
        page.await("(() => { const state = document.querySelector('.state').dataset; return state.state === 'connected'"
                + " && state.wire === '"
                + wire + "'; })()");
    }

    /** Waits for the badge to say that the page is live, over whatever wire. */
    public static void live(Chromium.Page page) throws IOException {
        page.await("document.querySelector('.state').dataset.state === 'connected'");
    }

    /**
     * Waits for a page to be live again over whatever wire, when its server has been started again. It is told that the network is back:
     * what it would wait otherwise is chance, and up to half a minute.
     */
    public static void back(Chromium.Page page) throws IOException {
        for (int left = 2; ; left--) {
            try {
                page.await("document.querySelector('.state').dataset.state === 'connected' ||"
                        + " (dispatchEvent(new Event('online')), false)");
                return;
            } catch (AssertionError e) {
                // An attempt may be under way whose answer takes its time.
                if (left == 0) {
                    throw e;
                }
            }
        }
    }

    /**
     * Asserts that the console showed no error. A poll that another wire's attach overtook is answered 409 (R18), which the browser logs;
     * that is none.
     */
    public static void noErrors(Chromium.Page page) {
        assertThat(page.errors().stream()
                        .filter(error -> !(error.contains("status of 409") && error.contains("/realtime/poll"))))
                .isEmpty();
    }

    /**
     * Asserts that the console showed no error but those that a browser logs by itself when a server cannot be reached, or has forgotten
     * a session when it was started again.
     */
    public static void noErrorsButOfAway(Chromium.Page page) {
        assertThat(page.errors().stream()
                        .filter(error -> !(error.contains("/realtime/")
                                && (error.contains("net::ERR_") || error.contains("Failed to load resource")))))
                .isEmpty();
    }

    /** Asserts that axe-core finds nothing serious or critical; in the dark, where only colours are others, that they can be read. */
    public static void accessible(Chromium.Page page) throws IOException {
        for (boolean dark : new boolean[] {false, true}) {
            page.dark(dark);
            page.evaluate("window.axe ? true : (() => {" + AXE + "\n})(), true");
            JsonArray found = new JsonArray((String) page.evaluate("axe.run(document, { resultTypes: ['violations']"
                    + (dark ? ", runOnly: ['color-contrast']" : "")
                    + " }).then((result) => JSON.stringify(result.violations.filter((one) =>"
                    + " one.impact === 'serious' || one.impact === 'critical').map((one) => ({"
                    + " rule: one.id, help: one.help, where: one.nodes.map((node) => node.html"
                    + " + ' ' + node.failureSummary) }))))"));
            assertThat(found).as(dark ? "dark" : "light").isEqualTo(new JsonArray());
        }
        page.dark(false);
    }

    /** Asserts that nothing sticks out of the screen, on phones, tablets and desktops. */
    public static void fits(Chromium.Page page) throws IOException {
        for (int width : new int[] {360, 390, 768, 1280}) {
            page.size(width, 800, width < 500);
            page.await("document.documentElement.clientWidth === " + width);
            assertThat(page.evaluate("document.documentElement.scrollWidth"))
                    .as("width of the page")
                    .isEqualTo(width);
            assertThat(page.evaluate(
                            "[...document.querySelectorAll('.card *, .bar *')].filter((e) => e.checkVisibility() &&"
                                    + " !e.closest('.sr') && e.getBoundingClientRect().right > e.closest('.card,"
                                    + " .bar').getBoundingClientRect().right + 0.5).map((e) => e.outerHTML).join()"))
                    .isEqualTo("");
        }
    }

    /** Asserts that the Tab key gets to each of these, in this order, and that one sees where it is. */
    public static void reachable(Chromium.Page page, List<String> selectors, int most) throws IOException {
        int next = 0;
        for (int i = 0; i < most && next < selectors.size(); i++) {
            page.key("Tab");
            JsonObject at = new JsonObject((String) page.evaluate("JSON.stringify({ on: document.activeElement.matches("
                    + Json.encode(selectors.get(next))
                    + "), shown: [document.activeElement,"
                    + " document.activeElement.nextElementSibling].some((e) => e &&"
                    + " getComputedStyle(e).outlineStyle === 'solid') })"));
            if (at.getBoolean("on")) {
                assertThat(at.getBoolean("shown"))
                        .as("focus on " + selectors.get(next))
                        .isTrue();
                next++;
            }
        }
        assertThat(selectors.subList(0, next)).as("reached with the Tab key").isEqualTo(selectors);
    }

    @Override
    public void close() throws IOException {
        chromium.close();
    }

    private static String axe() {
        URL script = Objects.requireNonNull(
                DemoBrowser.class.getClassLoader().getResource("META-INF/resources/webjars/axe-core/4.6.3/axe.min.js"),
                "axe-core is not on the class path");
        try (InputStream in = script.openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
