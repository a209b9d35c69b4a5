package dev.unroll.nn;

/**
 * The scalar sums that accompany a gradient sum: loss and weight in double, counts in long. A mean is
 * {@code lossSum / weightSum}, divided once, at the end. Mutable; NaN and infinity are passed on, not hidden.
 */
public final class LossSum {

    private double lossSum;
    private double weightSum;
    private long sequences;
    private long steps;
    private long terms;
    private long correct;

    public LossSum() {}

    /** All fields, as a serializer reads them. */
    public LossSum(double lossSum, double weightSum, long sequences, long steps, long terms, long correct) {
        this.lossSum = lossSum;
        this.weightSum = weightSum;
        this.sequences = sequences;
        this.steps = steps;
        this.terms = terms;
        this.correct = correct;
    }

    /** Counts one sequence, and adds to the weight. */
    void addSequence(double weight, int length) {
        weightSum += weight;
        sequences++;
        steps += length;
    }

    /** Adds one loss term, already scaled, and its weight. */
    void addTerm(double scaledLoss, double weight, boolean isCorrect) {
        lossSum += scaledLoss;
        weightSum += weight;
        terms++;
        correct += isCorrect ? 1 : 0;
    }

    /** Joins two partial sums: this becomes this + other. */
    public void merge(LossSum other) {
        lossSum += other.lossSum;
        weightSum += other.weightSum;
        sequences += other.sequences;
        steps += other.steps;
        terms += other.terms;
        correct += other.correct;
    }

    /** Sum of scaled losses, in nats. */
    public double lossSum() {
        return lossSum;
    }

    /** What {@link #lossSum} and the gradient sum are divided by. */
    public double weightSum() {
        return weightSum;
    }

    /** Mean loss over weight. */
    public double meanLoss() {
        return lossSum / weightSum;
    }

    public long sequences() {
        return sequences;
    }

    public long steps() {
        return steps;
    }

    /** Number of loss terms: labels that were compared. */
    public long terms() {
        return terms;
    }

    /** Number of loss terms whose most probable class was the label. */
    public long correct() {
        return correct;
    }

    /** Share of loss terms whose most probable class was the label. */
    public double accuracy() {
        return (double) correct / terms;
    }
}
