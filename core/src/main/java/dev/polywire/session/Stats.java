package dev.polywire.session;

import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** What the engine counts. Safe for all threads. */
final class Stats {
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder resumed = new LongAdder();
    private final LongAdder published = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final LongAdder gaps = new LongAdder();
    private final LongAdder slowConsumers = new LongAdder();
    private final LongAdder rateLimited = new LongAdder();
    private final LongAdder refusedConnects = new LongAdder();
    private final LongAdder refusedByOverload = new LongAdder();
    private final LongAdder badFrames = new LongAdder();
    private final LongAdder refusedAuthentications = new LongAdder();

    void opened() {
        opened.increment();
    }

    void closed() {
        closed.increment();
    }

    void resumed() {
        resumed.increment();
    }

    void published() {
        published.increment();
    }

    void delivered() {
        delivered.increment();
    }

    void dropped() {
        dropped.increment();
    }

    void gap() {
        gaps.increment();
    }

    void slowConsumer() {
        slowConsumers.increment();
    }

    void rateLimited() {
        rateLimited.increment();
    }

    void refusedConnect() {
        refusedConnects.increment();
    }

    void refusedByOverload() {
        refusedByOverload.increment();
    }

    void badFrame() {
        badFrames.increment();
    }

    void refusedAuthentication() {
        refusedAuthentications.increment();
    }

    /** Returns the totals, and what there is now. */
    JsonObject toJson(Collection<LiveSession> present) {
        Map<String, Integer> byTransport = new TreeMap<>();
        long outboxBytes = 0;
        for (LiveSession session : present) {
            byTransport.merge(session.transport(), 1, Integer::sum);
            outboxBytes += session.outboxBytes();
        }
        JsonObject sessions = new JsonObject();
        byTransport.forEach(sessions::put);
        return new JsonObject()
                .put("sessions", present.size())
                .put("sessionsByTransport", sessions)
                .put("outboxBytes", outboxBytes)
                .put("opened", opened.sum())
                .put("closed", closed.sum())
                .put("resumed", resumed.sum())
                .put("published", published.sum())
                .put("delivered", delivered.sum())
                .put("dropped", dropped.sum())
                .put("gaps", gaps.sum())
                .put("slowConsumers", slowConsumers.sum())
                .put("rateLimited", rateLimited.sum())
                .put("refusedConnects", refusedConnects.sum())
                .put("refusedByOverload", refusedByOverload.sum())
                .put("badFrames", badFrames.sum())
                .put("refusedAuthentications", refusedAuthentications.sum());
    }
}
