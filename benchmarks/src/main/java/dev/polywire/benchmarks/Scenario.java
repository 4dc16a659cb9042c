package dev.polywire.benchmarks;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is done to a server in one round, and what is told of it. */
interface Scenario {

    /** Measures one server once; {@code warm} is how many seconds of load come first. */
    Sample round(ServerProcess server, Contender contender, Load load, int round, double warm) throws IOException;

    /** Adds what this scenario tells to a table. */
    Table columns(Table table);

    /** One line that tells a sample while the run goes on. */
    String line(Sample sample);

    /** Whether each round needs a new server process. */
    default boolean fresh() {
        return false;
    }

    /** Returns why a contender cannot be measured so, or null. */
    default @Nullable String unfit(Contender contender) {
        return null;
    }

    static Scenario of(Settings settings) {
        Publishing publishing = new Publishing(settings);
        if (settings.max) {
            return new MaxSearch(publishing);
        }
        return switch (settings.scenario) {
            case "fanout", "channels", "smoke" -> publishing;
            case "nodes" -> new Nodes(publishing);
            case "switch" -> new Switching(publishing);
            case "echo" -> new Publishing(settings, true);
            case "client" -> new Reading(publishing);
            case "slow" -> new Slow(publishing, settings);
            case "idle" -> new Idle(settings);
            case "connect" -> new Connecting();
            default -> throw new IllegalArgumentException("There is no scenario called " + settings.scenario + ".");
        };
    }

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    static String notes(Sample sample) {
        return sample.notes.isEmpty() ? "" : "  " + sample.notes;
    }

    /** The scenarios with what each does; the first word is its name. */
    List<String> ALL = List.of(
            "fanout    one channel, many subscribers",
            "nodes     one channel, published on one Polywire node, subscribed to on another, beside both on one",
            "channels  as many channels as subscribers, one in each",
            "echo      each client publishes to a channel of its own and gets it back",
            "slow      fan-out while one in a hundred readers has stopped to read, beside the same without",
            "idle      connections that say nothing: memory, and what heartbeats cost",
            "connect   all connect and subscribe at once",
            "switch    Polywire sessions that go from transport to transport under load",
            "client    fan-out that the Java client reads, beside the load generator: what the client takes for a message",
            "smoke     a short fan-out beside raw Vert.x, held against benchmarks/baseline.json (--record: write that)");
}
