package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Posts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Centrifugo, its memory engine, without history or presence: anybody may subscribe and publish. */
final class CentrifugoServer {
    /** What its event streams are subscribed to is said by a token, whose signature is not looked at. */
    private static final String CONFIGURATION = """
            {
              "http_server": {"address": "127.0.0.1", "port": %d},
              "log": {"level": "error"},
              "usage_stats": {"disabled": true},
              "http_api": {"insecure": true},
              "uni_sse": {"enabled": true},
              "client": {
                "allow_anonymous_connect_without_token": true,
                "insecure_skip_token_signature_verify": true
              },
              "channel": {
                "without_namespace": {
                  "allow_subscribe_for_client": true,
                  "allow_subscribe_for_anonymous": true,
                  "allow_publish_for_client": true,
                  "allow_publish_for_anonymous": true
                }
              }
            }
            """;

    private CentrifugoServer() {}

    /** Returns the program, or null when it is neither on the path nor where {@code go install} puts it. */
    static @Nullable String program() {
        if (Servers.onPath("centrifugo")) {
            return "centrifugo";
        }
        String set = System.getenv("GOPATH");
        Path home = set == null || set.isEmpty() ? Path.of(System.getProperty("user.home"), "go") : Path.of(set);
        Path program = home.resolve("bin/centrifugo");
        return Files.isExecutable(program) ? program.toString() : null;
    }

    static ServerProcess start(List<String> pinning, Path work) throws IOException {
        int port = PostedServer.freePort();
        Path file = Files.createDirectories(work.resolve("centrifugo")).resolve("config-" + port + ".json");
        Files.writeString(file, CONFIGURATION.formatted(port));
        List<String> command = new ArrayList<>(pinning);
        command.addAll(List.of(String.valueOf(program()), "--config", file.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        // One core, as the others have; Go would find out by itself where there is a taskset.
        builder.environment().put("GOMAXPROCS", "1");
        return PostedServer.start(
                builder, port, Posts.CENTRIFUGO, work.resolve("centrifugo.log").toFile());
    }
}
