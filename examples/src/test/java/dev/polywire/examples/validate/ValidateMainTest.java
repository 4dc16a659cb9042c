package dev.polywire.examples.validate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line: what it ends with, and where it says what. */
class ValidateMainTest {
    private static final String GOOD = "{\"type\":\"ping\"}\n";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    @Test
    void itEndsWithZeroOneOrTwo() throws Exception {
        String good = Files.writeString(folder.resolve("good"), GOOD).toString();
        String bad = Files.writeString(folder.resolve("bad"), "{\"type\":\"nonsense\"}\n")
                .toString();
        String missing = folder.resolve("missing").toString();
        assertThat(run("", "--from", "server", good)).as(out + "" + err).isZero();
        assertThat(run("", "--from", "server", good, bad)).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("bad");
        assertThat(err.size()).isZero();
        assertThat(run("", missing, bad)).as("the worst").isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(missing + " cannot be read: there is no such file.\n");
        assertThat(run("", folder.toString())).as("a folder").isEqualTo(2);
    }

    @Test
    void itReadsTheStandardInput() {
        assertThat(run(GOOD, "--from", "server", "-")).as(out + "" + err).isZero();
        assertThat(run("no frame", "-")).isEqualTo(1);
    }

    @Test
    void itSaysHowItIsCalled() {
        assertThat(run("", "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(ValidateMain.HELP);
        for (String[] wrong : new String[][] {{}, {"--from"}, {"--from", "nobody", "x"}, {"--nonsense"}}) {
            err.reset();
            assertThat(run("", wrong)).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("--help tells more");
        }
    }

    private int run(String in, String... arguments) {
        return ValidateMain.run(
                arguments,
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }
}
