package dev.polywire.faults;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the runs of each fault counted, summed up. Kept in {@code target/faults}, one file for each fault, so that the table is whole also when the faults were run
 * one by one.
 */
final class Results {
    private static final Path FOLDER = Path.of("target", "faults");

    /** What is summed up, by its name in the crowd's report, and as the head of a column. */
    private static final Map<String, String> COLUMNS;

    static {
        Map<String, String> columns = new java.util.LinkedHashMap<>();
        columns.put("runs", "runs");
        columns.put("sent", "sent");
        columns.put("stored", "acknowledged");
        columns.put("refused", "refused");
        columns.put("unknown", "outcome unknown");
        columns.put("received", "received");
        columns.put("resets", "sessions lost");
        columns.put("gaps", "gaps told");
        columns.put("told", "missed, and told");
        columns.put("lost", "lost silently");
        columns.put("repeated", "repeated");
        columns.put("reordered", "reordered");
        columns.put("failed", "failed runs");
        COLUMNS = java.util.Collections.unmodifiableMap(columns);
    }

    private final Map<Fault, JsonObject> sums = new EnumMap<>(Fault.class);

    /** Counts one run; the report is the crowd's. */
    void run(Fault fault, JsonObject report) {
        JsonObject all = report.copy()
                .put("runs", 1)
                .put(
                        "sent",
                        report.getLong("stored")
                                + report.getLong("refused")
                                + report.getLong("unknown")
                                + report.getLong("inFlight"));
        add(fault, all);
    }

    /** Counts one run that came to nothing, or to something bad. */
    void failed(Fault fault) {
        add(fault, new JsonObject().put("failed", 1));
    }

    private void add(Fault fault, JsonObject what) {
        JsonObject sum = sums.computeIfAbsent(fault, one -> new JsonObject());
        for (String name : COLUMNS.keySet()) {
            sum.put(name, sum.getLong(name, 0L) + what.getLong(name, 0L));
        }
    }

    /** Writes the sums down, and returns a table of all that are written down. */
    String table() {
        try {
            Files.createDirectories(FOLDER);
            for (Map.Entry<Fault, JsonObject> sum : sums.entrySet()) {
                Files.writeString(file(sum.getKey()), sum.getValue().encodePrettily());
            }
            List<String> lines = new ArrayList<>();
            lines.add("| fault | " + String.join(" | ", COLUMNS.values()) + " |");
            lines.add("|---|" + "--:|".repeat(COLUMNS.size()));
            for (Fault fault : Fault.values()) {
                if (Files.exists(file(fault))) {
                    JsonObject sum = new JsonObject(Files.readString(file(fault)));
                    StringBuilder line = new StringBuilder("| " + title(fault) + " |");
                    for (String name : COLUMNS.keySet()) {
                        line.append(String.format(Locale.ROOT, " %,d |", sum.getLong(name, 0L)));
                    }
                    lines.add(line.toString());
                }
            }
            String table = String.join("\n", lines) + "\n";
            Files.writeString(FOLDER.resolve("table.md"), table);
            return table;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(Fault fault) {
        return FOLDER.resolve(fault.name() + ".json");
    }

    private static String title(Fault fault) {
        return fault.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
