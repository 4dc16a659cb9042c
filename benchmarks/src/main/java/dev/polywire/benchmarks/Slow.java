package dev.polywire.benchmarks;

import java.io.IOException;

/** Fan-out twice, without and with one in a hundred readers that has stopped to read: what do the others feel of it? */
final class Slow implements Scenario {
    private static final int ONE_IN = 100;

    /** Seconds in which the buffers of stalled readers fill, and what was set up anew for a run is warm. */
    private static final double SETTLE = 4;

    private final Publishing publishing;
    private final Settings settings;

    Slow(Publishing publishing, Settings settings) {
        this.publishing = publishing;
        this.settings = settings;
    }

    @Override
    public Sample round(ServerProcess server, Contender contender, Load load, int round, double warm)
            throws IOException {
        // In turns, and both with the same time to settle in: what comes second finds the machine in another state.
        double settle = Math.max(warm, SETTLE);
        boolean stalledFirst = round % 2 == 0;
        Sample first =
                publishing.run(server, contender, load, round, settle, settings.seconds, stalledFirst ? ONE_IN : 0);
        Sample second =
                publishing.run(server, contender, load, round, SETTLE, settings.seconds, stalledFirst ? 0 : ONE_IN);
        Sample with = stalledFirst ? first : second;
        Sample without = stalledFirst ? second : first;
        with.put("p99 without", without.get("p99"))
                .put("p99 change", with.get("p99") / without.get("p99"))
                .put("cpu change", with.get("cpu") / without.get("cpu"));
        return with;
    }

    @Override
    public Table columns(Table table) {
        return table.median("deliveries/s", "%,.0f", "delivered", 1)
                .median("p99 ms without", "%.1f", "p99 without", 1)
                .median("p99 ms of the others with 1 % stalled", "%.1f", "p99", 1)
                .median("×", "%.2f", "p99 change", 1)
                .median("CPU ×", "%.2f", "cpu change", 1)
                .sum("lost by the others", "lost")
                .median("RSS MiB", "%.0f", "resident", 1 << 20);
    }

    @Override
    public String line(Sample sample) {
        return Scenario.format(
                "p99 %.1f ms, and %.1f ms with one in %d stalled (× %.2f); the others lost %.0f%s",
                sample.get("p99 without"),
                sample.get("p99"),
                ONE_IN,
                sample.get("p99 change"),
                sample.get("lost"),
                Scenario.notes(sample));
    }
}
