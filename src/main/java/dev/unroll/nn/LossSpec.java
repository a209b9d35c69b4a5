package dev.unroll.nn;

import dev.unroll.data.Standardization;
import java.io.Serializable;

/**
 * How loss terms are weighted and what the loss is a mean over: L = sum scale l / weightSum; and how sure a label is.
 *
 * <p>With label smoothing (Szegedy et al. 2016, Rethinking the Inception architecture for computer vision) l is cross-entropy with a
 * distribution q in place of the label: q has 1 - eps at the label and eps / C at every class besides.
 *
 * @param classWeights the weight of a term by its label, (C); empty for all 1
 * @param labelSmoothing eps, of a softmax; 0 for labels as they are
 * @param levels by which the numbers of a target were divided, where each sequence has none of its own: (M), or one of all
 */
public record LossSpec(LossReduction reduction, float[] classWeights, double labelSmoothing, double[] levels)
        implements Serializable {

    /** @throws IllegalArgumentException for a smoothing out of range */
    public LossSpec {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException(
                    "label-smoothing is " + labelSmoothing + "; allowed is from 0 to below 1");
        }
    }

    /** Of labels as they are, and of targets that were not scaled. */
    public LossSpec(LossReduction reduction, float[] classWeights) {
        this(reduction, classWeights, 0, new double[] {1});
    }

    /** All classes weigh the same. */
    public LossSpec(LossReduction reduction) {
        this(reduction, new float[0]);
    }

    /** The same of targets that were scaled so. */
    public LossSpec of(Standardization targets) {
        return targets.means().length == 0
                ? this
                : new LossSpec(reduction, classWeights, labelSmoothing, targets.deviations());
    }

    /** The same with that label smoothing. */
    public LossSpec withLabelSmoothing(double other) {
        return new LossSpec(reduction, classWeights, other, levels);
    }

    float classWeight(int label) {
        return classWeights.length == 0 ? 1f : classWeights[label];
    }

    /** Counts one sequence, whose loss terms weigh {@code terms} together, and adds the weight of all its loss terms, unless terms weigh differently by class. */
    void addSequence(float weight, double terms, int length, LossSum sum) {
        sum.addSequence(weighsClasses() ? 0 : reduction.weight(weight, terms), length);
    }

    /**
     * Adds one loss term to the sum.
     *
     * @param weight of the sequence times those of the term and of the class
     * @param terms what the loss terms of the sequence weigh together
     * @return the factor of the term's gradient
     */
    float addTerm(double l, float weight, double terms, boolean correct, LossSum sum) {
        double scale = reduction.scale(weight, terms);
        sum.addTerm(scale * l, weighsClasses() ? weight : 0, correct);
        return (float) scale;
    }

    /** The mean by step is over the weights of terms; by sequence, over the weights of sequences. */
    private boolean weighsClasses() {
        return reduction == LossReduction.STEP && classWeights.length > 0;
    }
}
