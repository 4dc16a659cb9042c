package dev.polywire.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;

/** The figures of one peer in one round. */
final class Sample {
    final Contender contender;
    final int subscribers;
    final int round;
    final Map<String, Double> figures = new LinkedHashMap<>();
    final Map<String, Integer> notes = new LinkedHashMap<>();

    Sample(Contender contender, int subscribers, int round) {
        this.contender = contender;
        this.subscribers = subscribers;
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
