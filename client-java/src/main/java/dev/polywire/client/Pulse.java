package dev.polywire.client;

import io.vertx.core.json.JsonObject;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The signs of life on an engine's wires: acknowledgements, and silence. Long polls have none: each poll acknowledges, and has a deadline
 * of its own.
 */
final class Pulse {
    private static final long ACK_AFTER = 500;
    /** In characters: at most 30 KB of UTF-8 (R22). */
    private static final long ACK_SIZE = 10_000;

    private final Engine engine;
    private final Place place;
    private final Consumer<Link> silent;
    private long size;
    private @Nullable Runnable timer;

    Pulse(Engine engine, Place place, Consumer<Link> silent) {
        this.engine = engine;
        this.place = place;
        this.silent = silent;
    }

    /** Nothing is to be acknowledged any more on the wire that was. */
    void stop() {
        if (timer != null) {
            timer.run();
        }
        timer = null;
        size = 0;
    }

    /** Tells the server how far we are. */
    void tell() {
        stop();
        Link current = engine.current;
        Link trial = engine.trial;
        // A POST may be overtaken by the attach that is under way. The server would then drop frames that it has just
        // promised to
        // repeat on the new wire, whose numbers would no longer be ours. The new wire's welcome brings us back here, or
        // the clock
        // does when there is none.
        if (trial != null && trial.count.attach > 0) {
            count(0);
            return;
        }
        // For the same reason, never more than this wire has brought: what it repeats, it has to repeat to the end.
        if (current != null && !current.polls()) {
            current.control(new JsonObject()
                    .put("type", "received")
                    .put("count", Math.min(engine.machine.received, current.count.next - 1)));
        }
    }

    /** A frame is handed over: the server hears of it within a second or 32 KiB (R22). */
    void count(int characters) {
        if (engine.current != null && engine.current.polls()) {
            return;
        }
        size += characters;
        if (size >= ACK_SIZE) {
            tell();
        } else if (timer == null) {
            timer = place.later(ACK_AFTER, this::due);
        }
    }

    private void due() {
        timer = null;
        tell();
    }

    /** Gives a wire up that has been silent for two heartbeats (R38). */
    void watch(Link link) {
        if (link.polls()) {
            return;
        }
        long left = link.heard + 2 * engine.heartbeat - place.now();
        if (left <= 0) {
            silent.accept(link);
        } else {
            link.later(left, () -> watch(link));
        }
    }
}
