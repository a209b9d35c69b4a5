package dev.unroll.nn;

import dev.unroll.param.Keyed;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * l of equation (1), and what the outputs of a head mean: this is the home of both. What the packages above decide by it
 * is a switch over {@link Kind} or {@link Link}, so that the compiler finds every place that a new loss has no answer at.
 */
public sealed interface Loss extends Serializable {

    /** All losses. */
    enum Kind implements Keyed {
        CROSS_ENTROPY("softmax", "cross-entropy"),
        SQUARED_ERROR("squared", "squared error"),
        ABSOLUTE("absolute", "absolute error"),
        HUBER("huber", "Huber's loss");

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

        private String words() {
            return words;
        }

        private Loss loss() {
            return switch (this) {
                case CROSS_ENTROPY -> new CrossEntropy();
                case SQUARED_ERROR -> new SquaredError();
                case ABSOLUTE -> new AbsoluteError();
                case HUBER -> new Huber();
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

    /**
     * The loss that a user sets.
     *
     * @throws IllegalArgumentException for one that there is not, or that does not go with the task, naming what is allowed
     */
    static Loss of(LearningTask task, String setting) {
        List<Kind> allowed = Arrays.stream(Kind.values())
                .filter(kind -> kind.loss().goesWith(task))
                .toList();
        for (Kind kind : allowed) {
            if (kind.setting.equals(setting)) {
                return kind.loss();
            }
        }
        throw new IllegalArgumentException("loss is " + setting + ", and task is " + task.key() + "; allowed is "
                + Keyed.list(allowed.stream().map(Kind::setting).toList()));
    }

    /** Whether the task has labels for a loss of classes, or numbers for another. */
    private boolean goesWith(LearningTask task) {
        return scoresClasses() == (task != LearningTask.REGRESSION);
    }

    /** The setting of a task where nobody sets one. */
    static String defaultOf(LearningTask task) {
        return (task == LearningTask.REGRESSION ? Kind.SQUARED_ERROR : Kind.CROSS_ENTROPY).setting();
    }

    /** All settings, of any task. */
    static List<String> settings() {
        return Arrays.stream(Kind.values()).map(Kind::setting).toList();
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

    /** A loss whose y is numbers to hit: the mean over outputs of what each costs that is d = o - y away from its number. */
    sealed interface TargetLoss extends Loss {

        /** What d costs. */
        double of(float d);

        /** The derivative of {@link #of}; 0 where it has a kink. */
        float slope(float d);

        /**
         * One loss term: l = 1/C sum_c of(o_c - y_c), and l' in place of the outputs. Differences are those of float32; l is
         * summed in ascending order, in double.
         *
         * @param o outputs, from {@code at} on
         * @param outputs C
         * @param y numbers of targets, those of this one from {@code yAt} on
         */
        default double term(float[] o, int at, int outputs, float[] y, int yAt) {
            double sum = 0;
            float share = 1f / outputs;
            for (int c = 0; c < outputs; c++) {
                float d = o[at + c] - y[yAt + c];
                sum += of(d);
                o[at + c] = share * slope(d);
            }
            return sum / outputs;
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
    record SquaredError() implements TargetLoss {

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
    record AbsoluteError() implements TargetLoss {

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
    record Huber() implements TargetLoss {

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
}
