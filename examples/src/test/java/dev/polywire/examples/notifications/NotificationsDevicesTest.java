package dev.polywire.examples.notifications;

import static dev.polywire.examples.notifications.NotificationsPageTest.acknowledged;
import static dev.polywire.examples.notifications.NotificationsPageTest.send;
import static dev.polywire.examples.notifications.NotificationsPageTest.titles;
import static dev.polywire.examples.notifications.NotificationsPageTest.unread;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.examples.shared.DemoSettings;
import dev.polywire.testing.Chromium;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a device does when it was away for long, when the server has lost something, and when the browser does not do what it should. */
class NotificationsDevicesTest {
    /** The server's clock, which is moved by hand, and by a millisecond each time it is read: nothing is told again before it is wanted. */
    private static final AtomicLong CLOCK = new AtomicLong(System.currentTimeMillis());

    /** A model on a channel that is played here: {@code give(event, payload)}; {@code log} tells what the model asks of the page. */
    private static final String MODEL = """
        const { InboxModel } = await import('/model.js');
        const on = {}, log = [];
        const model = new InboxModel({ channel: { on: (name, how) => (on[name] = how) }, changed: () => {},
          arrived: (fresh) => { log.push('shown ' + fresh.map((one) => one.id)); if (fresh[0].id === 'bad') throw new Error('cannot'); },
          acknowledge: (ids) => log.push('acknowledged ' + ids), missed: () => void log.push('missed') });
        const one = (id, at, more) => ({ id, at, read: false, acknowledged: false, ...more });
        const view = (revision, ...notifications) => ({ revision, unread: notifications.length, notifications, more: false, quiet: {}, topics: [] });
        const give = (event, payload) => on[event](event === ':subscribed' ? { snapshot: payload } : { payload });
        """;

    private static Vertx vertx;
    private static DemoBrowser browser;
    private static Notifications server;
    private static String url;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        browser = DemoBrowser.launch(vertx);
        server = Await.get(
                "the server", Notifications.start(vertx, DemoSettings.parse("--port", "0"), CLOCK::incrementAndGet));
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

    @Test
    void whatTheSnapshotLeavesOutIsShownBeforeItIsAcknowledged() throws Exception {
        browser.signedIn(url, "ada").close();
        try (Chromium.Page sender = browser.signedIn(url + "send.html", "bob")) {
            sender.evaluate("import('/shared/session.js').then(async ({ api }) => { for (let i = 0; i < 60; i++) await"
                    + " api('/api/notifications', { body: { to: 'ada', title: 'No. ' + i, body: '€'.repeat(1000) } })"
                    + " })");
        }
        try (Chromium.Page page = browser.signedIn(url, "ada")) {
            page.await(unread(60));
            assertThat((Integer) page.evaluate("document.querySelectorAll('#items li').length"))
                    .isBetween(10, 35);
            assertThat(page.evaluate("document.getElementById('older').checkVisibility()"))
                    .isEqualTo(true);
            int there = (Integer) page.evaluate("document.querySelectorAll('#items li').length");
            acknowledged(page, there);
            CLOCK.addAndGet(6_000);
            page.await("document.querySelectorAll('#items li').length === " + (there + 20)
                    + " && document.querySelector('#items li:last-child .what').textContent.startsWith('No. 0')");
            acknowledged(page, there + 20);
            page.evaluate("document.getElementById('older').click()");
            page.await("document.querySelectorAll('#items li').length === 60"
                    + " && !document.getElementById('older').checkVisibility()");
            acknowledged(page, 60);
            DemoBrowser.noErrors(page);
        }
    }

    @Test
    void aModelShowsThenAcknowledgesAndReadsAgainWhatItMissed() throws Exception {
        try (Chromium.Page page = browser.signedIn(url, "carl")) {
            // Nobody has seen what is told again, unless it is here.
            model(
                    page,
                    "give(':subscribed', view(5, one('b', 2))); give('AGAIN', { revision: 5, notifications: [one('a', 1),"
                            + " one('b', 2)] }); log.push(model.list.map((it) => it.id))",
                    "shown b|acknowledged b|shown a|acknowledged a|acknowledged b|b,a");
            // A server that has lost its newest is believed when nothing has overtaken its answer.
            model(
                    page,
                    "give(':subscribed', view(5, one('a', 1))); give('ADDED', { revision: 4, unread: 1, gone: [],"
                            + " notification: one('b', 2) }); const since = model.changes; model.show(view(4, one('b', 2)),"
                            + " since); log.push(model.list.map((it) => it.id)); give('AGAIN', { revision: 3, notifications:"
                            + " [one('c', 3)] }); model.show(view(3), since)",
                    "shown a|acknowledged a|missed|shown b|acknowledged b|b|missed|missed");
            // What cannot be shown as a toast is in the list all the same.
            model(
                    page,
                    "console.error = () => {}; give(':subscribed', view(1)); give('ADDED', { revision: 2, unread: 1, gone: [],"
                            + " notification: one('bad', 1) }); log.push(model.unread)",
                    "shown bad|acknowledged bad|1");
            // A refusal takes back what was done, and nothing that came meanwhile.
            model(
                    page,
                    "give(':subscribed', view(1, one('a', 1))); let refuse; const done = model.act({ ids: new Set(['a']),"
                            + " remove: true }, () => new Promise((resolve, reject) => (refuse = reject)));"
                            + " log.push(model.list.length + ' ' + model.unread); give('ADDED', { revision: 2, unread: 2, gone:"
                            + " [], notification: one('b', 2) }); refuse(new Error('no')); await done.catch(() => {});"
                            + " log.push(model.list.map((it) => it.id) + ' ' + model.unread)",
                    "shown a|acknowledged a|0 0|shown b|acknowledged b|b,a 2");
        }
    }

    private static void model(Chromium.Page page, String steps, String log) throws Exception {
        assertThat(page.evaluate("(async () => { " + MODEL + steps + "; return log.join('|'); })()"))
                .isEqualTo(log);
    }

    @Test
    void aGapIsReadUntilAReadingSucceeds() throws Exception {
        try (Chromium.Page page = browser.signedIn(url, "dora")) {
            DemoBrowser.live(page);
            // The next event is lost, and the first two attempts to read the inbox fail.
            page.evaluate(
                    "import('/model.js').then(({ InboxModel }) => { const take = InboxModel.prototype.take; let"
                            + " lose = 1; InboxModel.prototype.take = function (...what) { if (lose-- > 0) return; return"
                            + " take.apply(this, what); }; const real = fetch; window.tried = 0; window.fetch = (...what) =>"
                            + " (what[0] === '/api/inbox' && ++tried < 3 ? Promise.reject(new TypeError('no')) : real(...what)); })");
            page.evaluate("window.frames_ = []; const real = WebSocket.prototype.send; WebSocket.prototype.send ="
                    + " function (data) { frames_.push(String(data)); return real.call(this, data); }; true");
            send(page, "dora", "{ title: 'One' }");
            send(page, "dora", "{ title: 'Two' }");
            page.await(titles("Two|One"));
            assertThat((Integer) page.evaluate("tried")).isGreaterThanOrEqualTo(3);
            page.evaluate("document.getElementById('all-read').click()");
            page.await("document.getElementById('unread').textContent === 'all read'");
            assertThat(page.evaluate("frames_.filter((frame) => frame.includes('inbox.mark')).every((frame) =>"
                            + " frame.includes('\"ids\":[\"') && !frame.includes('\"all\"'))"))
                    .as("only what was seen is marked")
                    .isEqualTo(true);
        }
    }

    @Test
    void aToastGoesWhenItWasReadElsewhereAndABrowserThatThrowsHarmsNothing() throws Exception {
        try (Chromium.Page one = browser.signedIn(url, "eve");
                Chromium.Page two = browser.signedIn(url, "eve")) {
            DemoBrowser.live(one);
            DemoBrowser.live(two);
            // As Chrome on Android.
            two.evaluate("window.Notification = class { static permission = 'granted'; constructor() { throw new"
                    + " TypeError('Illegal constructor'); } }; Object.defineProperty(document, 'visibilityState', { get: () =>"
                    + " 'hidden' }); true");
            send(one, "eve", "{ title: 'Fire', severity: 'critical' }");
            one.await("document.querySelector('.toast')");
            two.await("document.querySelector('.toast')");
            two.await(titles("Fire"));
            acknowledged(two, 1);
            one.evaluate("document.querySelector('#items [data-act=mark]').click()");
            one.await("!document.querySelector('.toast')");
            two.await("!document.querySelector('.toast')");
            DemoBrowser.noErrors(two);
        }
    }

    @Test
    void theBrowserReallyShowsNotificationsThatItWasAllowedTo() throws Exception {
        try (Chromium.Page page = browser.signedIn(url, "gina")) {
            page.permit(url.substring(0, url.length() - 1), "notifications");
            DemoBrowser.live(page);
            assertThat(page.evaluate("Notification.permission")).isEqualTo("granted");
            page.evaluate(
                    "window.outside = []; window.Notification = class extends Notification { constructor(...what) {"
                            + " super(...what); for (const event of ['show', 'close', 'error']) this.addEventListener(event, () =>"
                            + " outside.push(event + ' ' + this.title)); } }; Object.defineProperty(document, 'visibilityState', {"
                            + " get: () => 'hidden' }); true");
            send(page, "gina", "{ title: 'Fire', severity: 'critical' }");
            page.await("outside.includes('show Fire')");
            page.evaluate("document.querySelector('#items [data-act=mark]').click()");
            page.await("outside.includes('close Fire')");
        }
    }

    @Test
    void nobodyListensToAnotherOnesInboxAndTheSignInLeadsNowhereElse() throws Exception {
        try (Chromium.Page page = browser.signedIn(url, "mallory")) {
            assertThat(page.evaluate("import('/shared/connection.js').then(({ open }) => open().channel('user:ada')"
                            + ".subscribe()).then(() => 'let in', (error) => error.code)"))
                    .isEqualTo("forbidden");
        }
        for (String to : new String[] {"/.//evil.example/", "//evil.example/", "http://[", "javascript:alert(1)"}) {
            try (Chromium.Page page = browser.open(url + "shared/sign-in.html?to=" + to)) {
                DemoBrowser.arrived(page, "document.getElementById('title')?.textContent");
                DemoBrowser.type(page, "#name", "mallory");
                DemoBrowser.type(page, "#password", "pass-mallory");
                page.evaluate("document.getElementById('go').click()");
                DemoBrowser.arrived(page, "location.pathname !== '/shared/sign-in.html'");
                assertThat(page.evaluate("location.origin + '/'")).as(to).isEqualTo(url);
            }
        }
    }
}
