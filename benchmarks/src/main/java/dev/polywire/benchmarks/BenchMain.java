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
            Bench bench = new Bench(settings, arguments);
            if (settings.scenario.equals("smoke")) {
                status = smoke(bench.measure(), settings.record);
            } else {
                bench.run();
            }
        } catch (IOException e) {
            Throwable cause = e.getCause();
            System.err.println("bench: " + e.getMessage() + (cause == null ? "" : " (" + cause.getMessage() + ')'));
            status = 1;
        }
        System.exit(status);
    }

    private static int smoke(List<Sample> samples, boolean record) throws IOException {
        Smoke now = new Smoke(samples);
        System.out.println(now.text());
        if (record) {
            now.record(Smoke.baseline());
            return 0;
        }
        List<String> worse = now.worseThan(Smoke.read(Smoke.baseline()));
        worse.forEach(sentence -> System.err.println("bench: " + sentence));
        return worse.isEmpty() ? 0 : 1;
    }
}
