package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Generator;
import java.io.IOException;

/** Connections that are subscribed and hear nothing: what each holds in memory, and what keeping them takes. */
final class Idle implements Scenario {
    /** Connections that come and go first, so that what is loaded once is not charged to those that are counted. */
    private static final int FIRST = 200;

    /** Seconds until each has had its first heartbeat, which is when that code is compiled. */
    private static final double FIRST_HEARTBEAT = 30;

    private final Settings settings;

    Idle(Settings settings) {
        this.settings = settings;
    }

    @Override
    public boolean fresh() {
        return true;
    }

    @Override
    public Sample round(ServerProcess server, Contender contender, Load load, int round, double warm)
            throws IOException {
        Sample sample = new Sample(contender, load, round);
        try (Generator first = new Generator(server.port())) {
            open(first, contender, FIRST);
        }
        Publishing.pause(1);
        long heapBefore = server.heap();
        long residentBefore = server.resident();
        try (Generator all = new Generator(server.port())) {
            open(all, contender, load.subscribers());
            Publishing.pause(2);
            double each = load.subscribers() * 1024.0;
            long heap = server.heap();
            if (heap >= 0) {
                sample.put("heap", (heap - heapBefore) / each);
            }
            sample.put("resident each", (server.resident() - residentBefore) / each);
            Publishing.pause(FIRST_HEARTBEAT);
            Effort effort = new Effort(server);
            Publishing.pause(settings.seconds);
            effort.end(sample);
            // What the connecting left to compile is no part of being idle.
            sample.put("core", effort.nanosWithoutCompiling() / 1e9 / effort.seconds());
            sample.put("disconnected", all.counts().lostConnections());
            sample.notes.putAll(all.notes());
        }
        return sample;
    }

    private static void open(Generator load, Contender contender, int count) throws IOException {
        contender.peer().subscribers.open(load, contender.wire(), count, 1, contender.namespace());
        Publishing.awaitReady(load, count);
    }

    @Override
    public Table columns(Table table) {
        return table.median("KiB of heap each", "%.1f", "heap", 1)
                .median("KiB resident each", "%.1f", "resident each", 1)
                .median("share of a core % (without compiling)", "%.2f", "core", 0.01)
                .sum("cut off", "disconnected");
    }

    @Override
    public String line(Sample sample) {
        double heap = sample.get("heap");
        return (Double.isNaN(heap) ? "" : Scenario.format("%.1f KiB of heap and ", heap))
                + Scenario.format(
                        "%.1f KiB resident each, %.2f %% of a core%s",
                        sample.get("resident each"), 100 * sample.get("core"), Scenario.notes(sample));
    }
}
