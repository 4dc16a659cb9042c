package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Counts;
import dev.polywire.benchmarks.load.Generator;
import java.io.IOException;
import org.HdrHistogram.Histogram;

/** Runs one round of a scenario in which the server publishes: connect, warm up, measure, count what is missing. */
final class Publishing {
    private final Settings settings;

    Publishing(Settings settings) {
        this.settings = settings;
    }

    Sample run(ServerProcess server, Contender contender, int count, int round, double rate, double warm)
            throws IOException {
        int channels = settings.channels(count);
        Sample sample = new Sample(contender, count, round);
        try (Generator load = new Generator(server.port())) {
            contender.peer().subscribers.open(load, contender.wire(), count, channels, contender.namespace());
            awaitReady(load, count, server);
            server.publish(rate, channels, settings.size);
            pause(warm);

            load.takeLatencies();
            Counts before = load.counts();
            long publishedBefore = server.published();
            long allocatedBefore = server.allocated();
            long nanosBefore = server.processorNanos();
            long ownBefore =
                    ServerProcess.processorNanosOf(ProcessHandle.current().pid());
            long busyBefore = Machine.busyNanos();
            long begun = System.nanoTime();
            pause(settings.seconds);
            long nanos = server.processorNanos() - nanosBefore;
            double seconds = (System.nanoTime() - begun) / 1e9;
            long own = ServerProcess.processorNanosOf(ProcessHandle.current().pid()) - ownBefore;
            long others = Machine.busyNanos() - busyBefore - nanos - own;
            long allocated = server.allocated() - allocatedBefore;
            long published = server.published() - publishedBefore;
            Counts after = load.counts();
            Histogram latencies = load.takeLatencies();
            long resident = server.resident();

            long all = server.stop();
            Counts end = settled(load, all, channels);
            long delivered = after.delivered() - before.delivered();
            sample.put("cpu", nanos / 1000.0 / delivered)
                    .put("p50", latencies.getValueAtPercentile(50) / 1000.0)
                    .put("p99", latencies.getValueAtPercentile(99) / 1000.0)
                    .put("p999", latencies.getValueAtPercentile(99.9) / 1000.0)
                    .put("max", latencies.getMaxValue() / 1000.0)
                    .put("delivered", delivered / seconds)
                    .put("published", published / seconds)
                    .put("core", nanos / 1e9 / seconds)
                    .put("others", Math.max(0, others / 1e9 / seconds))
                    .put("generator", own / 1e9 / seconds)
                    .put("lost", end.lost())
                    .put("repeated", end.repeated())
                    .put("reordered", end.reordered())
                    .put("disconnected", end.lostConnections())
                    .put("resident", resident);
            if (allocatedBefore >= 0) {
                sample.put("allocated", (double) allocated / delivered);
            }
            sample.notes.putAll(load.notes());
        }
        return sample;
    }

    static void awaitReady(Generator load, int count, ServerProcess server) throws IOException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (load.readySubscribers() < count) {
            if (System.nanoTime() > deadline) {
                throw new IOException("Only " + load.readySubscribers() + " of " + count
                        + " subscribers could subscribe within a minute. " + load.notes());
            }
            pause(0.05);
        }
        // A bridge that does not confirm a subscription gets the time to make it.
        pause(0.3);
        server.published();
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
