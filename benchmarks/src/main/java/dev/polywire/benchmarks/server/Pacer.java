package dev.polywire.benchmarks.server;

import dev.polywire.benchmarks.Stamp;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/**
 * Publishes at a fixed rate, in turn to each channel. A message bears the time that it was due, not that at which its turn came,
 * so that a server that stalls is charged for everything that should have been sent meanwhile.
 */
final class Pacer {
    /** How much of a second's messages one turn of the event loop may make up for; the rest comes after others had a turn. */
    private static final double BURST_SECONDS = 0.02;

    private final Vertx vertx;
    private final Target target;
    private @Nullable Stamp stamp;
    private double interval;
    private int channels;
    private int burst;
    private long begun;
    private long published;
    private long timer = -1;

    Pacer(Vertx vertx, Target target) {
        this.vertx = vertx;
        this.target = target;
    }

    void start(double rate, int toChannels, int size) {
        stop();
        interval = 1e9 / rate;
        channels = toChannels;
        // As JSON text the quotes count as well.
        stamp = new Stamp(size - 2);
        burst = (int) Math.max(1, Math.ceil(rate * BURST_SECONDS));
        published = 0;
        begun = System.nanoTime();
        tick();
    }

    /** Returns how many messages were published since the start. */
    long stop() {
        if (timer >= 0) {
            vertx.cancelTimer(timer);
            timer = -1;
        }
        stamp = null;
        return published;
    }

    long published() {
        return published;
    }

    private void tick() {
        timer = -1;
        Stamp current = stamp;
        if (current == null) {
            return;
        }
        long now = System.nanoTime();
        long due = due();
        for (int i = 0; i < burst && due <= now; i++) {
            target.publish((int) (published % channels), current.text(published / channels + 1, due));
            published++;
            due = due();
        }
        long wait = due - System.nanoTime();
        timer = vertx.setTimer(Math.max(1, (wait + 999_999) / 1_000_000), id -> tick());
    }

    private long due() {
        return begun + (long) (published * interval);
    }
}
