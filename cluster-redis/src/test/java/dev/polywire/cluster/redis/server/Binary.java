package dev.polywire.cluster.redis.server;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds a Redis program: one of version 7 or later on the PATH, else the one that comes as a resource. */
final class Binary {
    private static @Nullable Path found;

    private Binary() {}

    static synchronized Path find() throws IOException {
        Path path = found;
        if (path == null) {
            Path installed = onPath();
            path = installed != null ? installed : unpacked();
            found = path;
        }
        return path;
    }

    private static @Nullable Path onPath() {
        String paths = System.getenv("PATH");
        if (paths == null) {
            return null;
        }
        for (String dir : paths.split(Pattern.quote(File.pathSeparator), -1)) {
            Path candidate = Path.of(dir, "redis-server");
            if (Files.isExecutable(candidate) && major(candidate) >= 7) {
                return candidate;
            }
        }
        return null;
    }

    private static int major(Path program) {
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readNBytes(1000), StandardCharsets.UTF_8);
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Matcher matcher = Pattern.compile("v=(\\d+)\\.").matcher(said);
            return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static Path unpacked() throws IOException {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String system = os.contains("mac") ? "darwin" : "linux";
        String processor = arch.contains("aarch64") || arch.contains("arm64") ? "arm64" : "amd64";
        String name = "redis-server-7.0.15-" + system + "-" + processor;
        try (InputStream in = Binary.class.getResourceAsStream("/" + name)) {
            if (in == null || os.contains("windows")) {
                throw new IOException("There is no Redis for " + os + " " + arch
                        + ": install redis-server 7 or later, or name one with POLYWIRE_REDIS.");
            }
            Path dir = Files.createTempDirectory("polywire-redis-bin");
            Path program = dir.resolve("redis-server");
            Files.copy(in, program);
            if (!program.toFile().setExecutable(true)) {
                throw new IOException("Could not make " + program + " executable.");
            }
            program.toFile().deleteOnExit();
            dir.toFile().deleteOnExit();
            return program;
        }
    }
}
