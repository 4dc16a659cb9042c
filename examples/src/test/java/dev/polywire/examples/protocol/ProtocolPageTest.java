package dev.polywire.examples.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The protocol's page: whole, without a dead link, and readable at any width; and on paper. */
class ProtocolPageTest {
    private static final String DEAD =
            "[...document.querySelectorAll('a[href^=\"#\"]')].map((a) => a.hash.slice(1)).filter((id) => !document.getElementById(id)).join()";
    private static final String TWICE =
            "[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i).join()";
    /** Text whose contrast with what is behind it is below 4.5. */
    private static final String PALE = """
            (() => {
              const parts = (c) => c.match(/[\\d.]+/g).map(Number);
              const light = (c) => parts(c).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
              const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((parts(c)[3] ?? 1) > 0) return c; } return 'rgb(255,255,255)'; };
              const pale = new Set();
              for (const e of document.querySelectorAll('main *, nav *')) {
                if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
                const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
                if ((a + 0.05) / (b + 0.05) < 4.5) pale.add(e.tagName + '.' + e.className);
              }
              return [...pale].join();
            })()""";

    @TempDir
    Path folder;

    @Test
    @DisplayName(
            "every frame and every rule is on the page, no link is dead, and it reads well on a desktop and a phone, light and dark")
    void page() throws Exception {
        Path program = Tools.require("chromium");
        String html = new ProtocolPage().html();
        assertThat(html)
                .doesNotContain("{{")
                .contains(
                        "id=\"client-hello\"",
                        "id=\"server-welcome\"",
                        "id=\"R1\"",
                        "id=\"R90\"",
                        "id=\"section-1.3\"");
        Path file = Files.writeString(folder.resolve("protocol.html"), html);
        Vertx vertx = Vertx.vertx();
        try (Chromium chromium = Chromium.launch(vertx, program);
                Chromium.Page page = chromium.open(file.toUri().toString())) {
            page.await("document.readyState === 'complete' && document.querySelectorAll('article').length === 35");
            assertThat(page.evaluate(DEAD)).isEqualTo("");
            assertThat(page.evaluate(TWICE)).isEqualTo("");
            for (int width : new int[] {1280, 390}) {
                page.size(width, 900, width < 900);
                page.evaluate("location.search = '" + width + "'"); // as if it was opened at that width
                page.await("location.search === '?" + width + "' && document.readyState === 'complete'");
                assertThat(page.evaluate("document.querySelector('nav details').open"))
                        .isEqualTo(width > 900);
                page.evaluate("document.getElementById('client-publish').scrollIntoView()");
                for (boolean dark : new boolean[] {false, true}) {
                    page.dark(dark);
                    page.await("matchMedia('(prefers-color-scheme: dark)').matches === " + dark);
                    String what = width + (dark ? "-dark" : "-light");
                    assertThat(page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"))
                            .as(what)
                            .isEqualTo(true);
                    assertThat(page.evaluate(PALE)).as(what).isEqualTo("");
                    String kept = System.getProperty("polywire.screenshots");
                    if (kept != null) {
                        Files.write(Path.of(kept, "protocol-" + what + ".png"), page.screenshot(false));
                    }
                }
            }
            page.evaluate("document.querySelector('.skip').focus()");
            assertThat(page.evaluate("document.activeElement.getBoundingClientRect().left >= 0"))
                    .isEqualTo(true);
            assertThat(page.errors()).isEmpty();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    @DisplayName("it is printed as PDF")
    void pdf() throws Exception {
        Tools.require("chromium");
        Path pdf = folder.resolve("protocol.pdf");
        ProtocolMain.write(null, pdf);
        byte[] bytes = Files.readAllBytes(pdf);
        assertThat(new String(Arrays.copyOf(bytes, 5), StandardCharsets.US_ASCII))
                .isEqualTo("%PDF-");
        assertThat(bytes.length).isGreaterThan(100_000);
    }
}
