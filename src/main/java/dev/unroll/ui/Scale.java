package dev.unroll.ui;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * Numbers to places along an axis.
 *
 * @param from the number at {@code start}
 * @param to the number at {@code end}, above {@code from}
 * @param log whether equal ratios are equally long
 */
record Scale(double from, double to, double start, double end, boolean log) {

    private static final int TICKS = 5;
    private static final double SAME = 1e-9;

    /** One on which all finite values have room. */
    static Scale of(DoubleStream values, double start, double end) {
        double[] finite = values.filter(Double::isFinite).toArray();
        double from = DoubleStream.of(finite).min().orElse(0);
        double to = DoubleStream.of(finite).max().orElse(1);
        double size = Math.max(Math.abs(from), Math.abs(to));
        // Numbers that differ in their last bits alone are one: between them there are no round ones.
        double room = to - from > Math.max(SAME * size, Double.MIN_NORMAL) ? 0 : Math.max(size / 2, SAME);
        return new Scale(from - room, to + room, start, end, false);
    }

    /** One from 0 on. */
    static Scale fromZero(DoubleStream values, double start, double end) {
        double to = values.filter(v -> Double.isFinite(v) && v > 0).max().orElse(1);
        return new Scale(0, to, start, end, false);
    }

    /** One of ratios, on which all values above 0 have room. */
    static Scale log(DoubleStream values, double start, double end) {
        double[] finite = values.filter(v -> Double.isFinite(v) && v > 0).toArray();
        double from = DoubleStream.of(finite).min().orElse(1);
        double to = DoubleStream.of(finite).max().orElse(10);
        // Within the range in which ratios are numbers.
        double low = Math.max(from, 2 * Double.MIN_NORMAL) / 1.1;
        double high = Math.min(Math.max(to, 1.1 * low) * 1.1, Double.MAX_VALUE);
        return new Scale(low, high, start, end, true);
    }

    double at(double value) {
        double part = log
                ? (Math.log(value) - Math.log(from)) / (Math.log(to) - Math.log(from))
                : (value / 2 - from / 2) / (to / 2 - from / 2); // halves, since a difference may overflow
        return start + part * (end - start);
    }

    /** Round numbers to write at the axis. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (log && to / from > 30) {
            double decades = Math.log10(to) - Math.log10(from);
            int every = (int) Math.ceil(decades / TICKS);
            int first = (int) Math.ceil(Math.log10(from));
            for (int k = 0; k <= TICKS && Math.pow(10, first + k * every) <= to; k++) {
                ticks.add(Math.pow(10, first + k * every));
            }
            return ticks;
        }
        double step = step((to - from) / TICKS);
        double first = Math.ceil(from / step);
        for (int k = 0; k <= 2 * TICKS && (first + k) * step <= to; k++) {
            ticks.add((first + k) * step);
        }
        return ticks;
    }

    /** 1, 2 or 5 times a power of ten, not below. */
    private static double step(double least) {
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        double times = least / power;
        return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
    }

    /** A number in few characters. */
    static String text(double value) {
        double size = Math.abs(value);
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        if (size >= 1e7 || (size > 0 && size < 1e-3)) {
            return String.format(Locale.ROOT, "%.2e", value)
                    .replace(".00e", "e")
                    .replace("e-0", "e-")
                    .replace("e+0", "e");
        }
        String text =
                size >= 1e3 ? String.format(Locale.ROOT, "%,.0f", value) : String.format(Locale.ROOT, "%.4f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }
}
