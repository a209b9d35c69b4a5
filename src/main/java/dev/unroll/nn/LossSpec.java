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

    /** Counts one sequence, and adds what its loss terms weigh together, unless they differ by class. */
    void addSequence(float weight, int terms, int length, LossSum sum) {
        sum.addSequence(weighsTerms() ? 0 : reduction.weight(weight, terms), length);
    }

    /**
     * Adds one loss term to the sum.
     *
     * @param weight of the sequence times that of the class
     * @param terms loss terms of the sequence
     * @return the factor of the term's gradient
     */
    float addTerm(double l, float weight, int terms, boolean correct, LossSum sum) {
        double scale = reduction.scale(weight, terms);
        sum.addTerm(scale * l, weighsTerms() ? weight : 0, correct);
        return (float) scale;
    }

    /** By step, a mean is over what the terms weigh; by sequence, over what the sequences weigh. */
    private boolean weighsTerms() {
        return reduction == LossReduction.STEP && classWeights.length > 0;
    }
}
