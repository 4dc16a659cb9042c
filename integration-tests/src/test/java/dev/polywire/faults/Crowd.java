package dev.polywire.faults;

import dev.polywire.conformance.Await;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Clients under load, in a Node process: the client that users have, over all wires. */
final class Crowd implements AutoCloseable {
    /** How many channels there are; every client has subscribed to all. */
    static final int CHANNELS = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Until clients are back: after ten seconds in vain one may wait for half a minute, and for two seconds more where a node wants that (R41). */
    private static final Duration BACK = Duration.ofSeconds(60);

    private final Program program;
    private final int clients;

    /**
     * Starts it and waits until all are subscribed.
     *
     * @param node the program
     * @param port where the nodes are
     * @param clients how many
     */
    Crowd(Path node, int port, int clients, String run) {
        this.clients = clients;
        JsonObject options = new JsonObject()
                .put("url", "http://127.0.0.1:" + port + "/realtime")
                .put("clients", clients)
                .put("channels", CHANNELS)
                .put("run", run)
                .put("wires", new JsonArray(List.of("websocket", "sse", "longpoll")));
        program = new Program(
                "crowd",
                List.of(
                        node.toString(),
                        "--experimental-websocket",
                        "--no-warnings",
                        Path.of("..", "client", "test", "crowd", "crowd.js").toString(),
                        options.encode()));
        program.await("ready", PATIENCE);
    }

    int clients() {
        return clients;
    }

    /** Returns how many messages have been stored so far. */
    int stored() {
        return now("stored");
    }

    /** Returns how many publishes wait for their answer. */
    int inFlight() {
        return now("inFlight");
    }

    /** Returns how many publishes were refused so far. */
    int refused() {
        return now("refused");
    }

    /** Returns how many sessions have been lost so far. */
    int resets() {
        return now("resets");
    }

    /** Returns how often a subscriber was told that a channel has begun anew. */
    int epochs() {
        return now("epochs");
    }

    /** Tells whether every client has a connection. */
    boolean connected() {
        return now("connected") == clients;
    }

    private int now(String what) {
        return program.await("progress", PATIENCE).getInteger(what);
    }

    /** Waits until so many more messages are stored and all are connected: then things go on. */
    void goesOn(int more) {
        int from = stored();
        Await.until("the load goes on, " + this, BACK, () -> stored() >= from + more && connected());
    }

    /** Has it stop publishing, waits for what is on its way, and returns what it counted. */
    JsonObject report() {
        program.tell("stop");
        return program.await("report", Duration.ofSeconds(120));
    }

    @Override
    public String toString() {
        return String.valueOf(program.last("progress"));
    }

    @Override
    public void close() {
        program.close();
    }
}
