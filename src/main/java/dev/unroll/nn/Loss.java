package dev.unroll.nn;

import dev.unroll.param.Keyed;
import java.io.Serializable;
import java.util.List;

/**
 * l of equation (1), and what the outputs of a head mean: this is the home of both. What the packages above decide by it
 * is a switch over {@link Kind} or {@link Link}, so that the compiler finds every place that a new loss has no answer at.
 */
public sealed interface Loss extends Serializable
        permits Loss.CrossEntropy, Loss.Crf, BinaryLoss, MultiLabelLoss, Loss.TargetLoss {

    /** All losses. */
    enum Kind implements Keyed {
        CROSS_ENTROPY("softmax", "cross-entropy"),
        BINARY("binary", "cross-entropy of the sigmoid"),
        MULTI_LABEL("multi-label", "cross-entropy of sigmoids"),
        CRF("crf", "cross-entropy of label sequences"),
        SQUARED_ERROR("squared", "squared error"),
        ABSOLUTE("absolute", "absolute error"),
        HUBER("huber", "Huber's loss"),
        QUANTILE("quantile", "pinball loss"),
        GAUSSIAN("gaussian", "Gaussian likelihood"),
        STUDENT_T("student-t", "likelihood of Student's t"),
        POISSON("poisson", "Poisson likelihood"),
        NEGATIVE_BINOMIAL("negative-binomial", "negative binomial likelihood");

        private final String setting;
        private final String words;

        Kind(String setting, String words) {
            this.setting = setting;
            this.words = words;
        }

        /** What users call it; files have the {@link #key}. */
        public String setting() {
            return setting;
        }

        /** Whether the first format of {@code spec.json} has it. */
        public boolean isOfTheFirstFormat() {
            return this == CROSS_ENTROPY || this == SQUARED_ERROR;
        }

        /** Whether the task has what y is: labels, labels of all steps, sets of labels, or numbers. */
        public boolean goesWith(LearningTask task) {
            return switch (this) {
                case CROSS_ENTROPY -> task != LearningTask.REGRESSION;
                case CRF -> task == LearningTask.TAGGING;
                case BINARY, MULTI_LABEL -> task.hasClasses();
                case SQUARED_ERROR, ABSOLUTE, HUBER, QUANTILE, GAUSSIAN, STUDENT_T, POISSON, NEGATIVE_BINOMIAL ->
                    task == LearningTask.REGRESSION;
            };
        }

        String words() {
            return words;
        }
    }

    /** How outputs become predictions. */
    enum Link {
        /** The softmax of the outputs: the probability of each class. */
        SOFTMAX,
        /** The most probable sequence of classes, and the probability of each class at each step. */
        SEQUENCE,
        /** The sigmoid of the output: the probability of the second of two classes. */
        SIGMOID,
        /** The sigmoid of each output: the probability of a label, whichever others there are. */
        SIGMOIDS,
        /** The outputs themselves, of which each is a number of the target, as it was scaled. */
        IDENTITY,
        /** The outputs of each number of the target in ascending order: quantiles of it, as it was scaled. */
        QUANTILES,
        /** The parameters of a distribution of each number of the target: {@link Likelihood#parameters}. */
        DISTRIBUTION
    }

    Kind kind();

    Link link();

    /** What outputs are, in a few words. */
    String describe(int outputs);

    /** K, how many outputs one class or one number of the target has. */
    default int outputsPerTarget() {
        return 1;
    }

    /** Which of the K outputs of a number, once the link has made numbers of them, is its prediction. */
    default int point() {
        return 0;
    }

    /** How many labels so many outputs are of. */
    default int labels(int outputs) {
        return outputs;
    }

    /** The name in files, from which {@link LossNames} makes the loss. */
    default String key() {
        return kind().key();
    }

    /** Whether y is counts: whole numbers of at least 0, which are divided by their level and never centred. */
    default boolean counts() {
        return false;
    }

    /** Whether the labels of all steps of a sequence have one loss together, and no step one of its own. */
    default boolean joinsSteps() {
        return link() == Link.SEQUENCE;
    }

    /** Whether outputs are scores of classes and y is a label; otherwise y is numbers, which of a set of labels are 0 and 1. */
    default boolean scoresClasses() {
        return link() == Link.SOFTMAX || link() == Link.SEQUENCE || link() == Link.SIGMOID;
    }

    /** Whether y is a set of labels, any number of them. */
    default boolean hasLabelSets() {
        return link() == Link.SIGMOIDS;
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

    /** Cross-entropy of a {@link ConditionalRandomField} and the labels of all steps of a sequence together, in nats. */
    record Crf() implements Loss {

        @Override
        public Kind kind() {
            return Kind.CRF;
        }

        @Override
        public Link link() {
            return Link.SEQUENCE;
        }

        @Override
        public String describe(int outputs) {
            return "conditional random field over " + outputs + " classes";
        }
    }

    /** A loss whose y is numbers to hit, each with outputs of its own: the mean over these numbers. */
    sealed interface TargetLoss extends Loss permits ErrorLoss, Quantile, Likelihood {

        /**
         * What one number costs, and the derivative of that in place of its outputs.
         *
         * @param o outputs, those of this number from {@code at} on
         * @param y as it was scaled
         * @param level of a {@linkplain #counts count}, which y is so much smaller than
         */
        double ofTarget(float[] o, int at, float y, double level);

        /**
         * One loss term: l = 1/M sum_m of(o_m, y_m), and l' in place of the outputs. l is summed in ascending order, in double.
         *
         * @param o outputs, from {@code at} on: all of the first number, then all of the second, ...
         * @param outputs C, M times {@link #outputsPerTarget}
         * @param y numbers of targets, those of this one from {@code yAt} on
         * @param levels of each number of a target, (M), or one of all
         */
        default double term(float[] o, int at, int outputs, float[] y, int yAt, double[] levels) {
            int own = outputsPerTarget();
            int targets = outputs / own;
            double sum = 0;
            for (int m = 0; m < targets; m++) {
                sum += ofTarget(o, at + m * own, y[yAt + m], levels[m % levels.length]);
            }
            float share = 1f / targets;
            for (int c = at; c < at + outputs; c++) {
                o[c] = share * o[c];
            }
            return sum / targets;
        }
    }

    /** A loss with one output a number, which costs by how far it is away: by d = o - y, in float32. */
    sealed interface ErrorLoss extends TargetLoss {

        /** What d costs. */
        double of(float d);

        /** The derivative of {@link #of}; 0 where it has a kink. */
        float slope(float d);

        @Override
        default double ofTarget(float[] o, int at, float y, double level) {
            float d = o[at] - y;
            o[at] = slope(d);
            return of(d);
        }

        @Override
        default Link link() {
            return Link.IDENTITY;
        }

        @Override
        default String describe(int outputs) {
            return kind().words() + " of " + outputs + (outputs == 1 ? " number" : " numbers");
        }
    }

    /** Squared error, without a factor 1/2: d^2. */
    record SquaredError() implements ErrorLoss {

        @Override
        public Kind kind() {
            return Kind.SQUARED_ERROR;
        }

        @Override
        public double of(float d) {
            return (double) d * d;
        }

        @Override
        public float slope(float d) {
            return 2 * d;
        }

        /** As the fingerprints of checkpoints have it. */
        @Override
        public String toString() {
            return kind().name();
        }
    }

    /** Absolute error: |d|. */
    record AbsoluteError() implements ErrorLoss {

        @Override
        public Kind kind() {
            return Kind.ABSOLUTE;
        }

        @Override
        public double of(float d) {
            return Math.abs(d);
        }

        @Override
        public float slope(float d) {
            return Math.signum(d);
        }
    }

    /** Huber's loss with delta 1, in scaled units: d^2 / 2 where |d| is at most 1, |d| - 1/2 beyond (Huber 1964, Robust estimation of a location parameter). */
    record Huber() implements ErrorLoss {

        @Override
        public Kind kind() {
            return Kind.HUBER;
        }

        @Override
        public double of(float d) {
            double size = Math.abs(d);
            return size <= 1 ? 0.5 * size * size : size - 0.5;
        }

        @Override
        public float slope(float d) {
            return Math.max(-1, Math.min(d, 1));
        }
    }

    /**
     * The pinball loss of quantiles: a number of the target has an output for each level q, and costs the mean over them of
     * max(q (y - o), (q - 1) (y - o)), which is least where o is the quantile of y at that level (Koenker and Bassett 1978,
     * Regression quantiles). Outputs may cross; predictions are the outputs in ascending order, which cost no more
     * (Chernozhukov, Fernandez-Val and Galichon 2010, Quantile and probability curves without crossing).
     *
     * @param levels q of each output
     */
    record Quantile(List<Double> levels) implements TargetLoss {

        /** @throws IllegalArgumentException for no levels, or one that is not between 0 and 1 or not above the one before */
        public Quantile {
            levels = List.copyOf(levels);
            QuantileLevels.require(levels);
        }

        @Override
        public Kind kind() {
            return Kind.QUANTILE;
        }

        @Override
        public Link link() {
            return Link.QUANTILES;
        }

        @Override
        public String key() {
            return kind().key() + ":" + QuantileLevels.text(levels);
        }

        @Override
        public int outputsPerTarget() {
            return levels.size();
        }

        /** The level nearest to 1/2, of two that are as near the lower one. */
        @Override
        public int point() {
            int nearest = 0;
            for (int k = 1; k < levels.size(); k++) {
                if (Math.abs(levels.get(k) - 0.5) < Math.abs(levels.get(nearest) - 0.5)) {
                    nearest = k;
                }
            }
            return nearest;
        }

        @Override
        public double ofTarget(float[] o, int at, float y, double level) {
            int count = levels.size();
            float share = 1f / count;
            double sum = 0;
            for (int k = 0; k < count; k++) {
                float d = o[at + k] - y;
                sum += pinball(levels.get(k), d);
                o[at + k] = share * slope(levels.get(k), d);
            }
            return sum / count;
        }

        /** What d = o - y costs at a level. */
        public static double pinball(double level, double d) {
            return d > 0 ? (1 - level) * d : -level * d;
        }

        /** Its derivative; 0 at the kink. */
        private static float slope(double level, float d) {
            return d > 0 ? (float) (1 - level) : d < 0 ? (float) -level : d;
        }

        @Override
        public String describe(int outputs) {
            int targets = outputs / levels.size();
            return kind().words() + " of quantiles "
                    + key().substring(kind().key().length() + 1) + " of " + targets
                    + (targets == 1 ? " number" : " numbers");
        }

        /** As the fingerprints of checkpoints have it. */
        @Override
        public String toString() {
            return key();
        }
    }
}
