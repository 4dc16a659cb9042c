package dev.polywire.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Draws one figure of each server against subscribers or against the rate, whichever varies; where both do, a panel for each
 * rate. Each line is named at its end. Light or dark as the page is.
 */
final class Chart {
    private static final int PLOT_WIDTH = 440;
    private static final int PLOT_HEIGHT = 290;
    private static final int LEFT = 70;
    private static final int TOP = 64;
    private static final int PANEL_TITLE = 24;
    private static final int BETWEEN = 80;
    private static final int BOTTOM = 52;
    private static final int NAMES = 44;
    private static final int NAME_HEIGHT = 20;
    private static final int TICK_WIDTH = 46;
    private static final double LETTER = 7.5;
    private static final String[] LIGHT = {
        "#1d4ed8", "#6b7280", "#c2410c", "#15803d", "#b91c1c", "#7e22ce", "#0e7490", "#a16207"
    };
    private static final String[] DARK = {
        "#60a5fa", "#9ca3af", "#fb923c", "#4ade80", "#f87171", "#c084fc", "#22d3ee", "#facc15"
    };

    private record Point(double at, double value) {}

    private record Series(String name, int colour, List<Point> points) {
        Point last() {
            return points.get(points.size() - 1);
        }
    }

    private record Panel(String title, List<Series> series) {}

    private final Table table;
    private final Settings settings;
    private final boolean byRate;
    private final String figure;

    Chart(Table table, Settings settings) {
        this.table = table;
        this.settings = settings;
        byRate = table.loads().size() > 1
                && table.loads().stream().mapToInt(Load::subscribers).distinct().count() == 1;
        figure = settings.max ? "held" : byRate ? "p99" : settings.figure();
    }

    void write(Path file) throws IOException {
        Files.writeString(file, svg());
    }

    private String title() {
        return switch (figure) {
            case "held" -> "Deliveries a second, held for 10 s on one core";
            case "p99" -> "99th percentile of latency, ms";
            case "heap" -> "Memory of an idle connection, KiB";
            default ->
                settings.scenario.equals("connect")
                        ? "CPU to connect and subscribe, µs"
                        : "CPU of a delivered message, µs";
        };
    }

    private List<Panel> panels() {
        long counts =
                table.loads().stream().mapToInt(Load::subscribers).distinct().count();
        if (byRate || table.loads().size() == counts) {
            return List.of(new Panel("", series(List.copyOf(table.loads()))));
        }
        List<Panel> panels = new ArrayList<>();
        table.loads().stream().map(Load::rate).distinct().sorted().forEach(rate -> {
            List<Load> loads =
                    table.loads().stream().filter(load -> load.rate() == rate).toList();
            panels.add(new Panel("at " + Axis.label(rate) + " publishes a second", series(loads)));
        });
        return panels;
    }

    private List<Series> series(List<Load> loads) {
        boolean oneWire =
                table.contenders().stream().map(Contender::wire).distinct().count() == 1;
        boolean heap = figure.equals("heap")
                && table.contenders().stream()
                        .anyMatch(contender -> !points(contender, loads, "heap").isEmpty());
        List<Series> all = new ArrayList<>();
        int colour = 0;
        for (Contender contender : table.contenders()) {
            String name = oneWire ? contender.titleWithoutWire() : contender.title();
            List<Point> points = points(contender, loads, figure);
            if (points.isEmpty() && figure.equals("heap")) {
                // Who has no heap to be measured is told by what the system counts.
                points = points(contender, loads, "resident each");
                name += heap ? " (resident)" : "";
            }
            if (!points.isEmpty()) {
                all.add(new Series(name, colour, points));
            }
            colour++;
        }
        return all;
    }

    private List<Point> points(Contender contender, List<Load> loads, String of) {
        return loads.stream()
                .map(load -> new Point(
                        byRate ? load.rate() : load.subscribers(), Math.max(0, table.median(contender, load, of))))
                .filter(point -> !Double.isNaN(point.value))
                .sorted(Comparator.comparingDouble(Point::at))
                .toList();
    }

    String svg() {
        List<Panel> panels = panels();
        int longest = panels.stream()
                .flatMap(panel -> panel.series.stream())
                .mapToInt(series -> series.name.length())
                .max()
                .orElse(0);
        int width = LEFT + PLOT_WIDTH + NAMES + 24 + (int) (longest * LETTER);
        int above = panels.size() > 1 ? TOP + PANEL_TITLE : TOP;
        int height = above + panels.size() * PLOT_HEIGHT + (panels.size() - 1) * BETWEEN + BOTTOM;
        StringBuilder svg = new StringBuilder();
        add(svg, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" aria-label="%3$s">
                <style>
                  svg { background: #ffffff; font: 13px system-ui, sans-serif; }
                  text { fill: #1f2937; } .soft { fill: #6b7280; } .grid { stroke: #e5e7eb; }
                  .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; } .to { fill: none; opacity: 0.6; }
                %4$s  @media (prefers-color-scheme: dark) {
                    svg { background: #0d1117; } text { fill: #e6edf3; } .soft { fill: #9198a1; } .grid { stroke: #30363d; }
                %5$s  }
                </style>
                <text x="16" y="26" font-size="15" font-weight="600">%3$s</text>
                <text x="16" y="46" class="soft">%6$s</text>
                """, width, height, title(), colours(LIGHT), colours(DARK), subtitle());
        int top = above;
        for (Panel panel : panels) {
            draw(svg, panel, top);
            top += PLOT_HEIGHT + BETWEEN;
        }
        return svg.append("</svg>\n").toString();
    }

    /** What all lines have in common. */
    private String subtitle() {
        List<String> parts = new ArrayList<>();
        List<String> wires = table.contenders().stream()
                .map(contender -> contender.wire().title)
                .distinct()
                .toList();
        if (wires.size() == 1) {
            parts.add(wires.get(0));
        }
        if (byRate) {
            parts.add(Axis.label(settings.loads().get(0).subscribers()) + " subscribers");
        }
        if (figure.equals("heap")) {
            parts.add("in use after a full collection, or resident where there is no heap to ask for");
        } else if (!settings.scenario.equals("connect")) {
            parts.add("payload " + settings.size + " bytes");
        }
        return String.join(", ", parts);
    }

    private static String colours(String[] of) {
        StringBuilder css = new StringBuilder();
        for (int i = 0; i < of.length; i++) {
            add(css, "  .s%1$d { stroke: %2$s; } .f%1$d { fill: %2$s; }%n", i, of[i]);
        }
        return css.toString();
    }

    private void draw(StringBuilder svg, Panel panel, int top) {
        int bottom = top + PLOT_HEIGHT;
        Axis axis = Axis.of(
                panel.series.stream().flatMap(series -> series.points.stream()).mapToDouble(Point::value));
        if (!panel.title.isEmpty()) {
            add(svg, "<text x=\"%d\" y=\"%d\">%s</text>%n", LEFT, top - 10, panel.title);
        }
        for (double tick : axis.ticks()) {
            double y = y(tick, axis, top);
            add(
                    svg,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
                    LEFT,
                    LEFT + PLOT_WIDTH,
                    y,
                    y);
            String label = Axis.label(tick);
            add(
                    svg,
                    "<text class=\"soft\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
                    LEFT - 8,
                    y + 4,
                    label);
        }
        double[] ats = panel.series.stream()
                .flatMap(series -> series.points.stream())
                .mapToDouble(Point::at)
                .distinct()
                .sorted()
                .toArray();
        double free = 0;
        for (double at : ats) {
            double x = x(at, ats);
            if (x >= free) {
                free = x + TICK_WIDTH;
                add(
                        svg,
                        "<text class=\"soft\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                        x,
                        bottom + 20,
                        Axis.label(at));
            }
        }
        String across = byRate ? "publishes a second" : figure.equals("heap") ? "connections" : "subscribers";
        add(
                svg,
                "<text class=\"soft\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s%s</text>%n",
                LEFT + PLOT_WIDTH / 2,
                bottom + 40,
                across,
                axis.logarithmic() ? " (both axes logarithmic)" : "");
        for (Series series : panel.series) {
            line(svg, series, axis, ats, top);
        }
        names(svg, panel, axis, ats, top);
    }

    private static void line(StringBuilder svg, Series series, Axis axis, double[] ats, int top) {
        StringBuilder points = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        for (Point point : series.points) {
            double x = x(point.at, ats);
            double y = y(point.value, axis, top);
            add(points, "%.1f,%.1f ", x, y);
            add(
                    dots,
                    "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%s: %s</title></circle>%n",
                    fill(series),
                    x,
                    y,
                    series.name,
                    Axis.label(point.value));
        }
        add(
                svg,
                "<polyline class=\"line %s\" points=\"%s\"/>%n%s",
                stroke(series),
                points.toString().trim(),
                dots);
    }

    /** Names each line where it ends, as far above or below that as it takes to keep the names apart. */
    private static void names(StringBuilder svg, Panel panel, Axis axis, double[] ats, int top) {
        List<Series> order = panel.series.stream()
                .sorted(Comparator.comparingDouble(series -> y(series.last().value, axis, top)))
                .toList();
        double[] wanted = order.stream()
                .mapToDouble(series -> y(series.last().value, axis, top))
                .toArray();
        double[] at = spread(wanted, NAME_HEIGHT, top, top + PLOT_HEIGHT);
        for (int i = 0; i < at.length; i++) {
            Series series = order.get(i);
            double x = x(series.last().at, ats);
            int swatch = LEFT + PLOT_WIDTH + NAMES - 8;
            add(
                    svg,
                    "<path class=\"to %s\" d=\"M%.1f %.1fL%d %.1fL%d %.1f\"/>",
                    stroke(series),
                    x,
                    wanted[i],
                    LEFT + PLOT_WIDTH + 4,
                    wanted[i],
                    swatch - 4,
                    at[i]);
            add(
                    svg,
                    "<line class=\"line %s\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
                    stroke(series),
                    swatch,
                    swatch + 16,
                    at[i],
                    at[i]);
            add(svg, "<text x=\"%d\" y=\"%.1f\">%s</text>%n", swatch + 22, at[i] + 4, series.name);
        }
    }

    /** Moves what is sorted apart, by as little as can be seen, and back between the ends where there is room. */
    static double[] spread(double[] wanted, double apart, double from, double to) {
        double[] at = wanted.clone();
        for (int i = 1; i < at.length; i++) {
            at[i] = Math.max(at[i], at[i - 1] + apart);
        }
        double limit = to;
        for (int i = at.length - 1; i >= 0; i--) {
            at[i] = Math.min(at[i], limit);
            limit = at[i] - apart;
        }
        double least = from;
        for (int i = 0; i < at.length; i++) {
            at[i] = Math.max(at[i], least);
            least = at[i] + apart;
        }
        return at;
    }

    private static String stroke(Series series) {
        return "s" + series.colour % LIGHT.length + (series.colour < LIGHT.length ? "" : "\" stroke-dasharray=\"6 4");
    }

    private static String fill(Series series) {
        return "f" + series.colour % LIGHT.length;
    }

    private static double x(double at, double[] ats) {
        double least = ats[0];
        double most = ats[ats.length - 1];
        double share = most == least ? 0.5 : Math.log(at / least) / Math.log(most / least);
        return LEFT + 20 + share * (PLOT_WIDTH - 40);
    }

    private static double y(double value, Axis axis, int top) {
        return top + PLOT_HEIGHT * (1 - axis.share(value));
    }

    private static void add(StringBuilder to, String format, Object... values) {
        to.append(String.format(Locale.ROOT, format, values));
    }
}
