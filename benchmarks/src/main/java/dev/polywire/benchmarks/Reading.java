package dev.polywire.benchmarks;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The same fan-out twice, read by the load generator and by the Java client: what does it cost to read with the client? */
final class Reading implements Scenario {
    private final Publishing publishing;

    Reading(Publishing publishing) {
        this.publishing = publishing;
    }

    @Override
    public Sample round(ServerProcess server, Contender contender, Load load, int round, double warm)
            throws IOException {
        // In turns, since what comes second finds the machine in another state.
        boolean clientFirst = round % 2 == 0;
        Sample first = run(clientFirst, server, contender, load, round, warm);
        Sample second = run(!clientFirst, server, contender, load, round, warm);
        Sample client = clientFirst ? first : second;
        Sample generator = clientFirst ? second : first;
        return client.put("reading", micros(client))
                .put("reading by generator", micros(generator))
                .put("reading change", micros(client) / micros(generator))
                .put("p99 by generator", generator.get("p99"));
    }

    private Sample run(boolean byClient, ServerProcess server, Contender contender, Load load, int round, double warm)
            throws IOException {
        return byClient
                ? publishing.byClient(server, contender, load, round, warm)
                : publishing.round(server, contender, load, round, warm);
    }

    /** Microseconds that the process of the readers took for a message. */
    private static double micros(Sample sample) {
        return sample.get("generator") * 1e6 / sample.get("delivered");
    }

    @Override
    public @Nullable String unfit(Contender contender) {
        return contender.peer().polywire() ? null : "the Java client speaks Polywire's protocol";
    }

    @Override
    public Table columns(Table table) {
        return table.median("deliveries/s", "%,.0f", "delivered", 1)
                .median("reader's CPU µs per message", "%.1f", "reading", 1)
                .median("the generator's", "%.1f", "reading by generator", 1)
                .median("×", "%.1f", "reading change", 1)
                .median("p50 ms", "%.1f", "p50", 1)
                .median("p99 ms", "%.1f", "p99", 1)
                .median("p99 ms of the generator", "%.1f", "p99 by generator", 1)
                .sum("lost", "lost")
                .sum("repeated", "repeated")
                .sum("reordered", "reordered");
    }

    @Override
    public String line(Sample sample) {
        return Scenario.format(
                        "the client took %.1f µs of CPU for a message, the generator %.1f; ",
                        sample.get("reading"), sample.get("reading by generator"))
                + publishing.line(sample);
    }
}
