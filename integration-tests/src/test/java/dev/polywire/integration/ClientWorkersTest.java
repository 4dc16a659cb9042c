package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.Realtime;
import dev.polywire.RealtimeOptions;
import dev.polywire.testing.Chromium;
import dev.polywire.testing.Tools;
import io.vertx.core.Future;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The client where there is no document: in the workers of a browser, as the server gives it to them. */
class ClientWorkersTest {
    /** Subscribes, publishes, asks, and aborts, over one wire, and says what came of it. */
    private static final String PROBE = """
            async function probe({ connect }, wire) {
              const over = new AbortController();
              const connection = connect('/realtime', { transports: [wire], signal: over.signal });
              const channel = connection.channel('test:' + Math.random());
              await channel.subscribe();
              const loop = channel.messages({ signal: over.signal });
              await channel.publish('E', 'over ' + connection.transport);
              const said = [(await loop.next()).value.payload, await connection.request('echo', 42)];
              const ended = loop.next().catch((error) => error.name);
              const closed = new Promise((resolve) => connection.on('state', ({ state }) => resolve(state)));
              over.abort();
              return [...said, await ended, await closed].join();
            }
            async function probes(client) {
              const said = [];
              for (const wire of ['websocket', 'sse', 'longpoll']) said.push(await probe(client, wire));
              return said.join(' ');
            }
            """;

    private static final String MODULE = """
            import * as client from '/realtime/client.js';
            probes(client).then((said) => postMessage(said), (error) => postMessage(String(error)));
            """;

    private static final String CLASSIC = """
            import('/realtime/client.js').then(probes).then((said) => postMessage(said), (error) => postMessage(String(error)));
            """;

    private static final String SHARED = """
            import * as client from '/realtime/client.js';
            onconnect = ({ ports: [port] }) =>
              probes(client).then((said) => port.postMessage(said), (error) => port.postMessage(String(error)));
            """;

    private static final String PAGE = """
            <!doctype html><title>Workers</title><link rel="icon" href="data:,"><script>
            const said = {};
            const hear = (name, port) => {
              port.onmessage = ({ data }) => { said[name] = data; };
              port.onerror = ({ message }) => { said[name] = 'failed: ' + message; };
            };
            hear('module', new Worker('/module.js', { type: 'module' }));
            hear('classic', new Worker('/classic.js'));
            hear('shared', new SharedWorker('/shared.js', { type: 'module' }).port);
            </script>""";

    @Test
    @DisplayName("in a module worker, a classic worker and a shared worker the client works over every wire")
    void workers() throws Exception {
        Path program = Tools.require("chromium");
        try (Wires wires = new Wires()) {
            Realtime realtime = Realtime.create(
                    wires.vertx,
                    new RealtimeOptions()
                            .allowAnonymous(true)
                            .namespace("test", new ChannelOptions().publish(ChannelOptions.Publishers.ANYONE)));
            realtime.request("echo", (session, payload) -> Future.succeededFuture(payload));
            int port = wires.serve(realtime.options(), router -> {
                router.get("/page")
                        .handler(ctx -> ctx.response()
                                .putHeader("Content-Type", "text/html")
                                .end(PAGE));
                router.get("/:kind.js").handler(ctx -> {
                    String script = switch (ctx.pathParam("kind")) {
                        case "module" -> MODULE;
                        case "classic" -> CLASSIC;
                        default -> SHARED;
                    };
                    ctx.response().putHeader("Content-Type", "text/javascript").end(script + PROBE);
                });
                realtime.mount(router);
            });
            try (Chromium chromium = Chromium.launch(wires.vertx, program);
                    Chromium.Page page = chromium.open("http://127.0.0.1:" + port + "/page")) {
                String each = "over %s,42,AbortError,closed";
                String all = String.join(
                        " ", each.formatted("websocket"), each.formatted("sse"), each.formatted("longpoll"));
                page.await("said.module && said.classic && said.shared");
                for (String kind : new String[] {"module", "classic", "shared"}) {
                    assertThat(page.evaluate("said." + kind)).as(kind).isEqualTo(all);
                }
                assertThat(page.errors()).isEmpty();
            }
        }
    }
}
