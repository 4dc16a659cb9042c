package dev.polywire.benchmarks;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Fan-out to sessions that go from WebSocket to event stream to long poll and again, every two seconds or so. */
final class Switching implements Scenario {
    private final Publishing publishing;

    Switching(Publishing publishing) {
        this.publishing = publishing;
    }

    @Override
    public Sample round(ServerProcess server, Contender contender, Load load, int round, double warm)
            throws IOException {
        return publishing.round(server, contender, load, round, warm);
    }

    @Override
    public @Nullable String unfit(Contender contender) {
        return contender.peer() == Peer.POLYWIRE ? null : "it has no sessions that could change their transport";
    }

    @Override
    public Table columns(Table table) {
        return table.median("deliveries/s", "%,.0f", "delivered", 1)
                .sum("changes of transport", "moves")
                .sum("lost", "lost")
                .sum("repeated", "repeated")
                .sum("reordered", "reordered")
                .sum("cut off", "disconnected")
                .median("CPU µs per message", "%.2f", "cpu", 1)
                .median("p50 ms", "%.1f", "p50", 1)
                .median("p99 ms", "%.1f", "p99", 1);
    }

    @Override
    public String line(Sample sample) {
        return Scenario.format("%,.0f changes of transport, ", sample.get("moves")) + publishing.line(sample);
    }
}
