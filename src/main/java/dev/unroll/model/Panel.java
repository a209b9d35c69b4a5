package dev.unroll.model;

import java.util.List;

/**
 * A panel of the way from a baseline, at 0, to an input, at 1.
 *
 * @param error what its attributions leave of the difference of its scores
 * @param part its attributions, as if it led from a baseline at its beginning to an input at its end; null if there is no
 *     memory for them
 */
record Panel(double from, double to, double fromScore, double toScore, double error, Explanation part) {

    /** Without attributions. */
    Panel(double from, double to, double fromScore, double toScore) {
        this(from, to, fromScore, toScore, Double.NaN, null);
    }

    /** With attributions, kept or not. */
    Panel with(Explanation attributions, boolean keep) {
        double left = Math.abs(attributions.remainder());
        return new Panel(from, to, fromScore, toScore, left, keep ? attributions : null);
    }

    /** What all of them leave. */
    static double errors(List<Panel> panels) {
        return panels.stream().mapToDouble(Panel::error).sum();
    }

    /** What the one leaves that leaves most. */
    static double largest(List<Panel> panels) {
        return panels.stream().mapToDouble(Panel::error).max().orElseThrow();
    }

    double width() {
        return to - from;
    }

    /** The place that is a share of the panel behind its beginning. */
    double place(double share) {
        return from + share * width();
    }
}
