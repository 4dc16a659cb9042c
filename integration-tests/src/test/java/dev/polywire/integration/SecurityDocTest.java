package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds {@code docs/security.md} to what it claims, and {@code docs/attacks.md}: each test that they name is there. */
class SecurityDocTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern NAMED =
            Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|Rules|Conformance))(?:\\.([a-z][A-Za-z0-9]*))?`");
    private static final Pattern OF_CLIENT = Pattern.compile("`(client/test/[a-z]+\\.test\\.js)`");

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        try (Stream<Path> files = Files.walk(ROOT, 12)) {
            for (Path file : files.filter(SecurityDocTest::isTest).toList()) {
                String name = file.getFileName().toString();
                sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
            }
        }
        return sources;
    }

    private static boolean isTest(Path file) {
        String path = file.toString();
        return path.endsWith(".java") && path.contains("src" + java.io.File.separator + "test");
    }

    @ParameterizedTest
    @CsvSource({"security.md, 50", "attacks.md, 50"})
    @DisplayName("each test that the page names is there")
    void namesTests(String page, int least) throws IOException {
        Map<String, String> sources = sources();
        Set<String> missing = new LinkedHashSet<>();
        Matcher named = NAMED.matcher(Files.readString(ROOT.resolve("docs").resolve(page)));
        int found = 0;
        while (named.find()) {
            found++;
            String source = sources.get(named.group(1));
            String method = named.group(2);
            if (source == null || method != null && !isTest(source, method)) {
                missing.add(named.group());
            }
        }
        assertThat(missing).isEmpty();
        assertThat(found).isGreaterThan(least);
    }

    /** The annotation stands within the few lines above; between them may be others, with values. */
    private static boolean isTest(String source, String method) {
        int at = source.indexOf("void " + method + "(");
        if (at < 0) {
            return false;
        }
        int before = Math.max(source.lastIndexOf("\n    }\n", at), source.lastIndexOf("\n        }\n", at));
        String above = source.substring(Math.max(0, before), at);
        return above.contains("@Test") || above.contains("@ParameterizedTest") || above.contains("@RuleTest");
    }

    @ParameterizedTest
    @CsvSource({"On by default, what, 11", "Scenario by scenario, what is tried, 15", "OWASP's, item, 24"})
    @DisplayName(
            "each row that claims something by default, of a scenario, or of the audit names a test in its last column")
    void everyRowIsShown(String heading, String first, int least) throws IOException {
        boolean table = false;
        int rows = 0;
        for (String line : Files.readAllLines(ROOT.resolve("docs").resolve("security.md"))) {
            if (line.startsWith("## ")) {
                table = line.startsWith("## " + heading);
            } else if (table && line.startsWith("| ") && !line.startsWith("| " + first)) {
                rows++;
                String last = line.substring(line.lastIndexOf('|', line.length() - 2));
                assertThat(NAMED.matcher(last).find() || OF_CLIENT.matcher(last).find())
                        .as(line)
                        .isTrue();
            }
        }
        assertThat(rows).isGreaterThanOrEqualTo(least);
    }

    @Test
    @DisplayName("each test of the browser's client that the page names is there")
    void namesTestsOfTheClient() throws IOException {
        Matcher named = OF_CLIENT.matcher(Files.readString(ROOT.resolve("docs").resolve("security.md")));
        int found = 0;
        while (named.find()) {
            found++;
            assertThat(ROOT.resolve(named.group(1))).isRegularFile();
        }
        assertThat(found).isPositive();
    }
}
