package dev.polywire.examples.livefeed;

import dev.polywire.client.Channel;
import dev.polywire.client.ClientOptions;
import dev.polywire.client.PolywireClient;
import dev.polywire.conformance.Await;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** A client of a state channel over one wire, which does as the page does: the whole at first, then changes, and the whole again if they do not reach. */
final class StateViewer implements AutoCloseable {
    private final String wire;
    private final PolywireClient client;
    private JsonObject state;
    private long version;
    private int taken;

    StateViewer(Vertx vertx, int port, String wire) {
        this.wire = wire;
        client = PolywireClient.create(
                vertx,
                "http://127.0.0.1:" + port + "/realtime",
                new ClientOptions().transports(List.of(wire)).remember(false));
        Await.get("a session over " + wire, client.connect().map(true));
        Channel channel = client.channel("metrics");
        channel.on("patch", message -> changed((JsonObject) message.payload()));
        JsonObject snapshot = (JsonObject)
                Await.get("a subscription over " + wire, channel.subscribe()).snapshot();
        state = snapshot.getJsonObject("state");
        version = snapshot.getLong("version");
    }

    private synchronized void changed(JsonObject change) {
        taken++;
        if (change.getLong("from") > version) {
            client.request(FeedNode.WHOLE, null).onSuccess(whole -> whole((JsonObject) whole));
        } else if (change.getLong("to") > version) {
            state = MergePatch.apply(state, change.getJsonObject("patch"));
            version = change.getLong("to");
        }
    }

    private synchronized void whole(JsonObject whole) {
        if (whole.getLong("version") > version) {
            state = whole.getJsonObject("state");
            version = whole.getLong("version");
        }
    }

    synchronized JsonObject state() {
        return state;
    }

    synchronized long version() {
        return version;
    }

    /** Returns how many changes came. */
    synchronized int taken() {
        return taken;
    }

    @Override
    public String toString() {
        return wire;
    }

    @Override
    public void close() {
        Await.get("the end of a client", client.close().map(true));
    }
}
