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

    /** What attributions leave of the difference between score and that of the baseline: 0 if they are complete. */
    public double remainder() {
        return score - baselineScore - sum();
    }
}
