package dev.polywire.benchmarks;

import dev.polywire.benchmarks.load.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Turns samples into a Markdown table: medians over the rounds, and medians of each round's ratios. */
final class Table {
    private final List<Sample> samples;

    Table(List<Sample> samples) {
        this.samples = samples;
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

    double median(Contender peer, int subscribers, String figure) {
        return median(of(peer, subscribers).stream()
                .mapToDouble(sample -> sample.get(figure))
                .toArray());
    }

    double sum(Contender peer, int subscribers, String figure) {
        return of(peer, subscribers).stream()
                .mapToDouble(sample -> sample.get(figure))
                .sum();
    }

    /** Returns the median of what a peer's figure is to another's in the same round. */
    double ratio(Contender peer, Peer to, int subscribers, String figure) {
        List<Double> ratios = new ArrayList<>();
        for (Sample sample : of(peer, subscribers)) {
            for (Sample other : samples) {
                // The limit is the one over WebSocket, where both were measured.
                if (other.contender.peer() == to
                        && other.contender.wire() == reference(to)
                        && other.subscribers == subscribers
                        && other.round == sample.round) {
                    ratios.add(sample.get(figure) / other.get(figure));
                }
            }
        }
        return median(ratios.stream().mapToDouble(ratio -> ratio).toArray());
    }

    private Wire reference(Peer to) {
        Wire found = Wire.WEBSOCKET;
        for (Sample sample : samples) {
            if (sample.contender.peer() == to) {
                found = sample.contender.wire();
                if (found == Wire.WEBSOCKET) {
                    break;
                }
            }
        }
        return found;
    }

    List<Sample> of(Contender peer, int subscribers) {
        return samples.stream()
                .filter(sample -> sample.contender.equals(peer) && sample.subscribers == subscribers)
                .toList();
    }

    String publishing(List<Contender> peers, List<Integer> counts) {
        StringBuilder text = new StringBuilder(
                "| server | subscribers | deliveries/s | CPU µs per message | × C | × raw Vert.x | p50 ms | p99 ms | max ms"
                        + " | allocated B per message | lost | repeated | reordered | disconnected | RSS MiB |\n"
                        + "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        for (int count : counts) {
            for (Contender peer : peers) {
                if (of(peer, count).isEmpty()) {
                    continue;
                }
                String[] cells = {
                    peer.title(),
                    Integer.toString(count),
                    figure("%,.0f", median(peer, count, "delivered")),
                    figure("%.2f", median(peer, count, "cpu")),
                    figure("%.2f", ratio(peer, Peer.C, count, "cpu")),
                    figure("%.2f", ratio(peer, Peer.VERTX, count, "cpu")),
                    figure("%.1f", median(peer, count, "p50")),
                    figure("%.1f", median(peer, count, "p99")),
                    figure("%.0f", median(peer, count, "max")),
                    figure("%.0f", median(peer, count, "allocated")),
                    figure("%.0f", sum(peer, count, "lost")),
                    figure("%.0f", sum(peer, count, "repeated")),
                    figure("%.0f", sum(peer, count, "reordered")),
                    figure("%.0f", sum(peer, count, "disconnected")),
                    figure("%.0f", median(peer, count, "resident") / (1 << 20))
                };
                text.append("| ").append(String.join(" | ", cells)).append(" |\n");
            }
        }
        return text.toString();
    }

    static String figure(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }
}
