package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Counts;
import dev.polywire.benchmarks.load.Generator;
import java.io.IOException;
import org.HdrHistogram.Histogram;

/** A round in which the server publishes: connect, warm up, measure, count what is missing. */
final class Publishing {
    private final Settings settings;

    Publishing(Settings settings) {
        this.settings = settings;
    }

    Sample run(ServerProcess server, Contender contender, Load under, int round, double warm, double seconds)
            throws IOException {
        int channels = settings.channels(under.subscribers());
        Sample sample = new Sample(contender, under, round);
        try (Generator load = new Generator(server.port())) {
            contender
                    .peer()
                    .subscribers
                    .open(load, contender.wire(), under.subscribers(), channels, contender.namespace());
            awaitReady(load, under.subscribers());
            server.publish(under.rate(), channels, settings.size);
            pause(warm);
            measure(sample, server, load, seconds);
            long all = server.stop();
            Counts end = settled(load, all, channels);
            sample.put("lost", end.lost())
                    .put("repeated", end.repeated())
                    .put("reordered", end.reordered())
                    .put("disconnected", end.lostConnections());
            sample.notes.putAll(load.notes());
        }
        return sample;
    }

    private static void measure(Sample sample, ServerProcess server, Generator load, double window) throws IOException {
        long me = ProcessHandle.current().pid();
        load.takeLatencies();
        Counts before = load.counts();
        long publishedBefore = server.published();
        long allocatedBefore = server.allocated();
        long busyBefore = Machine.busyNanos();
        long ownBefore = ServerProcess.processorNanosOf(me);
        long nanosBefore = server.processorNanos();
        long begun = System.nanoTime();
        pause(window / 2);
        Histogram firstHalf = load.takeLatencies();
        pause(window / 2);
        long nanos = server.processorNanos() - nanosBefore;
        double seconds = (System.nanoTime() - begun) / 1e9;
        long own = ServerProcess.processorNanosOf(me) - ownBefore;
        long others = Machine.busyNanos() - busyBefore - nanos - own;
        Histogram latencies = load.takeLatencies();
        Counts after = load.counts();
        long allocated = server.allocated() - allocatedBefore;
        long published = server.published() - publishedBefore;

        long delivered = after.delivered() - before.delivered();
        sample.put("p50 first half", firstHalf.getValueAtPercentile(50) / 1000.0)
                .put("p50 second half", latencies.getValueAtPercentile(50) / 1000.0);
        latencies.add(firstHalf);
        sample.put("cpu", delivered == 0 ? Double.NaN : nanos / 1000.0 / delivered)
                .put("p50", latencies.getValueAtPercentile(50) / 1000.0)
                .put("p99", latencies.getValueAtPercentile(99) / 1000.0)
                .put("p99.9", latencies.getValueAtPercentile(99.9) / 1000.0)
                .put("max", latencies.getMaxValue() / 1000.0)
                .put("delivered", delivered / seconds)
                .put("published", published / seconds)
                .put("core", nanos / 1e9 / seconds)
                .put("generator", own / 1e9 / seconds)
                .put("others", Math.max(0, others / 1e9 / seconds))
                .put("resident", server.resident());
        if (allocatedBefore >= 0 && delivered > 0) {
            sample.put("allocated", (double) allocated / delivered);
        }
    }

    static void awaitReady(Generator load, int count) throws IOException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (load.readySubscribers() < count) {
            if (System.nanoTime() > deadline) {
                throw new IOException("Only " + load.readySubscribers() + " of " + count
                        + " subscribers could subscribe within a minute. " + load.notes());
            }
            pause(0.02);
        }
        // A server that does not confirm a subscription gets the time to make it.
        pause(0.3);
    }

    /** Waits until nothing more comes, and counts what never did. */
    private static Counts settled(Generator load, long published, int channels) {
        long before = -1;
        for (int i = 0; i < 50; i++) {
            long now = load.counts().delivered();
            if (now == before) {
                break;
            }
            before = now;
            pause(0.3);
        }
        return load.end(published, channels);
    }

    static void pause(double seconds) {
        try {
            Thread.sleep((long) (seconds * 1000));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
