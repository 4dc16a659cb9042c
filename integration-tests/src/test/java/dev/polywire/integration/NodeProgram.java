package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.testing.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs that run in Node, in the folder of the browser client. */
final class NodeProgram {
    static final Path CLIENT = Path.of("..", "client").toAbsolutePath().normalize();

    private NodeProgram() {}

    /** The test files in a folder of the client, of which there have to be some. */
    static List<String> tests(String folder) throws IOException {
        try (Stream<Path> files = Files.list(CLIENT.resolve(folder))) {
            List<String> names = files.map(file -> CLIENT.relativize(file).toString())
                    .filter(name -> name.endsWith(".test.js"))
                    .sorted()
                    .toList();
            assertThat(names).isNotEmpty();
            return names;
        }
    }

    /** Runs tests with Node's own runner; they must pass. */
    static void runTests(List<String> tests, Map<String, String> environment) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Tools.require("node").toString(), "--experimental-websocket", "--no-warnings", "--test"));
        command.addAll(tests);
        // A runner that found nothing to run would be green, too.
        assertThat(run(command, environment)).containsPattern("pass [1-9]").containsPattern("fail 0");
    }

    /** Runs a program, which must end well, and returns what it said. */
    static String run(List<String> command, Map<String, String> environment) throws IOException, InterruptedException {
        return run(CLIENT, command, environment);
    }

    /** Runs a program in a folder, which must end well, and returns what it said. */
    static String run(Path folder, List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("polywire-node", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process program = builder.start();
        try {
            boolean ended = program.waitFor(4, TimeUnit.MINUTES);
            String said = Files.readString(log);
            assertThat(ended && program.exitValue() == 0).as(said).isTrue();
            return said;
        } finally {
            program.destroyForcibly();
            Files.delete(log);
        }
    }
}
