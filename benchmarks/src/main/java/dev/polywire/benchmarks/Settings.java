package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Wire;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a command line asks for. */
final class Settings {
    static final String HELP = """
            Usage: ./bench SCENARIO [options]

            Scenarios:
            %s
              jmh       [REGEX] codec, outbox, hub and token bucket by themselves, with what they allocate
            Options:
              --peer A,B,...        who is measured (default polywire,c,vertx; nodes: polywire,nodes; client: polywire on each transport): %s;
                                    polywire/sse for another transport, polywire:kept for channels with history;
                                    sse: %s; longpoll: %s
              --transport T         websocket, sse or longpoll (default websocket)
              --subscribers N,...   how many (default 1000; idle: 5000; client: 200); several make a row each
              --rate N,...          publishes a second in all (default 100; channels and echo: 5000; slow and client: 40); several make a row each
              --deliveries N        instead of a rate: deliveries a second, whatever the number of subscribers
              --size N              bytes of a payload (default 128)
              --seconds N           length of a measured window (default 5; idle: 60)
              --warm N              seconds of load before a peer's first window (default 8; later ones take a quarter)
              --rounds N            how often each peer is measured, in turn (default 3; idle: 1)
              --jvm "FLAGS"         of every JVM peer (default "%s")
              --set NAME=VALUE      a setting of the Polywire server: %s
              --fault F             skip, repeat or swap: the C server does that to one subscriber, and the counts must tell
              --max                 look for the highest rate that is held for 10 s, from --rate on
              --json FILE           also write all figures there
              --svg FILE            also draw a graph: CPU against subscribers, p99 against rates, or memory against
                                    connections (idle)
              --flame FILE          also draw what the event loop of each JVM peer spends its time on in the last window
                                    (async-profiler; costs some per cent itself)
            """;

    static final String JVM = "-XX:+UseSerialGC -Xms512m -Xmx512m";

    static final List<String> SCENARIOS = Scenario.ALL.stream()
            .map(line -> line.substring(0, line.indexOf(' ')))
            .toList();

    String scenario = "";
    private String peers = "";
    List<Contender> contenders = List.of();
    private Wire wire = Wire.WEBSOCKET;
    List<Integer> subscribers = List.of();
    private List<Double> rates = List.of();
    private double deliveries;
    int size = 128;
    double seconds;
    double warm = 8;
    int rounds = -1;
    String jvm = JVM;
    final List<String> server = new ArrayList<>();
    String fault = "";

    boolean record;
    boolean max;

    @Nullable
    Path json;

    @Nullable
    Path svg;

    @Nullable
    Path flame;

    static String help() {
        return HELP.formatted(
                "  " + String.join("\n  ", Scenario.ALL),
                String.join(", ", Peer.names()),
                String.join(", ", Peer.names(Wire.SSE)),
                String.join(", ", Peer.names(Wire.LONGPOLL)),
                JVM,
                "policy=disconnect|drop_oldest, heartbeat=MS, history=N, io=epoll|io_uring|nio");
    }

    static Settings parse(String[] arguments) {
        Settings settings = new Settings();
        settings.scenario = arguments[0];
        if (!SCENARIOS.contains(settings.scenario)) {
            throw new IllegalArgumentException("There is no scenario called '" + settings.scenario + "'.");
        }
        for (int i = 1; i < arguments.length; i += 2) {
            if (arguments[i].equals("--max")) {
                settings.max = true;
                i--;
                continue;
            }
            if (arguments[i].equals("--record")) {
                settings.record = true;
                i--;
                continue;
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException(arguments[i] + " needs a value, or is no option.");
            }
            settings.option(arguments[i], arguments[i + 1]);
        }
        if (settings.peers.isEmpty()) {
            settings.peers = switch (settings.scenario) {
                case "nodes" -> "polywire,nodes";
                case "client" -> "polywire/websocket,polywire/sse,polywire/longpoll";
                default -> "polywire,c,vertx";
            };
        }
        List<Contender> all = new ArrayList<>();
        for (String peer : settings.peers.split(",")) {
            Contender contender = Contender.parse(peer, settings.wire);
            // Where clients may publish.
            all.add(
                    settings.scenario.equals("echo")
                            ? new Contender(contender.peer(), "open", contender.wire())
                            : contender);
        }
        settings.contenders = settings.scenario.equals("switch") ? all.subList(0, 1) : all;
        settings.fillIn();
        return settings;
    }

    private void fillIn() {
        if (scenario.equals("smoke")) {
            contenders = List.of(Contender.parse("polywire", Wire.WEBSOCKET), Contender.parse("vertx", Wire.WEBSOCKET));
            subscribers = List.of(300);
            // What is allocated settles last, when the compiler has seen enough.
            warm = 16;
            rounds = 5;
            seconds = 2;
        }
        boolean idle = scenario.equals("idle");
        if (rates.isEmpty()) {
            // With a loop that is busy all the time, the slowest per cent tell of the machine, not of who is stalled.
            rates = List.of(
                    channels(2) == 2 ? 5000.0 : List.of("slow", "client").contains(scenario) ? 40.0 : 100.0);
        }
        if (subscribers.isEmpty()) {
            subscribers = List.of(idle ? 5000 : scenario.equals("client") ? 200 : 1000);
        }
        if (seconds == 0) {
            seconds = idle ? 60 : 5;
        }
        if (idle && rounds < 0) {
            rounds = 1;
        }
        rounds = rounds < 0 ? 3 : rounds;
        if (max && !List.of("fanout", "nodes", "channels").contains(scenario)) {
            throw new IllegalArgumentException("--max goes with fanout, nodes and channels.");
        }
    }

    private void option(String name, String value) {
        switch (name) {
            case "--peer" -> {
                peers = value;
            }
            case "--transport" -> wire = Contender.wire(name, value);
            case "--subscribers" -> {
                List<Integer> counts = new ArrayList<>();
                for (String count : value.split(",")) {
                    counts.add((int) number(name, count, 1, 100_000));
                }
                subscribers = counts;
            }
            case "--rate" -> {
                List<Double> several = new ArrayList<>();
                for (String one : value.split(",")) {
                    several.add(number(name, one, 0.1, 10_000_000));
                }
                rates = several;
            }
            case "--svg" -> svg = Path.of(value);
            case "--flame" -> flame = Path.of(value);
            case "--deliveries" -> deliveries = number(name, value, 1, 100_000_000);
            case "--size" -> size = (int) number(name, value, 64, 60_000);
            case "--seconds" -> seconds = number(name, value, 1, 600);
            case "--warm" -> warm = number(name, value, 0, 600);
            case "--rounds" -> rounds = (int) number(name, value, 1, 100);
            case "--jvm" -> jvm = value;
            case "--set" -> server.add(value);
            case "--fault" -> {
                if (!Set.of("skip", "repeat", "swap").contains(value)) {
                    throw new IllegalArgumentException("--fault must be skip, repeat or swap, not " + value + ".");
                }
                fault = value;
            }
            case "--json" -> json = Path.of(value);
            default -> throw new IllegalArgumentException("There is no option " + name + ".");
        }
    }

    private static double number(String name, String value, double least, double most) {
        double number;
        try {
            number = Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a number, not " + value + ".", e);
        }
        if (!(number >= least && number <= most)) {
            throw new IllegalArgumentException(
                    "%s must lie between %.10s and %.10s, not %s.".formatted(name, least, most, value));
        }
        return number;
    }

    /** Returns what is measured: each number of subscribers with each rate. */
    List<Load> loads() {
        List<Load> loads = new ArrayList<>();
        for (int count : subscribers) {
            if (deliveries > 0) {
                loads.add(new Load(count, deliveries * channels(count) / count));
            } else {
                rates.forEach(rate -> loads.add(new Load(count, rate)));
            }
        }
        return loads;
    }

    /** Returns what a graph of this scenario shows. */
    String figure() {
        return scenario.equals("idle") ? "heap" : "cpu";
    }

    int channels(int count) {
        return scenario.equals("channels") || scenario.equals("echo") ? count : 1;
    }
}
