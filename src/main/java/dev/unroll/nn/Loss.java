package dev.unroll.nn;

import dev.unroll.param.Keyed;
import java.io.Serializable;

/**
 * l of equation (1), and what the outputs of a head mean: this is the home of both. What the packages above decide by it
 * is a switch over {@link Kind} or {@link Link}, so that the compiler finds every place that a new loss has no answer at.
 */
public sealed interface Loss extends Serializable {

    /** All losses. */
    enum Kind implements Keyed {
        CROSS_ENTROPY("softmax"),
        SQUARED_ERROR("squared");

        private final String setting;

        Kind(String setting) {
            this.setting = setting;
        }

        /** What users call it; files have the {@link #key}. */
        public String setting() {
            return setting;
        }

        private Loss loss() {
            return switch (this) {
                case CROSS_ENTROPY -> new CrossEntropy();
                case SQUARED_ERROR -> new SquaredError();
            };
        }
    }

    /** How outputs become predictions. */
    enum Link {
        /** The softmax of the outputs: the probability of each class. */
        SOFTMAX,
        /** The outputs themselves, of which each is a number of the target, as it was scaled. */
        IDENTITY
    }

    Kind kind();

    Link link();

    /** What outputs are, in a few words. */
    String describe(int outputs);

    /** The name in files, from which {@link #of} makes the loss. */
    default String key() {
        return kind().key();
    }

    /** Whether outputs are scores of classes and y is a label; otherwise y is numbers. */
    default boolean scoresClasses() {
        return link() == Link.SOFTMAX;
    }

    /** @throws IllegalArgumentException for an unknown name, naming what is allowed */
    static Loss of(String key) {
        return Keyed.of(Kind.class, "loss", key).loss();
    }

    /** Cross-entropy of the softmax over outputs and a label, in nats: l = log sum_c e^{o_c} - o_y. */
    record CrossEntropy() implements Loss {

        @Override
        public Kind kind() {
            return Kind.CROSS_ENTROPY;
        }

        @Override
        public Link link() {
            return Link.SOFTMAX;
        }

        @Override
        public String describe(int outputs) {
            return "softmax over " + outputs + " classes";
        }

        /** As the fingerprints of checkpoints have it. */
        @Override
        public String toString() {
            return kind().name();
        }
    }

    /** A loss whose y is numbers to hit: the mean over outputs of what each is away from its number. */
    sealed interface TargetLoss extends Loss {

        /**
         * One loss term: l, and l' in place of the outputs. Differences o - y are those of float32; l is summed over outputs in
         * ascending order, in double.
         *
         * @param o outputs, from {@code at} on
         * @param outputs C
         * @param y numbers of targets, those of this one from {@code yAt} on
         */
        double term(float[] o, int at, int outputs, float[] y, int yAt);

        @Override
        default Link link() {
            return Link.IDENTITY;
        }
    }

    /** Squared error, without a factor 1/2: l = 1/C sum_c (o_c - y_c)^2. */
    record SquaredError() implements TargetLoss {

        @Override
        public Kind kind() {
            return Kind.SQUARED_ERROR;
        }

        @Override
        public String describe(int outputs) {
            return "squared error of " + outputs + (outputs == 1 ? " number" : " numbers");
        }

        /** l' = 2/C (o - y). */
        @Override
        public double term(float[] o, int at, int outputs, float[] y, int yAt) {
            double sum = 0;
            float slope = 2f / outputs;
            for (int c = 0; c < outputs; c++) {
                float difference = o[at + c] - y[yAt + c];
                sum += (double) difference * difference;
                o[at + c] = slope * difference;
            }
            return sum / outputs;
        }

        /** As the fingerprints of checkpoints have it. */
        @Override
        public String toString() {
            return kind().name();
        }
    }
}
