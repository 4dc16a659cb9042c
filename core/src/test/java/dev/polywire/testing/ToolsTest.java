package dev.polywire.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class ToolsTest {

    @TempDir
    Path folder;

    @Test
    void looksThroughThePathInOrder() throws IOException {
        Path second = Files.createDirectory(folder.resolve("second"));
        Path node = program(second.resolve("node"));

        assertThat(Tools.find("node", Map.of("PATH", folder + File.pathSeparator + second)::get))
                .contains(node);
        assertThat(Tools.find("chromium", Map.of("PATH", folder + File.pathSeparator + second)::get))
                .isEmpty();
    }

    @Test
    void theEnvironmentVariableOfTheToolWins() throws IOException {
        Path mine = program(folder.resolve("my-browser"));
        program(folder.resolve("chromium"));

        assertThat(Tools.find("chromium", Map.of("CHROMIUM", mine.toString(), "PATH", folder.toString())::get))
                .contains(mine);
    }

    @Test
    void refusesAnEnvironmentVariableThatNamesNoProgram() {
        assertThatThrownBy(() -> Tools.find("node", Map.of("NODE", "/nowhere/node")::get))
                .hasMessage("NODE=/nowhere/node is not a program that can be run");
    }

    @Test
    void aMissingToolIsWrittenDownOnceAndAbortsTheTest() throws IOException {
        Path leftOut = folder.resolve("target/left-out.txt");

        RuntimeException first = Tools.missing("node", ToolsTest.class, Map.<String, String>of()::get, leftOut);
        Tools.missing("node", ToolsTest.class, Map.<String, String>of()::get, leftOut);

        assertThat(first).isInstanceOf(TestAbortedException.class);
        assertThat(leftOut)
                .hasContent("\n  dev.polywire.testing.ToolsTest: node was not found (set NODE, or put it on the PATH)");
    }

    @Test
    void aMissingToolFailsTheTestWhereCiIsTrue() {
        Path leftOut = folder.resolve("left-out.txt");

        assertThatThrownBy(() -> Tools.missing("node", ToolsTest.class, Map.of("CI", "true")::get, leftOut))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("with CI=true nothing may be left out");
        assertThat(leftOut).doesNotExist();
    }

    @Test
    void findsAFileThatIsInstalled() {
        assertThat(Tools.require(folder, "run `npm ci` in client/")).isEqualTo(folder);
    }

    private static Path program(Path path) throws IOException {
        Files.createFile(path);
        assertThat(path.toFile().setExecutable(true)).isTrue();
        return path;
    }
}
