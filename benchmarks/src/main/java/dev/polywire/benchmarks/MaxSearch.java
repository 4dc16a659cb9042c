package dev.polywire.benchmarks;

import java.io.IOException;
import java.util.Locale;

/**
 * Looks for the highest rate that a server holds for ten seconds: nothing is lost, nobody is cut off, and what waits does not
 * grow. Doubles until one is too high, then halves the (logarithmic) distance a few times.
 */
final class MaxSearch implements Scenario {
    private static final double HOLD = 10;
    private static final double SHORT_HOLD = 4;
    private static final double SETTLE = 2;
    private static final int BISECTIONS = 4;

    private final Publishing publishing;

    MaxSearch(Publishing publishing) {
        this.publishing = publishing;
    }

    /** Returns the figures at the highest rate that held, under the load that the search began with. */
    @Override
    public Sample round(ServerProcess server, Contender contender, Load from, int round, double warm)
            throws IOException {
        double low = 0;
        double high = from.rate();
        Sample best = null;
        boolean first = round == 1;
        while (true) {
            Sample sample = probe(server, contender, from, high, round, first ? warm : SETTLE, SHORT_HOLD);
            first = false;
            if (!holds(sample)) {
                break;
            }
            low = high;
            high *= 2;
        }
        if (low == 0) {
            low = high / 16;
        }
        for (int i = 0; i < BISECTIONS || (best == null && i < 2 * BISECTIONS); i++) {
            // What held for a short while is tried for long as well, when nothing has held for long yet.
            double middle = best == null && i >= BISECTIONS - 1 ? low : Math.sqrt(low * high);
            Sample sample = probe(server, contender, from, middle, round, SETTLE, HOLD);
            if (holds(sample)) {
                best = sample;
                low = middle;
            } else {
                high = middle;
                low = Math.min(low, middle / 1.2);
            }
        }
        Sample result = new Sample(contender, from, round);
        if (best != null) {
            result.figures.putAll(best.figures);
            result.put("held", best.get("delivered")).put("rate", best.get("rate"));
        }
        return result;
    }

    private Sample probe(
            ServerProcess server, Contender contender, Load from, double rate, int round, double settle, double hold)
            throws IOException {
        Load load = new Load(from.subscribers(), rate);
        Sample sample =
                publishing.run(server, contender, load, round, settle, hold, 0).put("rate", rate);
        Bench.say(String.format(
                Locale.ROOT,
                "  %-20s %,9.0f publishes/s for %2.0f s: %-4s  %,11.0f deliveries/s, p50 %.1f then %.1f ms, lost %.0f,"
                        + " cut off %.0f, server %.0f %%, generator %.0f %% of a core%s",
                contender,
                rate,
                hold,
                holds(sample) ? "held" : "no",
                sample.get("delivered"),
                sample.get("p50 first half"),
                sample.get("p50 second half"),
                sample.get("lost"),
                sample.get("disconnected"),
                100 * sample.get("core"),
                100 * sample.get("generator"),
                sample.notes.isEmpty() ? "" : "  " + sample.notes));
        return sample;
    }

    @Override
    public Table columns(Table table) {
        return table.median("deliveries/s held for 10 s", "%,.0f", "held", 1)
                .ratio("× C", Peer.C, "held")
                .ratio("× raw Vert.x", Peer.VERTX, "held")
                .ratioToOneNode("× one node", "held")
                .median("CPU µs per message", "%.2f", "cpu", 1)
                .median("p50 ms", "%.1f", "p50", 1)
                .median("p99 ms", "%.1f", "p99", 1)
                .median("server's share of a core %", "%.0f", "core", 0.01)
                .median("generator's %", "%.0f", "generator", 0.01);
    }

    @Override
    public String line(Sample sample) {
        double held = sample.get("held");
        return Double.isNaN(held) ? "no rate was held" : Scenario.format("%,.0f deliveries/s held", held);
    }

    static boolean holds(Sample sample) {
        return sample.get("lost") == 0
                && sample.get("disconnected") == 0
                && sample.get("published") >= 0.97 * sample.get("rate")
                && sample.get("p50 second half") <= 1.5 * sample.get("p50 first half") + 20
                && sample.get("p50 second half") <= 500;
    }
}
