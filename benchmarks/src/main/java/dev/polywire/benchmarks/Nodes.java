package dev.polywire.benchmarks;

import java.io.IOException;

/** Fan-out from a node to the subscribers of another, through Redis, beside fan-out on one node. */
final class Nodes implements Scenario {
    private final Publishing publishing;

    Nodes(Publishing publishing) {
        this.publishing = publishing;
    }

    @Override
    public Sample round(ServerProcess server, Contender contender, Load load, int round, double warm)
            throws IOException {
        return publishing.round(server, contender, load, round, warm);
    }

    @Override
    public Table columns(Table table) {
        return table.median("deliveries/s", "%,.0f", "delivered", 1)
                .median("CPU µs per message", "%.2f", "cpu", 1)
                .ratioToOneNode("× one node", "cpu")
                .median("of it publisher's node", "%.2f", "cpu of " + NodesServer.PUBLISHER, 1)
                .median("Redis", "%.2f", "cpu of " + NodesServer.REDIS, 1)
                .median("subscribers' node", "%.2f", "cpu of " + NodesServer.SUBSCRIBERS, 1)
                .median("p50 ms", "%.1f", "p50", 1)
                .ratioToOneNode("× one node", "p50")
                .median("p99 ms", "%.1f", "p99", 1)
                .ratioToOneNode("× one node", "p99")
                .median("p99.9 ms", "%.1f", "p99.9", 1)
                .sum("lost", "lost")
                .sum("repeated", "repeated")
                .sum("reordered", "reordered")
                .sum("cut off", "disconnected");
    }

    @Override
    public String line(Sample sample) {
        return publishing.line(sample);
    }
}
