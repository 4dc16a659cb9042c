package dev.polywire.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws one figure of each server against subscribers or against the rate, whichever varies; light or dark as the page is. */
final class Chart {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 400;
    private static final int LEFT = 70;
    private static final int RIGHT = 220;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;
    private static final String[] COLOURS = {
        "#2563eb", "#6b7280", "#d97706", "#16a34a", "#dc2626", "#9333ea", "#0891b2", "#be185d"
    };

    private final Table table;
    private final String figure;
    private final String title;
    private final boolean byRate;

    Chart(Table table, Settings settings) {
        this.table = table;
        byRate = table.loads().stream().mapToInt(Load::subscribers).distinct().count() == 1
                && table.loads().size() > 1;
        figure = settings.max ? "held" : byRate ? "p99" : settings.figure();
        title = switch (figure) {
            case "held" -> "Deliveries a second, held for 10 s on one core";
            case "p99" -> "99th percentile of latency, ms";
            case "heap" -> "KiB of heap per idle connection";
            case "resident each" -> "KiB of memory per idle connection";
            default -> "CPU µs per delivered message";
        };
    }

    void write(Path file) throws IOException {
        Files.writeString(file, svg());
    }

    String svg() {
        List<Load> loads = new ArrayList<>(table.loads());
        double most = 0;
        for (Contender contender : table.contenders()) {
            for (Load load : loads) {
                double value = table.median(contender, load, figure);
                most = Double.isNaN(value) ? most : Math.max(most, value);
            }
        }
        double top = nice(most);
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">
                <style>
                  svg { background: #ffffff; font: 13px system-ui, sans-serif; }
                  text { fill: #1f2937; } .soft { fill: #6b7280; } .grid { stroke: #e5e7eb; }
                  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
                  @media (prefers-color-scheme: dark) {
                    svg { background: #0d1117; } text { fill: #e6edf3; } .soft { fill: #9198a1; } .grid { stroke: #30363d; }
                  }
                </style>
                <text x="%d" y="24" font-weight="600">%s</text>
                """, WIDTH, HEIGHT, title, LEFT, title));
        for (int i = 0; i <= 4; i++) {
            double value = top * i / 4;
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                            + "<text class=\"soft\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    y(value, top),
                    y(value, top),
                    LEFT - 8,
                    y(value, top) + 4,
                    label(value)));
        }
        for (Load load : loads) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text class=\"soft\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                    x(load, loads),
                    HEIGHT - BOTTOM + 20,
                    label(at(load))));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 10,
                byRate ? "publishes a second" : "subscribers"));
        int row = 0;
        for (Contender contender : table.contenders()) {
            series(svg, contender, loads, top, COLOURS[row % COLOURS.length], row);
            row++;
        }
        return svg.append("</svg>\n").toString();
    }

    private void series(StringBuilder svg, Contender contender, List<Load> loads, double top, String colour, int row) {
        StringBuilder points = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        for (Load load : loads) {
            double value = table.median(contender, load, figure);
            if (!Double.isNaN(value)) {
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(load, loads), y(value, top)));
                dots.append(String.format(
                        Locale.ROOT,
                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"><title>%s: %s</title></circle>%n",
                        x(load, loads),
                        y(value, top),
                        colour,
                        contender.title(),
                        label(value)));
            }
        }
        int y = TOP + 14 + 22 * row;
        svg.append(String.format(
                Locale.ROOT,
                "<polyline class=\"line\" stroke=\"%s\" points=\"%s\"/>%n%s"
                        + "<rect x=\"%d\" y=\"%d\" width=\"14\" height=\"4\" rx=\"2\" fill=\"%s\"/>"
                        + "<text x=\"%d\" y=\"%d\">%s</text>%n",
                colour,
                points.toString().trim(),
                dots,
                WIDTH - RIGHT + 16,
                y - 6,
                colour,
                WIDTH - RIGHT + 36,
                y,
                contender.title()));
    }

    private double at(Load load) {
        return byRate ? load.rate() : load.subscribers();
    }

    private double x(Load load, List<Load> loads) {
        double least = loads.stream().mapToDouble(this::at).min().orElse(1);
        double most = loads.stream().mapToDouble(this::at).max().orElse(1);
        double share = most == least ? 0.5 : Math.log(at(load) / least) / Math.log(most / least);
        return LEFT + 20 + share * (WIDTH - LEFT - RIGHT - 40);
    }

    private static double y(double value, double top) {
        return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
    }

    private static double nice(double value) {
        if (value <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double step : new double[] {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8}) {
            if (value <= step * power) {
                return step * power;
            }
        }
        return 10 * power;
    }

    static String label(double value) {
        if (value >= 1_000_000) {
            return String.format(Locale.ROOT, "%.3g M", value / 1e6).replace(".00 ", " ");
        }
        return value >= 100 || value == Math.rint(value)
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%.1f", value);
    }
}
