package dev.unroll.nn;

import dev.unroll.data.Standardization;
import dev.unroll.distribution.Distribution;
import java.util.Arrays;
import java.util.List;

/**
 * What the outputs of a row say of the numbers of its target, in the units of the data: the home of how outputs become
 * predictions of numbers.
 *
 * @param loss of numbers, whose outputs they are
 * @param targets M, numbers of a target
 */
public record Readout(Loss loss, int targets) {

    public Readout(HeadSpec head) {
        this(head.loss(), head.targetWidth());
    }

    /** C, outputs of a row: K of the first number, then K of the second, ... */
    public int width() {
        return targets * loss.outputsPerTarget();
    }

    /**
     * The levels of the quantiles of each number; empty where there are none.
     *
     * @param asked those of a distribution, which has any
     */
    public List<Double> levels(List<Double> asked) {
        return switch (loss.link()) {
            case SOFTMAX, SEQUENCE, SIGMOID, SIGMOIDS, IDENTITY -> List.of();
            case QUANTILES -> ((Loss.Quantile) loss).levels();
            case DISTRIBUTION -> asked;
        };
    }

    /** Whether all that outputs become are the parameters of distributions, and not predictions alone. */
    public boolean hasDistribution() {
        return loss.link() == Loss.Link.DISTRIBUTION;
    }

    /**
     * What outputs of a row become: a number for each.
     *
     * @param outputs those of the row from {@code at} on
     * @param units of the targets
     * @param numbers takes them, (C)
     */
    public void read(float[] outputs, int at, Standardization units, double[] numbers) {
        int own = loss.outputsPerTarget();
        switch (loss.link()) {
            case SOFTMAX, SEQUENCE, SIGMOID, SIGMOIDS ->
                throw new IllegalStateException("loss " + loss.key() + " is of classes");
            case IDENTITY -> undo(outputs, at, units, numbers);
            case QUANTILES -> {
                undo(outputs, at, units, numbers);
                for (int first = 0; first < numbers.length; first += own) {
                    Arrays.sort(numbers, first, first + own); // a rearrangement, so that none crosses another
                }
            }
            case DISTRIBUTION -> {
                List<Likelihood.Parameter> parameters = ((Likelihood) loss).parameters();
                for (int c = 0; c < numbers.length; c++) {
                    numbers[c] = parameters.get(c % own).form().of(outputs[at + c], units, c / own);
                }
            }
        }
    }

    private void undo(float[] outputs, int at, Standardization units, double[] numbers) {
        for (int c = 0; c < numbers.length; c++) {
            numbers[c] = units.undo(outputs[at + c], c / loss.outputsPerTarget());
        }
    }

    /**
     * The quantiles of all numbers of the target, of all that {@link #read} found.
     *
     * @param asked as of {@link #levels}
     * @return (M, levels), ascending for each number
     */
    public double[] quantiles(double[] numbers, List<Double> asked) {
        if (!hasDistribution()) {
            return levels(asked).isEmpty() ? new double[0] : numbers.clone();
        }
        double[] quantiles = new double[targets * asked.size()];
        for (int i = 0; i < quantiles.length; i++) {
            quantiles[i] = distribution(numbers, i / asked.size()).quantile(asked.get(i % asked.size()));
        }
        return quantiles;
    }

    /** The distribution of a number of the target, of all that {@link #read} found, or of its parameters alone. */
    public Distribution distribution(double[] numbers, int target) {
        return ((Likelihood) loss).distribution(numbers, target * loss.outputsPerTarget());
    }

    /** The prediction of a number of the target, of all that {@link #read} found. */
    public double prediction(double[] numbers, int target) {
        return numbers[target * loss.outputsPerTarget() + loss.point()];
    }

    /**
     * The prediction of a number of the target as a function of one output: of quantiles that of the level nearest to 1/2,
     * whether or not another crosses it.
     *
     * @param outputs those of the row from {@code at} on
     */
    public double prediction(float[] outputs, int at, Standardization units, int target) {
        float o = outputs[at + output(target)];
        return hasDistribution() ? form().of(o, units, target) : units.undo(o, target);
    }

    /** The derivative of {@link #prediction(float[], int, Standardization, int)} in its {@link #output}. */
    public double slope(float[] outputs, int at, Standardization units, int target) {
        float o = outputs[at + output(target)];
        return hasDistribution() ? form().slope(o, units, target) : units.deviation(target);
    }

    /** Which output of a row the prediction of a number of the target is made of. */
    public int output(int target) {
        return target * loss.outputsPerTarget() + loss.point();
    }

    private Likelihood.Form form() {
        return ((Likelihood) loss).parameters().get(loss.point()).form();
    }
}
