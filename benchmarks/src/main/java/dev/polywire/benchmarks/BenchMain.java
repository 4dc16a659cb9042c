package dev.polywire.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Measures Polywire beside its peers, from a command line; {@code ./bench} starts it. */
public final class BenchMain {
    private final Settings settings;
    private final Servers servers;
    private final List<Sample> samples = new ArrayList<>();

    private BenchMain(Settings settings) throws IOException {
        this.settings = settings;
        servers = new Servers(settings);
    }

    /**
     * Runs a scenario.
     *
     * @param arguments see {@code ./bench --help}
     */
    public static void main(String[] arguments) {
        if (arguments.length == 0 || List.of("--help", "-h", "help").contains(arguments[0])) {
            System.out.print(Settings.help());
            return;
        }
        Settings settings;
        try {
            settings = Settings.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.err.println("./bench --help tells more.");
            System.exit(2);
            return;
        }
        try {
            new BenchMain(settings).run();
        } catch (IOException e) {
            System.err.println("bench: " + e.getMessage()
                    + (e.getCause() == null ? "" : " " + e.getCause().getMessage()));
            System.exit(1);
        }
        System.exit(0);
    }

    private void run() throws IOException {
        say(
                servers.pinning()
                        ? "Servers run on core 0, the load generator on the core that ./bench gave it."
                        : "There is no taskset: nothing is pinned to a core, and the figures say less.");
        List<Peer> peers = new ArrayList<>();
        for (String id : settings.peers) {
            Peer peer = Peer.named(id);
            String why = servers.absent(peer);
            if (why == null) {
                peers.add(peer);
            } else {
                say(peer.title + " is absent: " + why + ".");
            }
        }
        Map<Peer, ServerProcess> running = new EnumMap<>(Peer.class);
        try {
            for (Peer peer : peers) {
                running.put(peer, servers.start(peer));
            }
            for (int count : settings.subscribers) {
                rounds(peers, running, count);
            }
        } finally {
            running.values().forEach(ServerProcess::close);
        }
        System.out.println();
        System.out.print(new Table(samples).publishing(peers, settings.subscribers));
    }

    private void rounds(List<Peer> peers, Map<Peer, ServerProcess> running, int count) throws IOException {
        Publishing publishing = new Publishing(settings);
        for (int round = 1; round <= settings.rounds; round++) {
            List<Peer> order = new ArrayList<>(peers);
            Collections.rotate(order, round - 1);
            for (Peer peer : order) {
                ServerProcess server = running.get(peer);
                if (server == null) {
                    continue;
                }
                double warm = round == 1 ? settings.warm : settings.warm / 4;
                Sample sample = publishing.run(server, peer, count, round, settings.rate, warm);
                samples.add(sample);
                say(String.format(
                        Locale.ROOT,
                        "round %d/%d  %-9s %,7d subscribers  %,11.0f deliveries/s  %6.2f µs  p50 %.1f  p99 %.1f ms"
                                + "  lost %.0f, repeated %.0f, reordered %.0f%s",
                        round,
                        settings.rounds,
                        peer.id,
                        count,
                        sample.get("delivered"),
                        sample.get("cpu"),
                        sample.get("p50"),
                        sample.get("p99"),
                        sample.get("lost"),
                        sample.get("repeated"),
                        sample.get("reordered"),
                        sample.notes.isEmpty() ? "" : "  " + sample.notes));
            }
        }
    }

    private static void say(String line) {
        System.err.println(line);
    }
}
