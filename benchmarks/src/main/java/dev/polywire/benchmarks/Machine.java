package dev.polywire.benchmarks;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the figures were measured on, and who else was at work there. */
final class Machine {
    private static final long NANOS_PER_TICK = 10_000_000;

    private Machine() {}

    static JsonObject facts() throws IOException {
        return new JsonObject()
                .put(
                        "kernel",
                        Files.readString(Path.of("/proc/sys/kernel/osrelease")).trim())
                .put("processor", field("/proc/cpuinfo", "model name"))
                .put(
                        "cores",
                        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                                .filter(line -> line.startsWith("processor"))
                                .count())
                .put("memory", field("/proc/meminfo", "MemTotal"))
                .put("java", System.getProperty("java.vm.name") + ' ' + System.getProperty("java.vm.version"));
    }

    private static String field(String file, String name) throws IOException {
        for (String line : Files.readAllLines(Path.of(file))) {
            if (line.startsWith(name)) {
                return line.substring(line.indexOf(':') + 1).trim();
            }
        }
        return "";
    }

    /** Nanoseconds that all cores together have been at work, for anyone, or were taken by another machine. */
    static long busyNanos() throws IOException {
        String[] all = Files.readAllLines(Path.of("/proc/stat")).get(0).trim().split("\\s+");
        long ticks = 0;
        for (int i = 1; i <= 8 && i < all.length; i++) {
            // Neither idle nor waiting for a disk.
            if (i != 4 && i != 5) {
                ticks += Long.parseLong(all[i]);
            }
        }
        return ticks * NANOS_PER_TICK;
    }
}
