package dev.polywire.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One run: starts the servers, measures them in turn, and tells what came out. */
final class Bench {
    /** So much of a core taken by others makes latencies unfit to be shown. */
    private static final double DISTURBED = 0.15;

    private final Settings settings;
    private final String[] arguments;
    private final Servers servers;
    private final Publishing publishing;
    private final List<Sample> samples = new ArrayList<>();
    private final Map<Contender, ServerProcess> running = new LinkedHashMap<>();

    Bench(Settings settings, String[] arguments) throws IOException {
        this.settings = settings;
        this.arguments = arguments;
        servers = new Servers(settings);
        publishing = new Publishing(settings);
    }

    void run() throws IOException {
        measure();
        Table table = table();
        System.out.println();
        System.out.print(table.text());
        double others = samples.stream()
                .mapToDouble(sample -> sample.get("others"))
                .filter(share -> !Double.isNaN(share))
                .max()
                .orElse(0);
        if (others > DISTURBED) {
            say(String.format(
                    Locale.ROOT,
                    "Other programs took up to %.0f %% of a core meanwhile: do not trust the latencies, nor bare times.",
                    100 * others));
        }
        if (settings.json != null) {
            new Report(settings, arguments, samples, running).write(settings.json);
        }
        if (settings.svg != null) {
            new Chart(table, settings).write(settings.svg);
        }
    }

    List<Sample> measure() throws IOException {
        say(
                servers.pinning()
                        ? "Servers run on core 0, the load generator on the core that ./bench gave it."
                        : "There is no taskset: nothing is pinned to a core, and the figures say less.");
        List<Contender> present = new ArrayList<>();
        for (Contender contender : settings.contenders) {
            String why = servers.absent(contender);
            if (why == null) {
                present.add(contender);
            } else {
                say(contender.title() + " is absent: " + why + ".");
            }
        }
        try {
            for (Contender contender : present) {
                running.put(contender, servers.start(contender));
            }
            boolean first = true;
            for (Load load : settings.loads()) {
                rounds(load, first);
                first = false;
            }
        } finally {
            running.values().forEach(ServerProcess::close);
        }
        return samples;
    }

    private void rounds(Load load, boolean first) throws IOException {
        for (int round = 1; round <= settings.rounds; round++) {
            List<Map.Entry<Contender, ServerProcess>> order = new ArrayList<>(running.entrySet());
            Collections.rotate(order, round - 1);
            for (Map.Entry<Contender, ServerProcess> next : order) {
                double warm = first && round == 1 ? settings.warm : settings.warm / 4;
                Sample sample = settings.max
                        ? new MaxSearch(publishing, warm).run(next.getValue(), next.getKey(), load, round)
                        : publishing.run(next.getValue(), next.getKey(), load, round, warm, settings.seconds);
                samples.add(sample);
                say(line(sample));
            }
        }
    }

    private Table table() {
        Table table = new Table(samples);
        if (settings.max) {
            return table.median("deliveries/s held for 10 s", "%,.0f", "held", 1)
                    .ratio("× C", Peer.C, "held")
                    .ratio("× raw Vert.x", Peer.VERTX, "held")
                    .median("CPU µs per message", "%.2f", "cpu", 1)
                    .median("p50 ms", "%.1f", "p50", 1)
                    .median("p99 ms", "%.1f", "p99", 1)
                    .median("server's share of a core %", "%.0f", "core", 0.01)
                    .median("generator's %", "%.0f", "generator", 0.01);
        }
        return table.median("deliveries/s", "%,.0f", "delivered", 1)
                .median("CPU µs per message", "%.2f", "cpu", 1)
                .ratio("× C", Peer.C, "cpu")
                .ratio("× raw Vert.x", Peer.VERTX, "cpu")
                .median("p50 ms", "%.1f", "p50", 1)
                .median("p99 ms", "%.1f", "p99", 1)
                .median("max ms", "%.0f", "max", 1)
                .median("allocated B per message", "%.0f", "allocated", 1)
                .sum("lost", "lost")
                .sum("repeated", "repeated")
                .sum("reordered", "reordered")
                .sum("cut off", "disconnected");
    }

    private String line(Sample sample) {
        return String.format(
                Locale.ROOT,
                "round %d/%d  %-19s %,7d subscribers  %,11.0f deliveries/s  %6.2f µs  p50 %.1f  p99 %.1f ms"
                        + "  lost %.0f, repeated %.0f, reordered %.0f%s",
                sample.round,
                settings.rounds,
                sample.contender,
                sample.load.subscribers(),
                sample.get("delivered"),
                sample.get("cpu"),
                sample.get("p50"),
                sample.get("p99"),
                sample.get("lost"),
                sample.get("repeated"),
                sample.get("reordered"),
                sample.notes.isEmpty() ? "" : "  " + sample.notes);
    }

    static void say(String line) {
        System.err.println(line);
    }
}
