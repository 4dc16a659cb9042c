package dev.polywire.examples.livefeed;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the live feed was asked to do.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one
 * @param from where the feed comes from
 * @param file the file to replay; null unless {@code from} is {@link From#FILE}
 * @param rate samples or lines a second
 * @param nodes how many engines serve it
 */
public record LiveFeedSettings(
        String host, int port, From from, @Nullable Path file, int rate, int nodes) {
    /** What {@code --help} prints. */
    public static final String HELP = """
            Usage: ./demo live-feed [--port 8080] [--host 127.0.0.1] [--source -|FILE] [--rate N] [--nodes N]

            Shows live data in a browser, over WebSocket, Server-Sent Events or long polling.
            Without --source the data are this machine's own: processor, memory, network, disk, load and the JVM.

              --port N       the port to listen on, 0 to 65535; 0 takes a free one (default 8080)
              --host ADDRESS the address to listen on (default 127.0.0.1: this machine alone)
              --source -     lines from standard input, JSON or text:  tail -f access.log | ./demo live-feed --source -
              --source FILE  replays the lines of a file
              --rate N       samples a second, 1 to 20 (default 4); or lines a second, 1 to 1000
                             (default 10 for a file; standard input is taken as it comes, at most 1000)
              --nodes N      engines, 1 to 5 (default 1): several share a Redis of their own, or the one that
                             POLYWIRE_REDIS names, behind a proxy that hands each request to the next of them
              --help         prints this
            """;

    static final int SAMPLES = 4;
    static final int MOST_SAMPLES = 20;
    static final int FILE_LINES = 10;
    static final int MOST_LINES = 1000;
    static final int MOST_NODES = 5;

    private static final List<String> KNOWN = List.of("--port", "--host", "--source", "--rate", "--nodes", "--help");

    /** Where a feed comes from. */
    public enum From {
        /** This machine's metrics. */
        MACHINE,
        /** Lines of standard input. */
        STDIN,
        /** Lines of a file. */
        FILE
    }

    /**
     * Tells whether help is all that is wanted.
     *
     * @param arguments the command line
     * @return true when it says {@code --help} or {@code -h}
     */
    static boolean wantsHelp(String... arguments) {
        return List.of(arguments).contains("--help") || List.of(arguments).contains("-h");
    }

    /**
     * Reads a command line.
     *
     * @param arguments as given to {@code main}
     * @return the settings
     * @throws IllegalArgumentException for what cannot be, with a sentence that says what would be right
     */
    public static LiveFeedSettings parse(String... arguments) {
        String host = "127.0.0.1";
        int port = 8080;
        String source = null;
        String rate = null;
        int nodes = 1;
        for (int i = 0; i < arguments.length; i++) {
            String name = arguments[i];
            String value = null;
            int equals = name.indexOf('=');
            if (name.startsWith("--") && equals > 0) {
                value = name.substring(equals + 1);
                name = name.substring(0, equals);
            }
            if (!KNOWN.contains(name) || name.equals("--help")) {
                throw new IllegalArgumentException(
                        "There is no argument " + name + "; there are " + String.join(", ", KNOWN) + ".");
            }
            if (value == null) {
                i++;
                if (i == arguments.length || arguments[i].startsWith("--")) {
                    throw new IllegalArgumentException(name + " needs a value, for example " + example(name) + ".");
                }
                value = arguments[i];
            }
            if (value.isBlank()) {
                throw new IllegalArgumentException(name + " needs a value, for example " + example(name) + ".");
            }
            switch (name) {
                case "--port" -> port = number(name, value, 0, 65_535);
                case "--host" -> host = value;
                case "--source" -> source = value;
                case "--nodes" -> nodes = number(name, value, 1, MOST_NODES);
                default -> rate = value;
            }
        }
        if (source == null) {
            int samples = rate == null ? SAMPLES : number("--rate", rate, 1, MOST_SAMPLES, " samples a second");
            return new LiveFeedSettings(host, port, From.MACHINE, null, samples, nodes);
        }
        boolean stdin = source.equals("-");
        int lines = rate == null
                ? stdin ? MOST_LINES : FILE_LINES
                : number("--rate", rate, 1, MOST_LINES, " lines a second");
        return stdin
                ? new LiveFeedSettings(host, port, From.STDIN, null, lines, nodes)
                : new LiveFeedSettings(host, port, From.FILE, file(source), lines, nodes);
    }

    private static Path file(String source) {
        try {
            Path file = Path.of(source);
            if (Files.isRegularFile(file) && Files.isReadable(file)) {
                return file;
            }
            String why = Files.isDirectory(file)
                    ? "is a directory"
                    : Files.exists(file) ? "cannot be read" : "does not exist";
            throw new IllegalArgumentException(
                    "--source must be - for standard input or a file that can be read; " + source + " " + why + ".");
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "--source must be - for standard input or a file that can be read, not " + source + ".", e);
        }
    }

    private static int number(String name, String value, int low, int high) {
        return number(name, value, low, high, "");
    }

    private static int number(String name, String value, int low, int high, String unit) {
        try {
            int number = Integer.parseInt(value);
            if (number >= low && number <= high) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, together with numbers out of range.
        }
        throw new IllegalArgumentException(
                name + " must be a whole number from " + low + " to " + high + unit + ", not " + value + ".");
    }

    private static String example(String name) {
        return switch (name) {
            case "--port" -> "--port 8080";
            case "--host" -> "--host 127.0.0.1";
            case "--source" -> "--source access.log";
            case "--nodes" -> "--nodes 2";
            default -> "--rate 10";
        };
    }
}
