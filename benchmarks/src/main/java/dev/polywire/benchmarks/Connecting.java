package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Generator;
import java.io.IOException;
import org.HdrHistogram.Histogram;

/** All subscribers connect and subscribe at once, as they do after a server has come back. */
final class Connecting implements Scenario {
    /** How often a server goes through it before the first time that counts. */
    private static final int WARM_STORMS = 40;

    /** After one storm a JVM has hardly begun to compile. */
    private static final int FEW = 4;

    @Override
    public Sample round(ServerProcess server, Contender contender, Load load, int round, double warm)
            throws IOException {
        if (round == 1) {
            boolean cold = warm > 0;
            for (int i = 0; i < WARM_STORMS && cold; i++) {
                Effort effort =
                        Effort.during(server, () -> storm(new Sample(contender, load, round), server, contender, load));
                cold = !effort.warm() || i < FEW;
            }
        }
        return storm(new Sample(contender, load, round), server, contender, load);
    }

    private static Sample storm(Sample sample, ServerProcess server, Contender contender, Load load)
            throws IOException {
        long allocatedBefore = server.allocated();
        try (Generator all = new Generator(server.port())) {
            Effort effort = new Effort(server);
            long begun = System.nanoTime();
            contender.peer().subscribers.open(all, contender.wire(), load.subscribers(), 1, contender.namespace());
            Publishing.awaitReady(all, load.subscribers());
            // awaitReady ends with a pause, in which a warm server has nothing to do.
            double seconds = (System.nanoTime() - begun) / 1e9 - 0.3;
            effort.end(sample);
            Histogram times = all.takeLatencies();
            sample.put("cpu", effort.nanos() / 1000.0 / load.subscribers())
                    .put("p50", times.getValueAtPercentile(50) / 1000.0)
                    .put("p99", times.getValueAtPercentile(99) / 1000.0)
                    .put("connected", load.subscribers() / seconds);
            if (allocatedBefore >= 0) {
                sample.put("allocated", (double) (server.allocated() - allocatedBefore) / load.subscribers());
            }
            sample.notes.putAll(all.notes());
        }
        // The server hears of the end of all of them before the next storm.
        Publishing.pause(0.5);
        return sample;
    }

    @Override
    public Table columns(Table table) {
        return table.median("CPU µs each", "%.0f", "cpu", 1)
                .ratio("× C", Peer.C, "cpu")
                .ratio("× raw Vert.x", Peer.VERTX, "cpu")
                .median("a second", "%,.0f", "connected", 1)
                .median("p50 ms", "%.0f", "p50", 1)
                .median("p99 ms", "%.0f", "p99", 1)
                .median("allocated KiB each", "%.1f", "allocated", 1024);
    }

    @Override
    public String line(Sample sample) {
        return Scenario.format(
                "%6.0f µs each, %,.0f a second, p50 %.0f  p99 %.0f ms%s",
                sample.get("cpu"),
                sample.get("connected"),
                sample.get("p50"),
                sample.get("p99"),
                Scenario.notes(sample));
    }
}
