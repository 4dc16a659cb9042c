package dev.polywire.examples.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.polywire.testing.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that runs the demos, as far as it goes before it builds anything. */
class DemoScriptTest {
    @TempDir
    private Path folder;

    private record Outcome(int status, String said) {}

    @Test
    void itKnowsEveryDemoAndNoOther() throws Exception {
        Tools.require("bash");
        String list = run().said();
        List<String> names = list.lines()
                .filter(line -> line.startsWith("  ./demo "))
                .map(line -> line.trim().split("\\s+")[1])
                .toList();
        assertThat(names).contains("board", "chat", "live-feed", "notifications", "protocol", "validate");
        for (String name : names) {
            // It looks for a JDK, which is not there, when it knows the demo.
            assertThat(run(name)).as(name).satisfies(outcome -> {
                assertThat(outcome.said()).contains("where there is no JDK");
                assertThat(outcome.status()).isEqualTo(1);
            });
        }
        for (String name : List.of("nope", "boar", "live", "board\nchat", ".*")) {
            Outcome outcome = run(name);
            assertThat(outcome.status()).as(name).isEqualTo(2);
            assertThat(outcome.said()).contains("there is no demo called '" + name + "'", "./demo board");
        }
    }

    private Outcome run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash", "../demo"));
        command.addAll(List.of(arguments));
        Path said = folder.resolve("said");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().put("JAVA_HOME", folder.toString());
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), Files.readString(said, StandardCharsets.UTF_8));
    }
}
