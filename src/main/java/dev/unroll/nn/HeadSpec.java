package dev.unroll.nn;

import java.io.Serializable;

/**
 * What reads the states: a linear map and a loss.
 *
 * @param outputs C: classes, or the outputs of all numbers of one target
 * @param pooling which states it reads
 * @param tied whether W_qh is the embedding (Press and Wolf 2017), so that both have one gradient
 */
public record HeadSpec(Loss loss, int outputs, Pooling pooling, boolean tied) implements Serializable {

    /** @throws IllegalArgumentException for a size out of range, or a loss of all steps where one vector is read */
    public HeadSpec {
        if (pooling != Pooling.EVERY && loss.joinsSteps()) {
            throw new IllegalArgumentException("loss crf is of the labels of all steps together; it goes with a"
                    + " label for every step, and not with one for the whole sequence");
        }
        if (outputs < 1) {
            throw new IllegalArgumentException("outputs is " + outputs + "; allowed is at least 1");
        }
        if (loss instanceof BinaryLoss && outputs != 1) {
            throw new IllegalArgumentException("outputs is " + outputs + ", and loss binary has 1");
        }
        if (outputs % loss.outputsPerTarget() != 0) {
            throw new IllegalArgumentException("outputs is " + outputs + ", and loss " + loss.key() + " has "
                    + loss.outputsPerTarget() + " for each number; allowed is a multiple of that");
        }
    }

    /** Of every state, or of the last one, with weights of its own. */
    public HeadSpec(Loss loss, int outputs, boolean everyStep) {
        this(loss, outputs, Pooling.of(everyStep), false);
    }

    /** A softmax over that many classes. */
    public HeadSpec(int classes, boolean everyStep) {
        this(new Loss.CrossEntropy(), classes, everyStep);
    }

    /** With the outputs that the loss has for so many numbers of one target. */
    public static HeadSpec ofTargets(Loss loss, int numbers, boolean everyStep) {
        return new HeadSpec(loss, numbers * loss.outputsPerTarget(), everyStep);
    }

    /** The same with that pooling. */
    public HeadSpec with(Pooling other) {
        return new HeadSpec(loss, outputs, other, tied);
    }

    /** Whether every step has a loss term; otherwise the whole sequence has one. */
    public boolean everyStep() {
        return pooling == Pooling.EVERY;
    }

    /**
     * With the outputs that the loss has for so many labels.
     *
     * @throws IllegalArgumentException if the loss is of two labels and there are more or fewer
     */
    public static HeadSpec ofLabels(Loss loss, int labels, boolean everyStep) {
        if (loss instanceof BinaryLoss && labels != 2) {
            throw new IllegalArgumentException("loss binary is of 2 labels, and there are " + labels
                    + "; allowed is loss softmax, or multi-label where labels do not exclude each other");
        }
        return new HeadSpec(loss, loss instanceof BinaryLoss ? 1 : labels, everyStep);
    }

    /** How many labels the outputs are of; without meaning where y is numbers. */
    public int labels() {
        return loss.labels(outputs);
    }

    /** M, numbers of one target; 0 where y is a label. */
    public int targetWidth() {
        return loss.scoresClasses() ? 0 : outputs / loss.outputsPerTarget();
    }

    /** Whether the states of all steps are read, one by one or pooled; otherwise the last ones. */
    public boolean readsEveryState() {
        return pooling != Pooling.LAST;
    }

    /** As the fingerprints of checkpoints have it, those of before there was pooling included. */
    @Override
    public String toString() {
        String pooled = pooling.joinsSteps() ? ", pooling=" + pooling : "";
        return "HeadSpec[loss=" + loss + ", outputs=" + outputs + ", everyStep=" + everyStep() + ", tied=" + tied
                + pooled + "]";
    }
}
