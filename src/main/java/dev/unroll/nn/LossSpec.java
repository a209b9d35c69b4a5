package dev.unroll.nn;

import java.io.Serializable;

/**
 * How loss terms are weighted and what the loss is a mean over: L = sum scale l / weightSum.
 *
 * @param classWeights the weight of a term by its label, (C); empty for all 1
 */
public record LossSpec(LossReduction reduction, float[] classWeights) implements Serializable {

    /** All classes weigh the same. */
    public LossSpec(LossReduction reduction) {
        this(reduction, new float[0]);
    }

    float classWeight(int label) {
        return classWeights.length == 0 ? 1f : classWeights[label];
    }

    /** Counts one sequence; for the reduction by sequence its weight is what the sum is divided by. */
    void addSequence(float weight, int length, LossSum sum) {
        sum.addSequence(reduction == LossReduction.SEQUENCE ? weight : 0, length);
    }

    /**
     * Adds one loss term to the sum; for the reduction by step its weight is what the sum is divided by.
     *
     * @param weight of the sequence times that of the class
     * @param terms loss terms of the sequence
     * @return the factor of the term's gradient
     */
    float addTerm(double l, float weight, int terms, boolean correct, LossSum sum) {
        double scale = reduction.scale(weight, terms);
        sum.addTerm(scale * l, reduction == LossReduction.STEP ? weight : 0, correct);
        return (float) scale;
    }
}
