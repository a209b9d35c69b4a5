package dev.unroll.model;

/**
 * A model's prediction for one sequence, output by output: one for the last state, or one per step in the order of
 * time.
 *
 * @param values (outputs, width): probabilities of the classes, or {@code numbers} as float32
 * @param width C, the classes, or the numbers of one target
 * @param raw (outputs, width): outputs before the softmax; for numbers the values
 * @param classes the most probable class of each output; without meaning for numbers
 * @param numbers (outputs, width): numbers in the units of the targets, of quantiles the median; empty for classes
 * @param quantiles (outputs, width, levels) in these units, ascending: of the first number all levels, then of the second, ...;
 *     empty where the model was not trained with {@code loss quantile}
 */
public record Prediction(float[] values, float[] raw, int width, int[] classes, double[] numbers, double[] quantiles) {

    /** Number of outputs: 1, or T. */
    public int outputs() {
        return classes.length;
    }
}
