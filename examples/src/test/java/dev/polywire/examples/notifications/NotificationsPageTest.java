package dev.polywire.examples.notifications;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoBrowser;
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
import org.junit.jupiter.params.provider.ValueSource;

/** The pages in a browser: over each wire, on several devices, with a keyboard alone, and with people who mean no good. */
class NotificationsPageTest {
    private static Vertx vertx;
    private static DemoBrowser browser;
    private static Notifications server;
    private static String url;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        browser = DemoBrowser.launch(vertx);
        server = Await.get("the server", Notifications.start(vertx, DemoSettings.parse("--port", "0")));
        url = "http://127.0.0.1:" + server.port() + "/";
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            Await.get("its end", server.close().map(true));
        }
        if (vertx != null) {
            Await.get("the end", vertx.close().map(true));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void overEachWireOneSendsAndAllDevicesStayInStep(String wire) throws Exception {
        String name = "ada-" + wire;
        try (Chromium.Page one = browser.signedIn(url + "?wire=" + wire, name);
                Chromium.Page two = browser.signedIn(url, name)) {
            DemoBrowser.live(one, wire);
            DemoBrowser.live(two);
            try (Chromium.Page sender = browser.signedIn(url + "send.html?wire=" + wire, "bob-" + wire)) {
                DemoBrowser.live(sender, wire);
                DemoBrowser.type(sender, "#to", name);
                DemoBrowser.type(sender, "#title", "Hello over " + wire);
                sender.evaluate("document.getElementById('go').click()");
                sender.await("document.getElementById('sent').textContent.includes('Delivered to " + name + ".')");
                for (Chromium.Page device : List.of(one, two)) {
                    device.await(
                            "document.querySelector('#items .what').textContent.startsWith('Hello over " + wire + "')");
                    device.await("document.querySelector('.toast .what').textContent === 'Hello over " + wire + "'");
                    device.await(unread(1));
                }
                send(sender, name, "{ title: 'Build 1', key: 'build', severity: 'warning' }");
                one.await(titles("Build 1|Hello over " + wire));
                send(sender, name, "{ title: 'Build 2', key: 'build', severity: 'success' }");
                two.await(titles("Build 2|Hello over " + wire));
                one.await(titles("Build 2|Hello over " + wire));
                two.evaluate("document.querySelector('#items [data-act=mark]').click()");
                one.await(unread(1));
                two.await(unread(1));
                one.evaluate("document.getElementById('all-read').click()");
                two.await("document.getElementById('unread').textContent === 'all read'");
                two.await("!document.querySelector('#items .unread')");
                one.evaluate("document.querySelectorAll('#items [data-act=remove]')[1].click()");
                two.await(titles("Build 2"));
                // What is done without a wire is done on coming back.
                two.evaluate("document.getElementById('cut').click(); document.querySelector('#items"
                        + " [data-act=mark]').click()");
                one.await(unread(1));
                send(sender, name, "{ title: 'Soon gone', ttl: 1 }");
                one.await("[...document.querySelectorAll('.toast .what')].some((what) => what.textContent === 'Soon"
                        + " gone')");
                one.await(titles("Build 2"));
                two.await(titles("Build 2"));
                DemoBrowser.noErrors(sender);
            }
            DemoBrowser.noErrors(one);
            DemoBrowser.noErrors(two);
        }
    }

    @Test
    void whatCameWhileNobodyWasThereIsThereOnceAndTold() throws Exception {
        try (Chromium.Page sender = browser.signedIn(url + "send.html", "carl")) {
            browser.signedIn(url, "dora").close();
            DemoBrowser.live(sender);
            send(sender, "dora", "{ title: 'While you were away', body: 'kept', severity: 'critical' }");
            try (Chromium.Page dora = browser.signedIn(url, "dora")) {
                dora.await("document.querySelector('.toast[role=alert] .what').textContent === 'While you were away'");
                dora.await(unread(1));
                acknowledged(dora, 1);
                // It was acknowledged: another device shows it, and makes no noise about it.
                try (Chromium.Page second = browser.signedIn(url, "dora")) {
                    second.await(titles("While you were away"));
                    assertThat(second.evaluate("document.querySelectorAll('.toast').length"))
                            .isEqualTo(0);
                }
                // Quiet hours that are always: it comes, and nothing pops up.
                dora.evaluate(api(
                        "/api/quiet-hours",
                        "{ method: 'PUT', body: { on: true, from: '00:00', to: '23:59', zone: 'UTC' } }"));
                dora.await("document.getElementById('quiet-on').checked");
                dora.evaluate("document.querySelector('.toast button').click()");
                send(sender, "dora", "{ title: 'Psst' }");
                dora.await(titles("Psst|While you were away"));
                dora.await("document.querySelector('#items .about').textContent.includes('came quietly')");
                assertThat(dora.evaluate("document.querySelectorAll('.toast').length"))
                        .isEqualTo(0);
                // Nobody looks at the page: the browser shows what is not quiet, if it was allowed to.
                dora.evaluate("window.shown = []; window.Notification = class { static permission = 'granted';"
                        + " constructor(title, { body }) { shown.push(title + ', ' + body); } close() {} };"
                        + " Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' }); true");
                send(sender, "dora", "{ title: 'Quietly' }");
                send(sender, "dora", "{ title: 'Fire', body: 'Now', severity: 'critical' }");
                dora.await("shown.join('|') === 'Fire, Now'");
                DemoBrowser.noErrors(dora);
            }
        }
    }

    @Test
    void whatIsSentIsTextAndNeverMarkup() throws Exception {
        String evil = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>";
        try (Chromium.Page page = browser.signedIn(url, "eve")) {
            DemoBrowser.live(page);
            send(
                    page,
                    "eve",
                    "{ title: " + Json.encode(evil) + ", body: " + Json.encode(evil)
                            + ", key: '\"><b>', link: '/send.html?<b>=1'.replace('<b>', '') }");
            page.await("document.querySelector('#items .what').textContent.startsWith(" + Json.encode(evil) + ")");
            page.await("document.querySelector('.toast .text').textContent === " + Json.encode(evil));
            assertThat(page.evaluate("[window.hit ?? 0, document.querySelectorAll('#items img, #items script, .toast"
                            + " img').length].join()"))
                    .isEqualTo("0,0");
            assertThat(page.evaluate("import('/items.js').then(({ safeLink }) => ['javascript:alert(1)',"
                            + " 'data:text/html,x', 'java\\n"
                            + "script:alert(1)', ' javascript:x'].map(safeLink).filter(Boolean).join())"))
                    .isEqualTo("");
            assertThat(page.evaluate("import('/items.js').then(({ item }) => item({ id: 'x', title: 't', severity:"
                            + " 'info', from: 'f', at: 0, expires: 0, link: 'javascript:alert(1)'"
                            + " }).querySelector('a') === null)"))
                    .isEqualTo(true);
            DemoBrowser.noErrors(page);
        }
    }

    @Test
    void aKeyboardIsEnoughAndNobodyIsLeftOut() throws Exception {
        try (Chromium.Page page = browser.open(url)) {
            DemoBrowser.arrived(
                    page,
                    "location.pathname === '/shared/sign-in.html' && document.getElementById('title').textContent");
            DemoBrowser.accessible(page);
            DemoBrowser.fits(page);
        }
        try (Chromium.Page page = browser.signedIn(url, "frida")) {
            DemoBrowser.live(page);
            for (String severity : List.of("info", "success", "warning", "critical")) {
                send(
                        page,
                        "frida",
                        "{ title: 'A " + severity
                                + " one', body: 'With a body', link: 'https://example.com', severity: '" + severity
                                + "' }");
            }
            page.await(
                    "document.querySelectorAll('#items li').length === 4 && document.querySelectorAll('.toast').length"
                            + " === 4");
            page.evaluate("document.querySelectorAll('.toast button').forEach((button) => button.click())");
            page.evaluate(api("/api/topics/deploys", "{ method: 'PUT' }"));
            page.await("document.querySelectorAll('#topics li').length === 1");
            DemoBrowser.accessible(page);
            DemoBrowser.fits(page);
            page.evaluate("document.activeElement.blur()");
            DemoBrowser.reachable(
                    page,
                    List.of(".skip", "#to-send", "#out", "input[name=filter]", "#all-read", "#items [data-act=mark]"),
                    20);
            page.key("Enter");
            page.await(unread(3));
            // The focus stays where it was.
            page.await("document.activeElement.matches('#items li:first-child [data-act=mark]')");
            page.key("Tab");
            page.key("Enter");
            page.await("document.querySelectorAll('#items li').length === 3");
            page.await("document.activeElement.matches('#items [data-act=remove]')");
            DemoBrowser.reachable(
                    page, List.of("#quiet-on", "#topics button", "#topic", "#desktop, #cut, input[name=wire]"), 30);
            DemoBrowser.noErrors(page);
        }
        try (Chromium.Page page = browser.signedIn(url + "send.html", "frida")) {
            DemoBrowser.live(page);
            page.evaluate("document.querySelector('details').open = true");
            DemoBrowser.accessible(page);
            DemoBrowser.fits(page);
            DemoBrowser.type(page, "#to", "nobody-at-all");
            DemoBrowser.type(page, "#title", "Anybody?");
            page.key("Enter");
            page.await(
                    "document.getElementById('problem').textContent === 'Nobody has signed in as nobody-at-all yet.'");
        }
    }

    static String unread(int count) {
        return "document.getElementById('unread').textContent === '" + count
                + " unread' && document.title.startsWith('(" + count + ")')";
    }

    static String titles(String titles) {
        return "[...document.querySelectorAll('#items .what')].map((what) => what.firstChild.textContent).join('|')"
                + " === '"
                + titles + "'";
    }

    static void send(Chromium.Page page, String to, String message) throws IOException {
        page.evaluate(api("/api/notifications", "{ body: { to: '" + to + "', ..." + message + " } }"));
    }

    static String api(String path, String how) {
        return "import('/shared/session.js').then(({ api }) => api('" + path + "', " + how + "))";
    }

    /** Waits until the server knows that so many have been shown. */
    static void acknowledged(Chromium.Page page, int count) throws IOException {
        page.evaluate("import('/shared/session.js').then(async ({ api }) => { while ((await"
                + " api('/api/inbox')).notifications.filter((one) => one.acknowledged).length !== "
                + count + ") await new Promise((resolve) => setTimeout(resolve, 20)); })");
    }
}
