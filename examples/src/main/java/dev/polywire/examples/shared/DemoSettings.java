package dev.polywire.examples.shared;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a demo was asked to do.
 *
 * @param host the address to listen on
 * @param port the port to listen on; 0 takes a free one
 * @param redis where to keep things, such as {@code redis://127.0.0.1:6379}; null keeps them in memory
 */
public record DemoSettings(String host, int port, @Nullable String redis) {
    private static final List<String> KNOWN = List.of("--port", "--host", "--redis", "--help");

    private static final String REDIS = """
              --redis URL    keeps everything in a Redis, such as redis://127.0.0.1:6379, so that nothing is
                             lost when the server is started again (default: in memory)
            """;

    /**
     * Tells whether help is all that is wanted.
     *
     * @param arguments the command line
     * @return true when it says {@code --help} or {@code -h}
     */
    public static boolean wantsHelp(String... arguments) {
        return List.of(arguments).contains("--help") || List.of(arguments).contains("-h");
    }

    /**
     * Returns what {@code --help} prints.
     *
     * @param demo the demo's name on the command line
     * @param purpose what it does, in a sentence
     * @param redis whether it can keep things in a Redis
     * @return lines
     */
    public static String help(String demo, String purpose, boolean redis) {
        return """
            Usage: ./demo %s [--port 8080] [--host 127.0.0.1]%s

            %s

              --port N       the port to listen on, 0 to 65535; 0 takes a free one (default 8080)
              --host ADDRESS the address to listen on (default 127.0.0.1: this machine alone)
            %s  --help         prints this
            """.formatted(demo, redis ? " [--redis URL]" : "", purpose, redis ? REDIS : "");
    }

    /**
     * Reads a command line.
     *
     * @param arguments as given to {@code main}
     * @return the settings
     * @throws IllegalArgumentException for what cannot be, with a sentence that says what would be right
     */
    public static DemoSettings parse(String... arguments) {
        String host = "127.0.0.1";
        int port = 8080;
        String redis = null;
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
            if (value == null && i + 1 < arguments.length && !arguments[i + 1].startsWith("--")) {
                i++;
                value = arguments[i];
            }
            if (value == null || value.isBlank()) {
                throw new IllegalArgumentException(name + " needs a value, for example " + example(name) + ".");
            }
            switch (name) {
                case "--port" -> port = port(value);
                case "--host" -> host = value;
                default -> redis = redis(value);
            }
        }
        return new DemoSettings(host, port, redis);
    }

    private static int port(String value) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 0 && number <= 65_535) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, together with numbers out of range.
        }
        throw new IllegalArgumentException("--port must be a whole number from 0 to 65535, not " + value + ".");
    }

    private static String redis(String value) {
        try {
            URI url = new URI(value);
            if (("redis".equals(url.getScheme()) || "rediss".equals(url.getScheme())) && url.getHost() != null) {
                return value;
            }
        } catch (URISyntaxException e) {
            // Told below.
        }
        // The value is not repeated: it may hold a password.
        throw new IllegalArgumentException(
                "--redis must be an address that begins with redis:// or rediss://, for example " + example("--redis")
                        + ".");
    }

    private static String example(String name) {
        return switch (name) {
            case "--port" -> "--port 8080";
            case "--host" -> "--host 127.0.0.1";
            default -> "--redis redis://127.0.0.1:6379";
        };
    }

    /** Leaves out what the Redis address may say of a password. */
    @Override
    public String toString() {
        return "DemoSettings[host=" + host + ", port=" + port + ", redis=" + (redis != null) + "]";
    }
}
