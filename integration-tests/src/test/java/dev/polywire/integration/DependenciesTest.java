package dev.polywire.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.Version;
import io.vertx.core.Vertx;
import io.vertx.ext.auth.authentication.AuthenticationProvider;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the engine runs on is of one release: a part that was left behind would keep the faults that were mended in the others. */
class DependenciesTest {
    private static final Pattern JAR = Pattern.compile("vertx-[a-z-]+-([0-9.]+)\\.jar");

    @Test
    @DisplayName("all parts of Netty are of one version")
    void netty() {
        Set<String> versions = Version.identify().values().stream()
                .map(Version::artifactVersion)
                .collect(Collectors.toSet());
        assertThat(Version.identify()).hasSizeGreaterThan(5);
        assertThat(versions).hasSize(1);
    }

    @Test
    @DisplayName("all parts of Vert.x are of one version")
    void vertx() {
        Set<String> versions = List.of(Vertx.class, Router.class, JWTAuth.class, AuthenticationProvider.class).stream()
                .map(DependenciesTest::version)
                .collect(Collectors.toSet());
        assertThat(versions).hasSize(1);
    }

    private static String version(Class<?> part) {
        String jar = part.getProtectionDomain().getCodeSource().getLocation().getPath();
        Matcher named = JAR.matcher(jar);
        assertThat(named.find()).as(jar).isTrue();
        return named.group(1);
    }
}
