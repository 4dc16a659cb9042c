package dev.polywire.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** Turns samples into a Markdown table: medians over the rounds, and medians of each round's ratios. */
final class Table {

    private record Column(String title, String format, ToDoubleFunction<Row> value) {}

    private record Row(Contender contender, Load load) {}

    private final List<Sample> samples;
    private final List<Column> columns = new ArrayList<>();

    Table(List<Sample> samples) {
        this.samples = samples;
    }

    /** Adds a column of medians. */
    Table median(String title, String format, String figure, double divisor) {
        columns.add(new Column(title, format, row -> median(row.contender, row.load, figure) / divisor));
        return this;
    }

    /** Adds a column of sums over all rounds. */
    Table sum(String title, String figure) {
        columns.add(new Column(
                title,
                "%,.0f",
                row -> of(row.contender, row.load).stream()
                        .mapToDouble(sample -> sample.get(figure))
                        .sum()));
        return this;
    }

    /** Adds a column of ratios to a peer, where it was measured. */
    Table ratio(String title, Peer to, String figure) {
        if (samples.stream().anyMatch(sample -> sample.contender.peer() == to)) {
            columns.add(new Column(title, "%.2f", row -> ratio(row.contender, to, row.load, figure)));
        }
        return this;
    }

    /** Adds a column of ratios to Polywire on one node, with history or without as the row itself, where more than that was measured. */
    Table ratioToOneNode(String title, String figure) {
        if (samples.stream().anyMatch(sample -> sample.contender.peer() == Peer.NODES)) {
            columns.add(new Column(title, "%.2f", row -> ratio(row.contender, Peer.POLYWIRE, row.load, figure)));
        }
        return this;
    }

    String text() {
        StringBuilder text = new StringBuilder("| server | subscribers |");
        StringBuilder rule = new StringBuilder("|---|--:|");
        boolean rates = loads().stream().mapToDouble(Load::rate).distinct().count() > 1;
        if (rates) {
            text.append(" publishes/s |");
            rule.append("--:|");
        }
        for (Column column : columns) {
            text.append(' ').append(column.title).append(" |");
            rule.append("--:|");
        }
        text.append('\n').append(rule).append('\n');
        for (Load load : loads()) {
            for (Contender contender : contenders()) {
                if (of(contender, load).isEmpty()) {
                    continue;
                }
                text.append("| ").append(contender.title()).append(" | ").append(figure("%,.0f", load.subscribers()));
                if (rates) {
                    text.append(" | ").append(figure("%,.0f", load.rate()));
                }
                for (Column column : columns) {
                    text.append(" | ")
                            .append(figure(column.format, column.value.applyAsDouble(new Row(contender, load))));
                }
                text.append(" |\n");
            }
        }
        return text.toString();
    }

    Set<Load> loads() {
        Set<Load> loads = new LinkedHashSet<>();
        samples.forEach(sample -> loads.add(sample.load));
        return loads;
    }

    Set<Contender> contenders() {
        Set<Contender> contenders = new LinkedHashSet<>();
        samples.forEach(sample -> contenders.add(sample.contender));
        return contenders;
    }

    double median(Contender contender, Load load, String figure) {
        return median(of(contender, load).stream()
                .mapToDouble(sample -> sample.get(figure))
                .toArray());
    }

    /** Returns the median of what a figure is to another peer's in the same round. */
    double ratio(Contender contender, Peer to, Load load, String figure) {
        List<Double> ratios = new ArrayList<>();
        for (Sample sample : of(contender, load)) {
            reference(contender, to, load, sample.round)
                    .ifPresent(other -> ratios.add(sample.get(figure) / other.get(figure)));
        }
        return median(ratios.stream().mapToDouble(ratio -> ratio).toArray());
    }

    /** The one whose channels are alike, and over WebSocket, where a peer was measured over more than that. */
    private java.util.Optional<Sample> reference(Contender contender, Peer to, Load load, int round) {
        return samples.stream()
                .filter(sample -> sample.contender.peer() == to && sample.load.equals(load) && sample.round == round)
                .min(java.util.Comparator.comparing(
                                (Sample sample) -> !sample.contender.namespace().equals(contender.namespace()))
                        .thenComparing(sample -> sample.contender.wire()));
    }

    private List<Sample> of(Contender contender, Load load) {
        return samples.stream()
                .filter(sample -> sample.contender.equals(contender) && sample.load.equals(load))
                .toList();
    }

    static double median(double[] values) {
        double[] sorted = Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static String figure(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }
}
