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
            try (Chromium.Page page = browser.signedIn(url, "ada");
                    Chromium.Page sender = browser.signedIn(url + "send.html?wire=longpoll", "bob")) {
                DemoBrowser.live(page);
                DemoBrowser.live(sender);
                page.evaluate(NotificationsPageTest.api("/api/topics/deploys", "{ method: 'PUT' }"));
                send(sender, "ada", "{ title: 'One' }");
                send(sender, "ada", "{ title: 'Two', body: 'soon gone', ttl: 12 }");
                page.await(titles("Two|One"));
                NotificationsPageTest.acknowledged(page, 2);
                assertThat(page.errors()).isEmpty();

                server.kill();
                page.await("!document.getElementById('offline').hidden");
                page.await("document.getElementById('offline').textContent.includes('cannot be reached')");
                // Done while nobody is there to hear it.
                page.evaluate("document.querySelector('#items li:last-child [data-act=mark]').click()");
                page.await("!document.querySelector('#items li:last-child.unread')");

                server = DemoProcess.start(NotificationsMain.class, "--port", port, "--redis", at);
                DemoBrowser.back(page);
                page.await("document.getElementById('offline').hidden");
                // Who was signed in still is; what was read while offline is; what has expired meanwhile has gone.
                page.await(titles("One"));
                page.await("document.getElementById('unread').textContent === 'all read'");
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
