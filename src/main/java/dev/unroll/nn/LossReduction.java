package dev.unroll.nn;

/** What the loss is a mean over. The weight of a sequence's loss terms is their number, where each weighs 1. */
public enum LossReduction {
    /** Sum of l over all loss terms, divided by their weight (the default). */
    STEP,
    /** Equation (1): per sequence the sum of its l over their weight, 1/T, then the mean over sequences. */
    SEQUENCE;

    /** The weight that divides in the end, contributed by one sequence whose loss terms weigh that together. */
    public double weight(double sequenceWeight, double terms) {
        return this == STEP ? sequenceWeight * terms : sequenceWeight;
    }

    /**
     * The factor of an l.
     *
     * @param weight of the sequence times that of the term
     * @param terms what the loss terms of the sequence weigh together
     */
    public double scale(double weight, double terms) {
        return this == STEP ? weight : weight / terms;
    }
}
