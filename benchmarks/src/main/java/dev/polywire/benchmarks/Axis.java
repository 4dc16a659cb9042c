package dev.polywire.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * The upright axis of a graph: from nought, or logarithmic where the values lie so far apart that most would be squeezed together.
 *
 * @param least what its lower end stands for
 * @param most what its upper end stands for
 * @param logarithmic whether equal distances are equal ratios
 */
record Axis(double least, double most, boolean logarithmic) {
    private static final double FAR_APART = 30;
    private static final int FEW_TICKS = 10;

    /** Returns an axis on which all of these can be drawn; what is no number is left out. */
    static Axis of(DoubleStream values) {
        double[] all = values.filter(value -> !Double.isNaN(value)).sorted().toArray();
        double low = all.length == 0 ? 0 : all[0];
        double high = all.length == 0 ? 1 : all[all.length - 1];
        if (low > 0 && high / low > FAR_APART) {
            return new Axis(stepBelow(low), stepAbove(high), true);
        }
        return new Axis(0, nice(high), false);
    }

    /** Returns how far up the axis a value is, from 0 to 1. */
    double share(double value) {
        double within = Math.min(Math.max(value, least), most);
        return logarithmic ? Math.log(within / least) / Math.log(most / least) : (within - least) / (most - least);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (!logarithmic) {
            for (int i = 0; i <= 4; i++) {
                ticks.add(most * i / 4);
            }
            return ticks;
        }
        for (double tick = least; tick <= most * 1.001; tick = stepAbove(tick * 1.01)) {
            ticks.add(tick);
        }
        if (ticks.size() > FEW_TICKS) {
            ticks.removeIf(tick -> Math.abs(Math.log10(tick) - Math.rint(Math.log10(tick))) > 0.001);
        }
        return ticks;
    }

    private static double power(double value) {
        return Math.pow(10, Math.floor(Math.log10(value) + 1e-9));
    }

    private static double stepAbove(double value) {
        double power = power(value);
        for (double step : new double[] {1, 2, 5}) {
            if (value <= step * power * 1.001) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static double stepBelow(double value) {
        double power = power(value);
        return value >= 5 * power ? 5 * power : value >= 2 * power ? 2 * power : power;
    }

    private static double nice(double value) {
        if (value <= 0) {
            return 1;
        }
        double power = power(value);
        for (double step : new double[] {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8}) {
            if (value <= step * power) {
                return step * power;
            }
        }
        return 10 * power;
    }

    /** Returns a value as it is written beside the axis. */
    static String label(double value) {
        if (value >= 1_000_000) {
            return withoutZeros(String.format(Locale.ROOT, "%.2f", value / 1e6)) + " M";
        }
        if (value >= 100 || Math.abs(value - Math.rint(value)) < 1e-9) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        String text = String.format(Locale.ROOT, value < 1 ? "%.3f" : value < 10 ? "%.2f" : "%.1f", value);
        return withoutZeros(text);
    }

    /** Takes the noughts from the end of a text that has a point. */
    private static String withoutZeros(String text) {
        return text.replaceAll("\\.?0+$", "");
    }
}
