package dev.unroll.nn;

/** What the loss is a mean over. */
public enum LossReduction {
    /** Sum of l over all loss terms, divided by their number (the default). */
    STEP,
    /** Equation (1): per sequence 1/T times the sum of its l, then the mean over sequences. */
    SEQUENCE;

    /** The weight that divides in the end, contributed by one sequence with that many loss terms. */
    public double weight(double sequenceWeight, int terms) {
        return this == STEP ? sequenceWeight * terms : sequenceWeight;
    }

    /** The factor of each l of one sequence with that many loss terms. */
    public double scale(double sequenceWeight, int terms) {
        return this == STEP ? sequenceWeight : sequenceWeight / terms;
    }
}
