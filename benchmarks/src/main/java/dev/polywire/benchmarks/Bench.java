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
    private final List<Sample> samples = new ArrayList<>();

    Bench(Settings settings, String[] arguments) throws IOException {
        this.settings = settings;
        this.arguments = arguments;
        servers = new Servers(settings);
    }

    void run() throws IOException {
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
        Map<Contender, ServerProcess> running = new LinkedHashMap<>();
        try {
            for (Contender contender : present) {
                running.put(contender, servers.start(contender));
            }
            for (int count : settings.subscribers) {
                rounds(running, count);
            }
        } finally {
            running.values().forEach(ServerProcess::close);
        }
        Table table = new Table(samples);
        System.out.println();
        System.out.print(table.publishing(present, settings.subscribers));
        double others = samples.stream()
                .mapToDouble(sample -> sample.get("others"))
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
    }

    private void rounds(Map<Contender, ServerProcess> running, int count) throws IOException {
        Publishing publishing = new Publishing(settings);
        for (int round = 1; round <= settings.rounds; round++) {
            List<Map.Entry<Contender, ServerProcess>> order = new ArrayList<>(running.entrySet());
            Collections.rotate(order, round - 1);
            for (Map.Entry<Contender, ServerProcess> next : order) {
                boolean first = round == 1 && count == settings.subscribers.get(0);
                double warm = first ? settings.warm : settings.warm / 4;
                Sample sample =
                        publishing.run(next.getValue(), next.getKey(), count, round, settings.rateFor(count), warm);
                samples.add(sample);
                say(line(sample));
            }
        }
    }

    private String line(Sample sample) {
        return String.format(
                Locale.ROOT,
                "round %d/%d  %-19s %,7d subscribers  %,11.0f deliveries/s  %6.2f µs  p50 %.1f  p99 %.1f ms"
                        + "  lost %.0f, repeated %.0f, reordered %.0f%s",
                sample.round,
                settings.rounds,
                sample.contender,
                sample.subscribers,
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
