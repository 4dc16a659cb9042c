package dev.polywire.client;

import io.vertx.core.json.JsonObject;

/** What the wires over HTTP share: up by POST, and an end that is told once. */
abstract class PostingWire implements Wire {
    final Wire.Listener on;
    /** Nothing is told any more. */
    boolean over;

    private final Uplink uplink;

    PostingWire(WireContext context, HttpWires http, Wire.Listener on) {
        this.on = on;
        uplink = new Uplink(context, http, this::end);
    }

    /** Ends it from within. */
    final void end(Failure why) {
        if (!over) {
            close();
            on.closed(why);
        }
    }

    /** Gives up what comes down. */
    abstract void abort();

    @Override
    public final void control(JsonObject frame) {
        uplink.control(frame);
    }

    @Override
    public final void flush() {
        uplink.flush();
    }

    @Override
    public final void close() {
        over = true;
        uplink.close();
        abort();
    }
}
