package dev.polywire.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private final Scenario scenario;
    private final List<Sample> samples = new ArrayList<>();
    private final Map<Contender, ServerProcess> running = new LinkedHashMap<>();

    Bench(Settings settings, String[] arguments) throws IOException {
        this.settings = settings;
        this.arguments = arguments;
        servers = new Servers(settings);
        scenario = Scenario.of(settings);
    }

    void run() throws IOException {
        measure();
        Table table = scenario.columns(new Table(samples));
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
        if (settings.flame != null) {
            flames(settings.flame);
        }
    }

    private void flames(Path file) throws IOException {
        for (Contender contender : running.keySet()) {
            Path stacks = servers.stacks(contender);
            if (stacks != null) {
                boolean alone = running.keySet().stream()
                                .filter(other -> servers.stacks(other) != null)
                                .count()
                        == 1;
                String name =
                        stacks.getFileName().toString().replace("stacks-", "").replace(".txt", "");
                Path to = alone
                        ? file
                        : file.resolveSibling(
                                file.getFileName().toString().replaceFirst("(\\.svg)?$", "-" + name + ".svg"));
                String title = contender.title() + ": " + settings.scenario + ", event loop";
                new FlameGraph(Files.readAllLines(stacks), title).write(to);
                say("What " + contender.title() + " spends its time on is drawn in " + to + ".");
            }
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
                why = scenario.unfit(contender);
            }
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
            List<Contender> order = new ArrayList<>(running.keySet());
            Collections.rotate(order, round - 1);
            for (Contender next : order) {
                double warm = first && round == 1 ? settings.warm : settings.warm / 4;
                Sample sample = scenario.round(server(next), next, load, round, warm);
                samples.add(sample);
                say(Scenario.format(
                        "round %d/%d  %-20s %,7d subscribers  %s",
                        round, settings.rounds, next, load.subscribers(), scenario.line(sample)));
            }
        }
    }

    private ServerProcess server(Contender of) throws IOException {
        ServerProcess server = running.get(of);
        if (server == null || scenario.fresh()) {
            if (server != null) {
                server.close();
            }
            server = servers.start(of);
            running.put(of, server);
        }
        return server;
    }

    static void say(String line) {
        System.err.println(line);
    }
}
