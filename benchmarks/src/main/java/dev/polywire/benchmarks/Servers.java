package dev.polywire.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
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
        if (peer == Peer.C || peer == Peer.C_JOINED) {
            if (!onPath("gcc")) {
                return "there is no gcc to compile it";
            }
            return compile();
        }
        if (peer == Peer.NCHAN && NchanServer.module() == null) {
            return "nginx or its module Nchan is not installed (Debian: nginx, libnginx-mod-nchan)";
        }
        if (peer == Peer.CENTRIFUGO && CentrifugoServer.program() == null) {
            return "it is not installed (go install github.com/centrifugal/centrifugo/v6@latest)";
        }
        return peer.onNode() ? install() : null;
    }

    /** Installs what the peers on Node need, once; false in words where that cannot be. */
    private @Nullable String install() throws IOException {
        Path folder = home.resolve("peers/node");
        if (!onPath("node") || !onPath("npm")) {
            return "there is no Node with npm";
        }
        if (Files.exists(folder.resolve("node_modules/ws")) && Files.exists(folder.resolve("node_modules/socket.io"))) {
            return null;
        }
        Bench.say("Installing ws and socket.io from npm ...");
        return run(new ProcessBuilder("npm", "install", "--no-audit", "--no-fund", "--loglevel=error")
                        .directory(folder.toFile()))
                ? null
                : "npm could not install it";
    }

    private static boolean run(ProcessBuilder builder) throws IOException {
        try {
            return builder.redirectError(ProcessBuilder.Redirect.INHERIT)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private @Nullable String compile() throws IOException {
        Path binary = work.resolve("limit");
        long compiled = Files.exists(binary) ? Files.getLastModifiedTime(binary).toMillis() : 0;
        List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-o", binary.toString()));
        boolean newer = false;
        try (DirectoryStream<Path> sources = Files.newDirectoryStream(home.resolve("peers/c"))) {
            for (Path source : sources) {
                newer |= Files.getLastModifiedTime(source).toMillis() >= compiled;
                if (source.toString().endsWith(".c")) {
                    command.add(source.toString());
                }
            }
        }
        return !newer || run(new ProcessBuilder(command)) ? null : "gcc could not compile it";
    }

    ServerProcess start(Contender contender) throws IOException {
        Peer peer = contender.peer();
        if (peer == Peer.NODES) {
            return NodesServer.start(
                    pinning,
                    redis -> node(contender, List.of("redis=" + redis), null),
                    redis -> node(contender, List.of("redis=" + redis), stacks(contender)));
        }
        return node(contender, List.of(), stacks(contender));
    }

    private ServerProcess node(Contender contender, List<String> more, @Nullable Path stacks) throws IOException {
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
                    peer.polywire() ? Peer.POLYWIRE.id : peer.id));
            if (peer.polywire()) {
                command.addAll(settings.server);
                command.addAll(more);
                command.add("namespace=" + contender.namespace());
            }
        } else if (peer.onNode()) {
            String script = peer == Peer.WS ? "ws.js" : "socketio.js";
            command.addAll(List.of(
                    "node",
                    "--expose-gc",
                    home.resolve("peers/node").resolve(script).toString()));
        } else if (peer == Peer.NCHAN) {
            return NchanServer.start(command, work);
        } else if (peer == Peer.CENTRIFUGO) {
            return CentrifugoServer.start(command, work);
        } else {
            command.add(work.resolve("limit").toString());
            if (peer == Peer.C_JOINED) {
                command.add("join");
            } else if (!settings.fault.isEmpty()) {
                command.add(settings.fault);
            }
        }
        return ControlledServer.start(command, work.resolve(peer.id + ".log").toFile(), stacks);
    }

    /** Returns where the stacks of a contender are recorded; null when no graph of them is asked for. */
    @Nullable
    Path stacks(Contender contender) {
        return settings.flame == null || !contender.peer().onJvm()
                ? null
                : work.resolve("stacks-" + contender.toString().replaceAll("[^a-z0-9]+", "-") + ".txt");
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
