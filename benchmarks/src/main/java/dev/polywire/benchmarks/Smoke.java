package dev.polywire.benchmarks;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A short run of Polywire beside raw Vert.x, held against a recorded one. Only what does not depend on the machine is compared:
 * bytes allocated for each delivered message, and the processor time as a ratio in the same rounds.
 */
final class Smoke {
    private static final double ALLOCATED_TOLERANCE = 1.25;
    private static final double RATIO_TOLERANCE = 1.35;

    /** Bytes that a change of nothing may bring about: threads that come and go, timers. */
    private static final double ALLOCATED_SLACK = 15;

    private final double allocated;
    private final double ratio;

    Smoke(List<Sample> samples) {
        Table table = new Table(samples);
        Contender polywire = Contender.parse("polywire", dev.polywire.benchmarks.load.Wire.WEBSOCKET);
        Load load = samples.get(0).load;
        allocated = table.median(polywire, load, "allocated");
        ratio = table.ratio(polywire, Peer.VERTX, load, "cpu");
    }

    Smoke(double allocated, double ratio) {
        this.allocated = allocated;
        this.ratio = ratio;
    }

    static Path baseline() {
        return Path.of(System.getProperty("bench.home", "benchmarks"), "baseline.json");
    }

    void record(Path file) throws IOException {
        JsonObject json = new JsonObject()
                .put("allocatedBytesPerMessage", Math.round(allocated))
                .put("cpuRatioToRawVertx", Math.round(ratio * 100) / 100.0);
        Files.writeString(file, json.encodePrettily() + "\n");
    }

    static Smoke read(Path file) throws IOException {
        JsonObject json = new JsonObject(Files.readString(file));
        return new Smoke(json.getDouble("allocatedBytesPerMessage"), json.getDouble("cpuRatioToRawVertx"));
    }

    String text() {
        return Scenario.format(
                "Polywire allocated %.0f bytes for each delivered message, and took %.2f times raw Vert.x' processor time.",
                allocated, ratio);
    }

    /** Returns a sentence for each figure that is over its tolerance. */
    List<String> worseThan(Smoke baseline) {
        List<String> sentences = new ArrayList<>();
        double bytes = baseline.allocated * ALLOCATED_TOLERANCE + ALLOCATED_SLACK;
        if (!(allocated <= bytes)) {
            sentences.add(Scenario.format(
                    "A delivered message allocates %.0f bytes; %.0f are recorded, and at most %.0f are let pass.",
                    allocated, baseline.allocated, bytes));
        }
        double times = baseline.ratio * RATIO_TOLERANCE;
        if (!(ratio <= times)) {
            sentences.add(Scenario.format(
                    "A delivered message takes %.2f times raw Vert.x' processor time; %.2f is recorded, and at most %.2f is"
                            + " let pass.",
                    ratio, baseline.ratio, times));
        }
        return sentences;
    }
}
