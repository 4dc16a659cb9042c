package dev.polywire.examples.livefeed;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Turns counters into a sample. Rates are those of the last second, however often samples are taken: a core's ticks come
 * a hundred a second, so within a quarter of a second they would jump by four percent at a time. Not thread-safe.
 */
final class Sampler {
    private static final long WINDOW = TimeUnit.SECONDS.toNanos(1);

    private final Deque<Counters> window = new ArrayDeque<>();

    /**
     * Takes a sample.
     *
     * @param now the counters
     * @return the sample; rates are 0 in the first one
     */
    JsonObject sample(Counters now) {
        Counters then = now;
        if (!window.isEmpty()) {
            // The youngest of those that are a second old stays, so that the window never is much shorter than a
            // second.
            while (window.size() > 1 && now.at() - second().at() >= WINDOW) {
                window.removeFirst();
            }
            then = window.getFirst();
        }
        window.addLast(now);
        double seconds = (now.at() - then.at()) / 1e9;
        return new JsonObject()
                .put("cpu", cores(then, now))
                .put("load", load(now.load()))
                .put("memory", now.memory())
                .put("swap", now.swap())
                .put("received", rate(then.received(), now.received(), seconds))
                .put("sent", rate(then.sent(), now.sent(), seconds))
                .put("read", rate(then.read(), now.read(), seconds))
                .put("written", rate(then.written(), now.written(), seconds))
                .put("heap", now.heap())
                .put("committed", now.committed())
                .put("threads", now.threads());
    }

    private Counters second() {
        var all = window.iterator();
        all.next();
        return all.next();
    }

    private static JsonArray cores(Counters then, Counters now) {
        JsonArray cores = new JsonArray();
        // A core may have been switched on or off meanwhile.
        boolean comparable = then.ticks().length == now.ticks().length;
        for (int i = 0; i < now.ticks().length; i++) {
            long ticks = comparable ? now.ticks()[i] - then.ticks()[i] : 0;
            long busy = comparable ? now.busy()[i] - then.busy()[i] : 0;
            double percent = ticks <= 0 ? 0 : Math.max(0, Math.min(100, 100.0 * busy / ticks));
            cores.add(Math.round(percent * 10) / 10.0);
        }
        return cores;
    }

    private static JsonArray load(double[] averages) {
        JsonArray load = new JsonArray();
        for (double average : averages) {
            if (average >= 0) {
                load.add(Math.round(average * 100) / 100.0);
            }
        }
        return load;
    }

    /** A counter that went back belongs to a device that was replaced: that second has no rate. */
    private static long rate(long then, long now, double seconds) {
        return seconds <= 0 || now < then ? 0 : Math.round((now - then) / seconds);
    }
}
