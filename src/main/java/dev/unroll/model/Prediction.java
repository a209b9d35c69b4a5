package dev.unroll.model;

import java.util.stream.IntStream;

/**
 * A model's prediction for one sequence, output by output: one for the last state, or one per step in the order of
 * time.
 *
 * @param values (outputs, width): probabilities of the classes, or {@code numbers} as float32
 * @param width C, the classes, or the numbers of one target
 * @param raw (outputs, width): outputs before the softmax or the sigmoids, of {@code loss binary} -o/2 and o/2; for numbers the values
 * @param classes the most probable class of each output, of {@code loss multi-label} among others; without meaning for numbers
 * @param numbers (outputs, width): numbers in the units of the targets, of quantiles the median, of a distribution the mean; empty for classes
 * @param quantiles (outputs, width, levels) in these units, ascending: of the first number all levels, then of the second, ...; of
 *     {@code loss quantile} or of a distribution; empty for another loss
 * @param distribution (outputs, width, parameters) in these units, of the first number all parameters, then of the second, ...: of {@code
 *     loss gaussian} mean and deviation, of {@code student-t} mean, scale and degrees of freedom, of {@code poisson} the mean, of {@code
 *     negative-binomial} mean and dispersion; empty for another loss
 */
public record Prediction(
        float[] values,
        float[] raw,
        int width,
        int[] classes,
        double[] numbers,
        double[] quantiles,
        double[] distribution) {

    /** The labels of an output of {@code loss multi-label}, by their index: those with a sigmoid above 1/2. */
    public IntStream set(int output) {
        return IntStream.range(0, width).filter(c -> raw[output * width + c] > 0);
    }

    /** Number of outputs: 1, or T. */
    public int outputs() {
        return classes.length;
    }
}
