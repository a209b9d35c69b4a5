package dev.unroll.model;

/**
 * How much each step and column of a sequence has contributed to a score.
 *
 * @param score what is explained: the output of a class before softmax or sigmoid, or a number in the units of the target;
 *     or the sum of several
 * @param baselineScore that of the baseline
 * @param label the class; null for numbers, and where predictions of several classes are added up
 * @param columns attributions by column and step, (K)(T)
 * @param statics attributions by column of the whole sequence
 */
public record Explanation(double score, double baselineScore, String label, double[][] columns, double[] statics) {

    /** The attributions of each step, all its columns together, (T). */
    public double[] steps() {
        double[] sums = new double[columns[0].length];
        for (double[] column : columns) {
            for (int t = 0; t < sums.length; t++) {
                sums[t] += column[t];
            }
        }
        return sums;
    }

    /** All attributions together. */
    public double sum() {
        double sum = 0;
        for (double step : steps()) {
            sum += step;
        }
        for (double whole : statics) {
            sum += whole;
        }
        return sum;
    }

    /** The sizes of all attributions together. */
    double magnitude() {
        double sum = 0;
        for (double[] column : columns) {
            for (double attribution : column) {
                sum += Math.abs(attribution);
            }
        }
        for (double whole : statics) {
            sum += Math.abs(whole);
        }
        return sum;
    }

    /** Adds a multiple of another's attributions. */
    void add(double multiple, Explanation other) {
        for (int k = 0; k < columns.length; k++) {
            for (int t = 0; t < columns[k].length; t++) {
                columns[k][t] += multiple * other.columns[k][t];
            }
        }
        for (int k = 0; k < statics.length; k++) {
            statics[k] += multiple * other.statics[k];
        }
    }

    /** What attributions leave of the difference between score and that of the baseline: 0 if they are complete. */
    public double remainder() {
        return score - baselineScore - sum();
    }
}
