package dev.polywire.benchmarks.load;

import dev.polywire.benchmarks.Stamp;
import java.util.List;

/** Publishes from the subscribers' side, at a fixed rate, each to its own channel in turn. */
final class Echo {
    private static final double BURST_SECONDS = 0.02;

    private final List<Subscriber> subscribers;
    private final double interval;
    private final int burst;
    private final Stamp stamp;
    private final long begun = System.nanoTime();
    private long published;

    Echo(List<Subscriber> subscribers, double rate, int size) {
        this.subscribers = subscribers;
        interval = 1e9 / rate;
        burst = (int) Math.max(1, Math.ceil(rate * BURST_SECONDS));
        stamp = new Stamp(size - 2);
    }

    void turn(long now) {
        for (int i = 0; i < burst && due() <= now; i++) {
            int whose = (int) (published % subscribers.size());
            Subscriber subscriber = subscribers.get(whose);
            Link link = subscriber.link();
            String text = stamp.text(published / subscribers.size() + 1, due());
            published++;
            if (link != null && !link.isClosed()) {
                subscriber.publish(link, text);
            }
        }
    }

    private long due() {
        return begun + (long) (published * interval);
    }

    long published() {
        return published;
    }
}
