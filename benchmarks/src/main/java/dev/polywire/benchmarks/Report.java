package dev.polywire.benchmarks;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** All figures of a run as JSON, with what they were measured on and how. */
final class Report {
    private final Settings settings;
    private final String[] arguments;
    private final List<Sample> samples;
    private final Map<Contender, ServerProcess> servers;

    Report(Settings settings, String[] arguments, List<Sample> samples, Map<Contender, ServerProcess> servers) {
        this.settings = settings;
        this.arguments = arguments;
        this.samples = samples;
        this.servers = servers;
    }

    void write(Path file) throws IOException {
        JsonObject started = new JsonObject();
        // Without folders: what is told is how a server was run, not where.
        servers.forEach((contender, server) -> started.put(
                contender.toString(),
                String.join(" ", server.command()).replaceAll("-cp \\S+ ", "").replaceAll("/\\S*/", "")));
        JsonArray rows = new JsonArray();
        for (Sample sample : samples) {
            JsonObject figures = new JsonObject();
            sample.figures.forEach((name, value) -> {
                if (!value.isNaN() && !value.isInfinite()) {
                    figures.put(name, value);
                }
            });
            rows.add(new JsonObject()
                    .put("peer", sample.contender.toString())
                    .put("subscribers", sample.load.subscribers())
                    .put("rate", sample.load.rate())
                    .put("round", sample.round)
                    .put("figures", figures)
                    .put("notes", new JsonObject(Map.copyOf(sample.notes))));
        }
        JsonObject report = new JsonObject()
                .put("command", "./bench " + String.join(" ", arguments))
                .put("machine", Machine.facts())
                .put("scenario", settings.scenario)
                .put("servers", started)
                .put("samples", rows);
        Files.writeString(file, report.encodePrettily() + "\n");
    }
}
