package dev.polywire.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Knows how each peer's server is started, and why one cannot be. */
final class Servers {
    private final Settings settings;
    private final Path home = Path.of(System.getProperty("bench.home", "benchmarks"));
    private final Path work = home.resolve("target/bench");
    private final boolean pinning = onPath("taskset") && Runtime.getRuntime().availableProcessors() >= 1;

    Servers(Settings settings) throws IOException {
        this.settings = settings;
        Files.createDirectories(work);
    }

    boolean pinning() {
        return pinning;
    }

    /** Returns why a peer is absent, or null. */
    @Nullable
    String absent(Contender contender) throws IOException {
        Peer peer = contender.peer();
        if (!peer.wires.contains(contender.wire())) {
            return "it has no " + contender.wire().title;
        }
        if (peer == Peer.C) {
            if (!onPath("gcc")) {
                return "there is no gcc to compile it";
            }
            return compile();
        }
        return null;
    }

    private @Nullable String compile() throws IOException {
        Path source = home.resolve("peers/c/limit.c");
        Path binary = work.resolve("limit");
        if (Files.exists(binary)
                && Files.getLastModifiedTime(binary).compareTo(Files.getLastModifiedTime(source)) > 0) {
            return null;
        }
        Process gcc = new ProcessBuilder("gcc", "-O2", "-o", binary.toString(), source.toString())
                .inheritIO()
                .start();
        try {
            return gcc.waitFor() == 0 ? null : "gcc could not compile it";
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    ServerProcess start(Contender contender) throws IOException {
        Peer peer = contender.peer();
        List<String> command = new ArrayList<>();
        if (pinning) {
            command.addAll(List.of("taskset", "-c", "0"));
        }
        if (peer.onJvm()) {
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            for (String flag : settings.jvm.trim().split("\\s+")) {
                command.add(flag);
            }
            command.addAll(List.of(
                    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.polywire.benchmarks.server.ServerMain",
                    peer.id));
            if (peer == Peer.POLYWIRE) {
                command.addAll(settings.server);
                command.add("namespace=" + contender.namespace());
            }
        } else {
            command.add(work.resolve("limit").toString());
            if (!settings.fault.isEmpty()) {
                command.add(settings.fault);
            }
        }
        return ServerProcess.start(command, work.resolve(peer.id + ".log").toFile());
    }

    static boolean onPath(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }
}
