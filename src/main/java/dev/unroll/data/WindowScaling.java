package dev.unroll.data;

import java.util.Arrays;

/**
 * Means and standard deviations of one sequence: of each number of a step over the steps of the sequence.
 *
 * <p>m = sum x / n and d = sqrt(sum (x - m)^2 / n), both in double, in the order of time. A number that changes by
 * less than 1e-10 of its level (d^2 &lt;= 1e-20 m^2) is measured in its own size: d = |m|, and d = 1 where m is 0 too. A NaN is a missing number: it
 * counts for nothing, and stays one.
 */
final class WindowScaling {

    /** What is left of a constant is rounding: below this share of the squared mean it is no variation. */
    private static final double CONSTANT = 1e-20;

    private WindowScaling() {}

    /**
     * The scaling of a sequence's steps.
     *
     * @param values (T, width), as the data have them
     * @param scaled how many of the first numbers of a step are scaled; the others keep mean 0 and deviation 1
     */
    static Standardization of(double[] values, int width, int scaled) {
        double[] means = new double[width];
        double[] deviations = new double[width];
        Arrays.fill(deviations, 1);
        for (int j = 0; j < scaled; j++) {
            means[j] = mean(values, width, j);
            deviations[j] = deviation(values, width, j, means[j]);
        }
        return new Standardization(means, deviations, true);
    }

    private static double mean(double[] values, int width, int j) {
        double sum = 0;
        int count = 0;
        for (int i = j; i < values.length; i += width) {
            if (!Double.isNaN(values[i])) {
                sum += values[i];
                count++;
            }
        }
        return count == 0 ? 0 : sum / count;
    }

    private static double deviation(double[] values, int width, int j, double mean) {
        double sum = 0;
        int count = 0;
        for (int i = j; i < values.length; i += width) {
            if (!Double.isNaN(values[i])) {
                double centred = values[i] - mean;
                sum += centred * centred;
                count++;
            }
        }
        return deviation(count == 0 ? 0 : sum / count, mean);
    }

    /** The deviation of a number of that variance. */
    static double deviation(double variance, double mean) {
        if (variance > CONSTANT * mean * mean) {
            return Math.sqrt(variance);
        }
        return mean == 0 ? 1 : Math.abs(mean);
    }
}
