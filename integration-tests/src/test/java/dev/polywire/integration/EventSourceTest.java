package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Await;
import dev.polywire.conformance.ChaosProxy;
import dev.polywire.conformance.ChaosProxy.Direction;
import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.json.JsonArray;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Bare reads with the {@code EventSource} that a browser has by itself, behind a network that cuts its connection. */
class EventSourceTest {
    private static final String PAGE = """
            <!doctype html><title>EventSource</title><link rel="icon" href="data:,"><script>
            const got = [], positions = [];
            let opened = 0, errors = 0, last = '';
            const source = new EventSource('/realtime/sse?channel=news:1');
            source.onopen = () => opened++;
            source.onerror = () => errors++;
            source.onmessage = ({ data, lastEventId }) => {
              got.push(JSON.parse(data).payload);
              last = lastEventId;
            };
            source.addEventListener('position', ({ lastEventId }) => {
              positions.push(lastEventId);
              last = lastEventId;
            });
            </script>""";

    private final Wires wires = new Wires();

    /** What each request for the stream said in its {@code Last-Event-ID}. */
    private final List<String> resumedFrom = new CopyOnWriteArrayList<>();

    private Realtime realtime;
    private ChaosProxy proxy;
    private Chromium chromium;
    private int published;

    @BeforeEach
    void serve() throws Exception {
        Path program = Tools.require("chromium");
        realtime = Realtime.create(
                wires.vertx,
                new RealtimeOptions().allowAnonymous(true).namespace("news", new ChannelOptions().historySize(1000)));
        int port = wires.serve(realtime.options(), router -> {
            router.get("/page")
                    .handler(ctx -> ctx.response()
                            .putHeader("Content-Type", "text/html")
                            .end(PAGE));
            router.get("/realtime/sse").handler(ctx -> {
                resumedFrom.add(String.valueOf(ctx.request().getHeader("Last-Event-ID")));
                ctx.next();
            });
            realtime.mount(router);
        });
        proxy = new ChaosProxy(wires.vertx, port, 1);
        chromium = Chromium.launch(wires.vertx, program);
    }

    @AfterEach
    void close() throws Exception {
        if (chromium != null) {
            chromium.close();
            proxy.close();
        }
        wires.close();
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            Await.get("a publish", realtime.channels().publish("news:1", "n", ++published));
        }
    }

    @Test
    @DisplayName("R46: a browser's own EventSource comes back by itself after each cut, without loss or repeat")
    void comesBackByItself() throws Exception {
        publish(3); // before the page is there, so not for it
        published = 0;
        try (Chromium.Page page = chromium.open("http://127.0.0.1:" + proxy.port() + "/page")) {
            page.await("positions.length === 1");

            // Before any message: the opening event alone has said where to go on.
            cut(page, () -> proxy.reset());
            publish(5);
            page.await("got.length >= 5");

            publish(5);
            page.await("got.length >= 10");
            cut(page, () -> {
                proxy.cutMidWrite(Direction.DOWN);
                publish(1);
            });
            publish(5);
            page.await("got.length >= " + published);

            assertThat(page.evaluate("JSON.stringify(got)"))
                    .isEqualTo(new JsonArray(
                                    IntStream.rangeClosed(1, published).boxed().toList())
                            .encode());
            assertThat(page.evaluate("errors")).as("cuts").isEqualTo(2);
            assertThat(page.evaluate("opened")).as("once for each connection").isEqualTo(3);
            assertThat(page.evaluate("positions.length")).isEqualTo(3);
            assertThat(page.evaluate("source.readyState")).isEqualTo(1);
        }
    }

    /** Cuts the connection, and sees the page ask again from the last event that it has had. */
    private void cut(Chromium.Page page, Runnable how) throws Exception {
        int requests = resumedFrom.size();
        how.run();
        page.await("source.readyState === EventSource.CONNECTING");
        Object last = page.evaluate("last");
        Await.until("the next request of the page", () -> resumedFrom.size() > requests);
        assertThat(resumedFrom.get(requests)).isEqualTo(last);
    }
}
