package dev.polywire.examples.notifications;

import static dev.polywire.examples.notifications.NotificationsPageTest.send;
import static dev.polywire.examples.notifications.NotificationsPageTest.titles;
import static dev.polywire.examples.notifications.NotificationsPageTest.unread;
import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.conformance.Await;
import dev.polywire.examples.shared.DemoBrowser;
import dev.polywire.examples.shared.DemoProcess;
import dev.polywire.redis.server.RedisServer;
import dev.polywire.testing.Chromium;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.Test;

/** The server as a real process that keeps things in a real Redis, killed in the middle. */
class NotificationsRestartTest {
    @Test
    void nothingIsLostWhenTheServerIsKilledAndStartedAgain() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (DemoBrowser browser = DemoBrowser.launch(vertx);
                RedisServer redis = RedisServer.standalone()) {
            String at = redis.endpoints().get(0);
            DemoProcess server = DemoProcess.start(NotificationsMain.class, "--port", "0", "--redis", at);
            String port = String.valueOf(server.port());
            String url = "http://127.0.0.1:" + port + "/";
            try (Chromium.Page page = browser.signedIn(url + "?wire=sse", "ada");
                    Chromium.Page sender = browser.signedIn(url + "send.html?wire=longpoll", "bob")) {
                DemoBrowser.live(page, "sse");
                DemoBrowser.live(sender);
                // Nobody is there to acknowledge this one, before or after the server's end.
                browser.signedIn(url, "carl").close();
                send(sender, "carl", "{ title: 'Unheard' }");
                send(sender, "ada", "{ title: 'One' }");
                send(sender, "ada", "{ title: 'Two', body: 'soon gone', ttl: 12 }");
                page.await(titles("Two|One"));
                NotificationsPageTest.acknowledged(page, 2);
                assertThat(page.errors()).isEmpty();
                // What is under way when it is killed is there afterwards, if it was answered.
                // However late it is killed, there is one more to be sent: what an inbox has room for does not all go
                // before.
                sender.evaluate(
                        "window.answered = []; import('/shared/session.js').then(async ({ api }) => { for (let i ="
                                + " 0; ; i++) { if (i === 80) while (await fetch('/demo.json').then(() => true, () => false));"
                                + " const title = 'No. ' + i; await api('/api/notifications', { body: { to:"
                                + " 'carl', title } }).then(() => answered.push(title)); } }).catch(() => (window.over = true)); true");
                sender.await("answered.length > 5");

                server.kill();
                sender.await("window.over");
                assertThat((Integer) sender.evaluate("answered.length")).isBetween(6, 80);
                page.await("!document.getElementById('offline').hidden");
                page.await("document.getElementById('offline').textContent.includes('cannot be reached')");
                // Done while nobody is there to hear it.
                page.evaluate("document.querySelector('#items li:last-child [data-act=mark]').click()");
                page.await("!document.querySelector('#items li:last-child.unread')");
                page.evaluate("document.getElementById('quiet-on').click()");
                DemoBrowser.type(page, "#topic", "Deploys");
                page.evaluate("document.querySelector('#follow button').click()");
                page.await("document.getElementById('quiet-said').textContent.startsWith('Quiet from 22:00')");
                page.await("document.getElementById('topics').textContent === 'deploys'");

                server = DemoProcess.start(NotificationsMain.class, "--port", port, "--redis", at);
                DemoBrowser.back(page);
                page.await("document.getElementById('offline').hidden");
                // Who was signed in still is; what was read while offline is; what has expired meanwhile has gone.
                page.await(titles("One"));
                page.await("document.getElementById('unread').textContent === 'all read'");
                page.evaluate(
                        "import('/shared/session.js').then(async ({ api }) => { for (let inbox; !inbox?.quiet.on ||"
                                + " inbox.topics[0] !== 'deploys'; ) inbox = await api('/api/inbox'); })");
                String answered = (String) sender.evaluate("answered.join('|')");
                try (Chromium.Page carl = browser.signedIn(url, "carl")) {
                    carl.await(
                            "document.querySelector('#items li:last-child .what').textContent.startsWith('Unheard')");
                    carl.await("document.querySelector('.toast .what').textContent.endsWith('new notifications')");
                    assertThat((String) carl.evaluate("[...document.querySelectorAll('#items .what')].map((what) =>"
                                    + " what.firstChild.textContent).reverse().join('|')"))
                            .startsWith("Unheard|" + answered);
                }
                DemoBrowser.back(sender);
                sender.evaluate(
                        "import('/shared/session.js').then(({ api }) => api('/api/notifications', { body: { topic:"
                                + " 'deploys', title: 'Three' } }))");
                page.await(titles("Three|One"));
                page.await(unread(1));
                page.evaluate("location.reload()");
                DemoBrowser.arrived(page, titles("Three|One"));
            } finally {
                server.kill();
            }
        } finally {
            Await.get("the end", vertx.close().map(true));
        }
    }
}
