package dev.polywire.benchmarks;

import java.io.IOException;
import java.util.List;

/** Measures Polywire beside its peers, from a command line; {@code ./bench} starts it. */
public final class BenchMain {
    private BenchMain() {}

    /**
     * Runs a scenario.
     *
     * @param arguments see {@code ./bench --help}
     */
    public static void main(String[] arguments) {
        if (arguments.length == 0 || List.of("--help", "-h", "help").contains(arguments[0])) {
            System.out.print(Settings.help());
            return;
        }
        Settings settings;
        try {
            settings = Settings.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.err.println("./bench --help tells more.");
            System.exit(2);
            return;
        }
        int status = 0;
        try {
            new Bench(settings, arguments).run();
        } catch (IOException e) {
            Throwable cause = e.getCause();
            System.err.println("bench: " + e.getMessage() + (cause == null ? "" : " (" + cause.getMessage() + ')'));
            status = 1;
        }
        System.exit(status);
    }
}
