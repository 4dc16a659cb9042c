package dev.polywire.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/** The figures of one server in one round. */
final class Sample {
    final Contender contender;
    final Load load;
    final int round;
    final Map<String, Double> figures = new LinkedHashMap<>();

    /** What should not have happened, and how often it did. */
    final Map<String, Integer> notes = new LinkedHashMap<>();

    Sample(Contender contender, Load load, int round) {
        this.contender = contender;
        this.load = load;
        this.round = round;
    }

    Sample put(String figure, double value) {
        figures.put(figure, value);
        return this;
    }

    double get(String figure) {
        return figures.getOrDefault(figure, Double.NaN);
    }
}
