package dev.polywire.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * Programs of the machine, such as Node and Chromium, that a test cannot do without.
 *
 * <p>Where one is missing the test is left out, loudly: the build lists at its end what was left out and why. With
 * {@code CI=true} nothing may be left out, so there the test fails.
 */
public final class Tools {

    private static final Map<String, List<String>> NAMES = Map.of(
            "chromium", List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
            "node", List.of("node", "nodejs"),
            "python3", List.of("python3", "python"));

    private Tools() {}

    /**
     * The program to run, from the environment variable of the tool's name in capitals ({@code CHROMIUM}, {@code NODE}),
     * or else from the {@code PATH}. Without it the test does not go on.
     */
    public static Path require(String tool) {
        Class<?> test = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .getCallerClass();
        return find(tool, System::getenv).orElseThrow(() -> told(missing(tool, test, System::getenv, leftOutFile())));
    }

    /**
     * A file that somebody has to have installed, such as one of a package from npm. Without it the test does not go on.
     *
     * @param file where it has to be
     * @param how what installs it, for people
     * @return the file
     */
    public static Path require(Path file, String how) {
        Class<?> test = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .getCallerClass();
        if (Files.exists(file)) {
            return file;
        }
        String reason = test.getName() + ": " + file.getFileName() + " was not found (" + how + ")";
        throw told(leftOut(reason, System::getenv, leftOutFile()));
    }

    private static RuntimeException told(RuntimeException leftOut) {
        System.err.println("LEFT OUT: " + leftOut.getMessage());
        return leftOut;
    }

    /**
     * Sees to it that a folder is there which somebody has to install, such as a {@code node_modules}. Without it the test does not go on.
     *
     * @param folder the folder
     * @param how says how it comes there
     */
    public static void requireFolder(Path folder, String how) {
        if (!Files.isDirectory(folder)) {
            Class<?> test = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                    .getCallerClass();
            RuntimeException leftOut = leftOut(
                    test.getName() + ": there is no " + folder + " (" + how + ")", System::getenv, leftOutFile());
            System.err.println("LEFT OUT: " + leftOut.getMessage());
            throw leftOut;
        }
    }

    static Optional<Path> find(String tool, UnaryOperator<@Nullable String> environment) {
        String variable = tool.toUpperCase(Locale.ROOT);
        String named = environment.apply(variable);
        if (named != null && !named.isBlank()) {
            Path program = Path.of(named);
            if (!Files.isExecutable(program)) {
                throw new IllegalArgumentException(variable + "=" + named + " is not a program that can be run");
            }
            return Optional.of(program);
        }
        String path = environment.apply("PATH");
        if (path == null) {
            return Optional.empty();
        }
        for (String name : NAMES.getOrDefault(tool, List.of(tool))) {
            for (String folder : path.split(File.pathSeparator)) {
                for (String suffix : List.of("", ".exe")) {
                    Path program = Path.of(folder, name + suffix);
                    if (Files.isRegularFile(program) && Files.isExecutable(program)) {
                        return Optional.of(program);
                    }
                }
            }
        }
        return Optional.empty();
    }

    static RuntimeException missing(
            String tool, Class<?> test, UnaryOperator<@Nullable String> environment, @Nullable Path leftOut) {
        String reason = test.getName() + ": " + tool + " was not found (set " + tool.toUpperCase(Locale.ROOT)
                + ", or put it on the PATH)";
        return leftOut(reason, environment, leftOut);
    }

    private static RuntimeException leftOut(
            String reason, UnaryOperator<@Nullable String> environment, @Nullable Path leftOut) {
        if ("true".equals(environment.apply("CI"))) {
            throw new AssertionError(reason + ", and with CI=true nothing may be left out");
        }
        record(reason, leftOut);
        return new TestAbortedException(reason);
    }

    private static void record(String reason, @Nullable Path file) {
        if (file == null) {
            return; // not run by Maven: the message above is all there is
        }
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            if (!Files.exists(file) || !Files.readAllLines(file).contains("  " + reason)) {
                Files.writeString(
                        file,
                        System.lineSeparator() + "  " + reason,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable Path leftOutFile() {
        String file = System.getProperty("polywire.left-out");
        return file == null ? null : Path.of(file);
    }
}
