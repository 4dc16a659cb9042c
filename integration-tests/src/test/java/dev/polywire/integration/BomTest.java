package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The bill of materials names what is published, and nothing else. */
class BomTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>(polywire-[^<]+)</artifactId>");

    private static List<String> all(Pattern pattern, Path pom) throws IOException {
        return pattern.matcher(Files.readString(pom))
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    private static List<Path> published() throws IOException {
        List<Path> published = new ArrayList<>();
        for (String module : all(MODULE, TOP.resolve("pom.xml"))) {
            Path folder = TOP.resolve(module);
            if (!module.equals("bom")
                    && !Files.readString(folder.resolve("pom.xml")).contains("<maven.deploy.skip>true")) {
                published.add(folder);
            }
        }
        return published;
    }

    @Test
    @DisplayName("every published module is in polywire-bom, and no other")
    void complete() throws IOException {
        List<String> published = new ArrayList<>();
        for (Path module : published()) {
            // The parent comes first.
            published.add(all(ARTIFACT, module.resolve("pom.xml")).get(1));
        }
        List<String> named = all(ARTIFACT, TOP.resolve("bom").resolve("pom.xml"));
        assertThat(published).hasSizeGreaterThan(5);
        assertThat(named.stream().skip(2).distinct()).containsExactlyInAnyOrderElementsOf(published);
    }

    @Test
    @DisplayName("no two published modules have files in the same package, which the module path would refuse")
    void packages() throws IOException {
        Map<String, Path> owners = new TreeMap<>();
        for (Path module : published()) {
            Path classes = module.resolve("target").resolve("classes");
            for (String name : packages(classes)) {
                assertThat(owners.put(name, module)).as(name + " of " + module).isNull();
            }
        }
        assertThat(owners).containsKeys("dev/polywire", "dev/polywire/client", "dev/polywire/browser");
    }

    private static Set<String> packages(Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> classes.relativize(file).getParent())
                    .filter(folder -> folder != null && folder.startsWith("dev"))
                    .map(folder -> folder.toString().replace('\\', '/'))
                    .collect(Collectors.toSet());
        }
    }
}
