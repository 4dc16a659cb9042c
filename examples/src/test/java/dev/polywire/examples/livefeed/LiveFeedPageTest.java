package dev.polywire.examples.livefeed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.examples.shared.DemoProcess;
import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in a browser, over each wire and while wires change. */
class LiveFeedPageTest {
    private static Vertx vertx;
    private static Chromium chromium;
    private static LiveFeed feed;
    private static String url;

    @BeforeAll
    static void start() throws Exception {
        Path program = Tools.require("chromium");
        vertx = Vertx.vertx();
        chromium = Chromium.launch(vertx, program);
        feed = await(LiveFeed.start(vertx, LiveFeedSettings.parse("--port", "0", "--rate", "20")));
        url = "http://127.0.0.1:" + feed.port() + "/";
    }

    @AfterAll
    static void stop() throws Exception {
        if (chromium != null) {
            chromium.close();
        }
        if (feed != null) {
            await(feed.close());
        }
        if (vertx != null) {
            await(vertx.close());
        }
    }

    @ParameterizedTest
    @CsvSource({"websocket,WebSocket", "sse,SSE", "longpoll,Long poll"})
    void overEachWireItIsLiveAndComplete(String wire, String label) throws Exception {
        try (Chromium.Page page = chromium.open(url + "?wire=" + wire)) {
            page.await(state("Live over " + label));
            page.await("document.querySelectorAll('#charts canvas').length === 6");
            page.await(received() + " >= 20");
            page.await(
                    "[...document.querySelectorAll('#charts canvas')].every((c) => c.getAttribute('role') === 'img' &&"
                            + " c.getAttribute('aria-label'))");
            page.await(
                    "[...document.querySelectorAll('#charts figure')].every((f) => /\\d/.test(f.querySelector('.value"
                            + " b').textContent))");
            page.await("document.querySelector('.who em').textContent === ' you'");
            page.await("document.querySelector('#watchers li .muted').textContent === '" + label + "'");

            complete(page);
        }
    }

    @Test
    void nothingIsLostOrRepeatedWhenTheWireChangesOrBreaks() throws Exception {
        try (Chromium.Page page = chromium.open(url)) {
            page.await(state("Live over WebSocket"));
            for (String wire : new String[] {"sse", "longpoll", "websocket", "longpoll", "sse", "websocket"}) {
                page.evaluate("document.querySelector('input[value=" + wire + "]').click()");
                page.await(state("Live over " + label(wire)));
                more(page);
            }
            for (String wire : new String[] {"websocket", "sse", "longpoll"}) {
                page.evaluate("document.querySelector('input[value=" + wire + "]').click()");
                page.await(state("Live over " + label(wire)));
                page.evaluate("document.getElementById('cut').click()");
                page.await("document.querySelector('#events li').textContent.includes('Back over')");
                more(page);
            }
            page.evaluate("document.querySelector('input[value=auto]').click()");
            page.await(state("Live over WebSocket"));
            more(page);

            intact(page);
            // A poll that the attach of another wire overtook is answered 409 (R18), and the browser logs it. It is no
            // failure: one that ended a wire would be an event that says "lost".
            assertThat(page.errors())
                    .allMatch(error -> error.contains("status of 409") && error.contains("/realtime/poll"));
            assertThat((String) page.evaluate("document.getElementById('events').textContent"))
                    .contains(
                            "WebSocket → SSE in",
                            "SSE → Long poll in",
                            "Long poll → WebSocket in",
                            "Connection cut",
                            "Back over")
                    .doesNotContain("lost", "replaced", "gap", "new session");
        }
    }

    @Test
    void pagesOfEachWireAreInStepAlsoWhenTheServerIsKilledAndComesBack() throws Exception {
        DemoProcess server = DemoProcess.start(LiveFeedMain.class, "--port", "0", "--rate", "10");
        String there = "http://127.0.0.1:" + server.port() + "/";
        try (Chromium.Page one = chromium.open(there + "?wire=websocket");
                Chromium.Page two = chromium.open(there + "?wire=sse");
                Chromium.Page three = chromium.open(there + "?wire=longpoll")) {
            List<Chromium.Page> all = List.of(one, two, three);
            inStep(all);
            String feed = (String) one.evaluate("dashboard.state.of");

            server.kill();
            for (Chromium.Page page : all) {
                page.await("document.querySelector('.state').dataset.state === 'reconnecting'");
            }
            server = DemoProcess.start(LiveFeedMain.class, "--port", "" + server.port(), "--rate", "10");

            for (Chromium.Page page : all) {
                DemoBrowser.back(page);
                page.await("dashboard.state.of !== " + Json.encode(feed));
                page.await("document.getElementById('events').textContent.includes('another feed begins')");
            }
            inStep(all);
            for (Chromium.Page page : all) {
                assertThat(page.evaluate("document.querySelectorAll('.check.bad').length"))
                        .isEqualTo(0);
                DemoBrowser.noErrorsButOfAway(page);
            }
        } finally {
            server.kill();
        }
    }

    /** Holds what they show of the same version against each other. */
    private static void inStep(List<Chromium.Page> pages) throws Exception {
        for (Chromium.Page page : pages) {
            page.await("window.dashboard?.state.version > 0");
            page.evaluate("""
                (() => {
                  const { state } = dashboard;
                  window.seen = {};
                  state.change = (change) => {
                    const newer = Object.getPrototypeOf(state).change.call(state, change);
                    seen[state.version] = state.document;
                    return newer;
                  };
                })()\
                """);
        }
        // All of them, before the first is asked: what one saw before another began, the other cannot have.
        for (Chromium.Page page : pages) {
            page.await("Object.keys(seen).length > 20");
        }
        JsonObject first = new JsonObject();
        for (Chromium.Page page : pages) {
            JsonObject seen = new JsonObject((String) page.evaluate("JSON.stringify(seen)"));
            first = first.isEmpty() ? seen : first;
            Set<String> both = new TreeSet<>(first.fieldNames());
            both.retainAll(seen.fieldNames());
            assertThat(both).isNotEmpty();
            for (String version : both) {
                assertThat(seen.getJsonObject(version)).as(version).isEqualTo(first.getJsonObject(version));
            }
        }
    }

    @Test
    void whatComesBetweenTwoFramesIsPaintedOnceAndThatIsTheNewest() throws Exception {
        try (Chromium.Page page = chromium.open("about:blank")) {
            // The frames of its requestAnimationFrame come when this test says so.
            page.call("Page.addScriptToEvaluateOnNewDocument", new JsonObject().put("source", """
                window.held = [];
                window.requestAnimationFrame = (run) => held.push(run);
                window.frames = (count) => { while (count--) for (const run of held.splice(0)) run(performance.now()); };
                """));
            page.call("Page.navigate", new JsonObject().put("url", url));
            page.await("dashboard.state.version > 0 && (frames(1), Object.keys(Chart.instances).length === 6)");
            page.evaluate("""
                window.updates = 0;
                const { update } = Chart.prototype;
                Chart.prototype.update = function (...how) { updates++; return update.apply(this, how); };
                frames(10);
                updates = 0;
                window.before = { version: dashboard.state.version, page: document.body.textContent };
                0\
                """);
            page.await("dashboard.state.version >= before.version + 20");
            assertThat(page.evaluate("document.body.textContent === before.page && updates"))
                    .as("painted without a frame")
                    .isEqualTo(0);

            // Not all charts have room in one frame; nothing can come in between.
            page.evaluate("window.newest = import('/format.js').then(({ bytes }) => (frames(10),"
                    + " bytes(dashboard.state.document.sample.heap)))");
            assertThat(page.evaluate("window.newest"))
                    .isEqualTo(
                            page.evaluate(
                                    "[...document.querySelectorAll('.chart')]"
                                            + ".find((one) => one.textContent.includes('heap')).querySelector('.value b').textContent"));
            assertThat(page.evaluate("updates")).as("of six charts").isEqualTo(6);
            complete(page);
        }
    }

    @Test
    void aMessageThatIsMissingTurnsTheCounterRed() throws Exception {
        try (Chromium.Page page = chromium.open(url + "?skip=5")) {
            page.await("document.querySelector('#lost').textContent === '1'");
            page.await("document.querySelector('#lost').closest('.check').classList.contains('bad')");

            assertThat(page.evaluate("document.querySelector('#repeated').textContent"))
                    .isEqualTo("0");
            assertThat(page.evaluate("getComputedStyle(document.querySelector('#lost')).color"))
                    .isNotEqualTo(page.evaluate("getComputedStyle(document.querySelector('#repeated')).color"));
        }
    }

    @Test
    void aPageThatWasAwayForLongerThanAnUpdateReachesIsGivenTheWhole() throws Exception {
        try (Chromium.Page page = chromium.open(url + "?wire=sse")) {
            page.await(received() + " >= 5");
            // As if all that came meanwhile had given way to the newest.
            page.evaluate("window.dashboard.state.version = -1000");
            page.await("window.dashboard.state.version > 0");
            more(page);

            complete(page);
        }
    }

    @Test
    void aPageAppliesWhatTheServerTells() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        JsonArray cases = new JsonArray();
        for (int i = 0; i < 500; i++) {
            JsonObject from = MergePatchTest.document(random, 3);
            JsonObject to = MergePatchTest.changed(random, from);
            cases.add(new JsonArray().add(from).add(MergePatch.diff(from, to)).add(to));
        }
        try (Chromium.Page page = chromium.open(url)) {
            assertThat(page.evaluate("""
                (async () => {
                  const { merge } = await import('/state.js');
                  const sorted = (value) => (Array.isArray(value) ? value.map(sorted)
                    : value && typeof value === 'object' ? Object.entries(value).sort().map(([name, inner]) => [name, sorted(inner)]) : value);
                  const cases = JSON.parse(%s);
                  return cases.filter(([from, patch, to]) => JSON.stringify(sorted(merge(from, patch))) !== JSON.stringify(sorted(to))).length;
                })()\
                """.formatted(Json.encode(cases.encode()))))
                    .as("seed %d", seed)
                    .isEqualTo(0);
        }
    }

    @Test
    void whoElseIsWatchingComesAndGoes() throws Exception {
        try (Chromium.Page one = chromium.open(url)) {
            one.await("document.querySelector('#watching').textContent === '1'");
            try (Chromium.Page two = chromium.open(url + "?wire=longpoll")) {
                two.await("document.querySelectorAll('#watchers li').length === 2");
                one.await("document.querySelectorAll('#watchers li').length === 2");
                one.await("document.querySelectorAll('#watchers li .muted')[1].textContent === 'Long poll'");
            }
            // Who closes a page is gone at once, and not only after the grace.
            one.await("document.querySelectorAll('#watchers li').length === 1");
        }
    }

    @Test
    void theWireCanBeChosenWithoutAMouse() throws Exception {
        try (Chromium.Page page = chromium.open(url)) {
            page.await(state("Live over WebSocket"));
            page.key("Tab");
            page.key("Tab");
            assertThat(page.evaluate("document.activeElement.value")).isEqualTo("auto");
            assertThat(page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle"))
                    .isEqualTo("solid");
            page.key("ArrowRight");
            page.key("ArrowRight");
            page.await(state("Live over SSE"));

            complete(page);
        }
    }

    @ParameterizedTest
    @CsvSource({"360,740", "390,844", "768,1024", "1280,800"})
    void itFitsTheScreen(int width, int height) throws Exception {
        try (Chromium.Page page = chromium.open(url)) {
            page.size(width, height, width < 500);
            page.await("document.querySelectorAll('#charts canvas').length === 6");
            page.await(received() + " > 5");
            if (width == 390 || width == 1280) {
                DemoBrowser.accessible(page);
            }

            assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(width);
            // Nothing sticks out of the card that it is in, nor out of the bar.
            assertThat(page.evaluate("[...document.querySelectorAll('.card *, .bar *')].filter((e) =>"
                            + " e.getBoundingClientRect().right > e.closest('.card,"
                            + " .bar').getBoundingClientRect().right + 0.5).map((e) =>"
                            + " e.outerHTML).join()"))
                    .isEqualTo("");
        }
    }

    @Test
    void linesAreALogAndTheirNumbersAreCharts(@TempDir Path folder) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= 100; i++) {
            lines.append("{\"path\":\"/")
                    .append(i % 10 == 0 ? "rare" : "often")
                    .append("\",\"ms\":")
                    .append(i)
                    .append("}\n");
        }
        Path file = Files.writeString(folder.resolve("access.log"), lines);
        LiveFeed replay = await(LiveFeed.start(
                vertx, LiveFeedSettings.parse("--port", "0", "--source", file.toString(), "--rate", "50")));
        try (Chromium.Page page = chromium.open("http://127.0.0.1:" + replay.port() + "/")) {
            page.await("document.querySelector('.line.end')?.textContent.includes('That was all: 100 lines.')");
            page.await("document.querySelectorAll('.line').length === 101");
            page.await("[...document.querySelectorAll('#charts h2')].map((h) => h.textContent).join() === 'Lines per"
                    + " second,ms'");
            page.evaluate("(() => { const f = document.getElementById('filter'); f.value = 'RARE'; f.dispatchEvent(new"
                    + " Event('input')); })()");
            page.await("document.querySelectorAll('.line').length === 10");
            page.await("document.querySelectorAll('.line mark').length === 10");
            DemoBrowser.accessible(page);

            assertThat(page.evaluate("document.querySelector('#lost').textContent"))
                    .isEqualTo("0");
            assertThat(page.errors()).isEmpty();
        } finally {
            await(replay.close());
        }
    }

    private static String label(String wire) {
        return wire.equals("websocket") ? "WebSocket" : wire.equals("sse") ? "SSE" : "Long poll";
    }

    private static String state(String text) {
        return "document.getElementById('state-text').textContent === '" + text + "'";
    }

    private static String received() {
        return "Number(document.getElementById('received').textContent.replace(/,/g, ''))";
    }

    private static void more(Chromium.Page page) throws Exception {
        Object before = page.evaluate(received());
        page.await(received() + " >= " + before + " + 10");
    }

    private static void complete(Chromium.Page page) throws Exception {
        intact(page);
        assertThat(page.errors()).isEmpty();
    }

    private static void intact(Chromium.Page page) throws Exception {
        assertThat(page.evaluate("document.querySelector('#repeated').textContent"))
                .isEqualTo("0");
        assertThat(page.evaluate("document.querySelector('#lost').textContent")).isEqualTo("0");
        assertThat(page.evaluate("document.querySelectorAll('.bad').length")).isEqualTo(0);
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
