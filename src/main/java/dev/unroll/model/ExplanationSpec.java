package dev.unroll.model;

import dev.unroll.data.Labels;
import dev.unroll.param.Keyed;
import java.io.Serializable;
import java.math.BigDecimal;

/**
 * What of a prediction is explained, and how.
 *
 * @param steps gradients on the way from the baseline to the input, at most: integrated gradients take as few as make them
 *     complete, often 8. Forward passes without a gradient do not count
 * @param label the class whose score is explained, as the labels of the model have it, or a token of a language model;
 *     null for the class that is predicted
 * @param output which of the predictions of a sequence is explained, counted from 0, or from -1 for the last one backwards;
 *     null for the sum of all
 * @param target which number of a target is explained, counted from 0; null for the sum of all
 */
public record ExplanationSpec(Method method, Baseline baseline, int steps, String label, Integer output, Integer target)
        implements Serializable {

    /** How a score is attributed to inputs. */
    public enum Method implements Keyed {
        /** The mean gradient on the straight way from baseline to input, times their difference (Sundararajan et al. 2017). */
        INTEGRATED_GRADIENTS,
        /** The gradient at the input, times its difference from the baseline (Shrikumar et al. 2016). */
        GRADIENT_TIMES_INPUT
    }

    /** What a prediction is compared with. */
    public enum Baseline implements Keyed {
        /** 0 for every number that the first layer reads: no token, and of scaled numbers their mean. */
        ZERO,
        /** The unknown token, or category, at every step; numbers are 0. */
        UNKNOWN
    }

    /** The least of {@link #steps}. */
    static final int LEAST_STEPS = 8;

    private static final int MOST_STEPS = 1 << 20;

    /** Integrated gradients of all predictions, from zero. */
    public static final ExplanationSpec DEFAULT =
            new ExplanationSpec(Method.INTEGRATED_GRADIENTS, Baseline.ZERO, 1 << 14, null, null, null);

    /** @throws IllegalArgumentException for a number out of range */
    public ExplanationSpec {
        if (steps < LEAST_STEPS || steps > MOST_STEPS) {
            throw new IllegalArgumentException(
                    "steps is " + steps + "; allowed is at least " + LEAST_STEPS + " and at most " + MOST_STEPS);
        }
        if (target != null && target < 0) {
            throw new IllegalArgumentException("target is " + target + "; allowed is at least 0");
        }
    }

    /** By the method of that key. */
    public ExplanationSpec withMethod(String key) {
        return new ExplanationSpec(Keyed.of(Method.class, "method", key), baseline, steps, label, output, target);
    }

    /** From the baseline of that key. */
    public ExplanationSpec withBaseline(String key) {
        return new ExplanationSpec(method, Keyed.of(Baseline.class, "baseline", key), steps, label, output, target);
    }

    /** With so many gradients at most. */
    public ExplanationSpec withSteps(int most) {
        return new ExplanationSpec(method, baseline, most, label, output, target);
    }

    /** Of the score of that class. */
    public ExplanationSpec withLabel(String of) {
        return new ExplanationSpec(method, baseline, steps, of, output, target);
    }

    /** Of the score of a class whose label is a number. */
    public ExplanationSpec withLabel(Number of) {
        return withLabel(new BigDecimal(Labels.canonical(of)).toPlainString());
    }

    /** Of one prediction of those of a sequence. */
    public ExplanationSpec withOutput(int index) {
        return new ExplanationSpec(method, baseline, steps, label, index, target);
    }

    /** Of one number of a target. */
    public ExplanationSpec withTarget(int index) {
        return new ExplanationSpec(method, baseline, steps, label, output, index);
    }

    /** Whether there is the {@link #output} among so many. */
    public boolean isAmong(int outputs) {
        return output == null || (output >= -outputs && output < outputs);
    }
}
