package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.ChannelOptions;
import dev.polywire.RealtimeOptions;
import dev.polywire.conformance.Attached;
import dev.polywire.conformance.ReferenceClient;
import dev.polywire.conformance.VersionZero;
import dev.polywire.protocol.Codec;
import dev.polywire.protocol.JsonCodec;
import dev.polywire.protocol.Versions;
import dev.polywire.session.Assembly;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R5 in the engine: sessions of two versions share channels, and each speaks its own. */
class VersionsTest {
    private final Wires wires = new Wires();

    @AfterEach
    void close() {
        wires.close();
    }

    private int serve() {
        Codec current = new JsonCodec(65536, 32);
        Assembly engine = new Assembly(
                wires.vertx,
                new RealtimeOptions()
                        .allowAnonymous(true)
                        .namespace("room", new ChannelOptions().publish(ChannelOptions.Publishers.SUBSCRIBERS)),
                () -> System.nanoTime() / 1_000_000);
        engine.versions(new Versions(Map.of(0, new VersionZero(current), 1, current)));
        return wires.serve(engine);
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R5: an older client meets a newer one in a channel, each in its own version")
    void translates(String wire) {
        int port = serve();
        ReferenceClient older = wires.client(wire, port).versions(new JsonArray().add(0));
        ReferenceClient newer =
                wires.client(wire, port).versions(new JsonArray().add(0).add(1));
        assertThat(older.connect().getInteger("version")).isZero();
        assertThat(newer.connect().getInteger("version")).isEqualTo(1);
        older.ask(Wires.subscribe("s", "room:1"));
        newer.ask(Wires.subscribe("s", "room:1"));
        newer.ask(Wires.publish("1", "room:1", "from newer"));
        older.ask(Wires.frame("publish", "2")
                .put("channel", "room:1")
                .put("name", "old")
                .put("payload", "from older"));
        JsonObject atOlder = older.await("the newer one's", frame -> "from newer".equals(frame.getValue("payload")));
        assertThat(atOlder.getString("name")).isEqualTo("e");
        assertThat(atOlder.containsKey("event")).isFalse();
        JsonObject atNewer = newer.await("the older one's", frame -> "from older".equals(frame.getValue("payload")));
        assertThat(atNewer.getString("event")).isEqualTo("old");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    @DisplayName("R5: without a version in common the answer lists those that are spoken")
    void refuses(String wire) {
        ReferenceClient client = wires.client(wire, serve()).versions(new JsonArray().add(7));
        Attached attached = client.attach(client.driver());
        var end = attached.end();
        assertThat(end.code()).isIn(4007, 400);
        String said = end.body() + " " + attached.refusal();
        assertThat(said).contains("unsupported_version").contains("[0,1]");
    }
}
