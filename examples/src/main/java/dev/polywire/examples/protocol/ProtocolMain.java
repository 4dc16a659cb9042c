package dev.polywire.examples.protocol;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The protocol as a page to read, or as PDF: every frame with its members and examples, and every rule. */
public final class ProtocolMain {
    static final String HELP = """
            ./demo protocol [--out FILE.html] [--pdf FILE.pdf]

            Writes the protocol as one page: the frames from docs/asyncapi, the rules from docs/protocol.md. Without --out
            and --pdf it writes protocol.html here. --pdf prints the same page by Chromium, which it takes from the PATH or
            from CHROMIUM.
            """;

    private static final List<String> BROWSERS =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome");

    private ProtocolMain() {}

    /**
     * Writes the page.
     *
     * @param arguments see {@link #HELP}
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    private static int run(String[] arguments) {
        @Nullable Path out = null;
        @Nullable Path pdf = null;
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i];
            if (name.equals("--help") || name.equals("-h")) {
                System.out.print(HELP);
                return 0;
            }
            if (!name.equals("--out") && !name.equals("--pdf")) {
                return refuse("There is no argument " + name + "; there are --out, --pdf, --help.");
            }
            if (i + 1 == arguments.length || arguments[i + 1].isBlank() || arguments[i + 1].startsWith("--")) {
                return refuse(name + " needs a file, for example " + name + " protocol."
                        + (name.equals("--out") ? "html" : "pdf") + ".");
            }
            Path file = Path.of(arguments[i + 1]).toAbsolutePath();
            Path folder = file.getParent();
            if (folder == null || Files.isDirectory(file) || !Files.isDirectory(folder)) {
                return refuse(name + " must be a file in a folder that is there, not " + arguments[i + 1] + ".");
            }
            if (name.equals("--out")) {
                out = file;
            } else {
                pdf = file;
            }
        }
        try {
            write(out == null && pdf == null ? Path.of("protocol.html") : out, pdf);
            return 0;
        } catch (IOException e) {
            System.err.println("The page cannot be written: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static int refuse(String sentence) {
        System.err.println(sentence);
        System.err.println("./demo protocol --help tells more.");
        return 2;
    }

    /** Writes the page, and prints it, where that is asked for. */
    static void write(@Nullable Path out, @Nullable Path pdf) throws IOException, InterruptedException {
        String html = new ProtocolPage().html();
        if (out != null) {
            Files.writeString(out, html);
            System.out.println(out);
        }
        if (pdf != null) {
            Path folder = Files.createTempDirectory("polywire-protocol");
            try {
                print(
                        browser(),
                        Files.writeString(folder.resolve("protocol.html"), html),
                        pdf.toAbsolutePath(),
                        folder);
            } finally {
                delete(folder);
            }
            System.out.println(pdf);
        }
    }

    private static void print(String browser, Path page, Path pdf, Path folder)
            throws IOException, InterruptedException {
        Process chromium = new ProcessBuilder(
                        browser,
                        "--headless",
                        "--no-sandbox", // it opens one page, which this program wrote; as root there is no sandbox to
                        // be had
                        "--disable-gpu",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--no-pdf-header-footer",
                        "--print-to-pdf=" + pdf,
                        page.toUri().toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try {
            if (!chromium.waitFor(60, TimeUnit.SECONDS) || chromium.exitValue() != 0 || !Files.exists(pdf)) {
                throw new IOException(browser + " could not print it: " + Files.readString(folder.resolve("log")));
            }
        } finally {
            chromium.destroyForcibly().waitFor();
        }
    }

    private static String browser() throws IOException {
        String named = System.getenv("CHROMIUM");
        if (named != null && !named.isBlank()) {
            return named;
        }
        String path = System.getenv("PATH");
        for (String browser : BROWSERS) {
            for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
                if (Files.isExecutable(Path.of(folder, browser))) {
                    return browser;
                }
            }
        }
        throw new IOException("Chromium was not found; put it on the PATH, or set CHROMIUM.");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(java.util.Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        }
    }
}
