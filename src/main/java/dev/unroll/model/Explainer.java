package dev.unroll.model;

import dev.unroll.data.Sequence;
import dev.unroll.data.Standardization;
import dev.unroll.data.Steps;
import dev.unroll.nn.EmbeddedNetwork;
import dev.unroll.nn.EmbeddedNetwork.Inputs;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Readout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Explains single predictions, in plain Java: takes a sequence, gives what each of its steps and columns has contributed
 * to a score F. The gradient is that of F in what the first layer reads (embeddings, one-hot tokens, scaled numbers and
 * indicators of missing ones), and an attribution adds up the numbers of its step and column. Not thread-safe.
 *
 * <pre>
 * gradient times input:   a_i = (x_i - b_i) dF/dx_i (x)
 * integrated gradients:   a_i = (x_i - b_i) integral from 0 to 1 of dF/dx_i (b + s (x - b)) ds          sum_i a_i = F(x) - F(b)
 * </pre>
 *
 * <p>The integral is taken over 1, 2, 4, ... panels of equal width, of each by the Gauss-Legendre rule of 8 nodes, until
 * {@value #COMPLETE} of F(x) - F(b) is all that the sum leaves.
 */
public final class Explainer {

    /** The share of F(x) - F(b) that attributions may leave. */
    public static final double COMPLETE = 1e-4;

    // Abramowitz and Stegun 1964, table 25.4, n = 8: nodes in [-1, 1] are symmetric.
    private static final double[] NODES = {0.183434642495650, 0.525532409916329, 0.796666477413627, 0.960289856497536};
    private static final double[] NODE_WEIGHTS = {
        0.362683783378362, 0.313706645877887, 0.222381034453374, 0.101228536290376
    };

    // What is in memory at a time: rows, numbers of them, and outputs.
    private static final int ROWS = 1 << 13;
    private static final int NUMBERS = 1 << 22;
    private static final int SEQUENCES = 64;

    private final Model model;
    private final ExplanationSpec spec;
    private final EmbeddedNetwork network;
    private final int[] columns;
    private final int[] staticColumns;
    private final int named; // class, or -1 for that which is predicted

    /** @throws IllegalArgumentException as {@link #require} */
    public Explainer(Model model, ExplanationSpec spec) {
        require(model, spec);
        this.model = model;
        this.spec = spec;
        this.network = new EmbeddedNetwork(model.spec(), model.theta());
        this.columns = network.columns();
        this.staticColumns = network.staticColumns();
        this.named = spec.label() == null ? -1 : labels(model).indexOf(spec.label());
    }

    /**
     * Refuses what a model does not predict.
     *
     * @throws IllegalArgumentException for a label that the model has not, a number that its target has not, or a prediction
     *     beyond the only one
     */
    public static void require(Model model, ExplanationSpec spec) {
        HeadSpec head = model.spec().head();
        boolean numbers = model.task() == LearningTask.REGRESSION;
        if (spec.label() != null && (numbers || !labels(model).contains(spec.label()))) {
            throw new IllegalArgumentException("label is " + spec.label()
                    + (numbers
                            ? ", and the model predicts numbers; allowed is target"
                            : "; allowed are labels of the model, such as "
                                    + labels(model).get(labels(model).size() - 1)));
        }
        if (spec.target() != null && (!numbers || spec.target() >= head.targetWidth())) {
            throw new IllegalArgumentException("target is " + spec.target()
                    + (numbers
                            ? ", and a target has " + head.targetWidth() + " numbers; allowed is less"
                            : ", and the model predicts labels; allowed is label"));
        }
        if (!head.everyStep() && !spec.isAmong(1)) {
            throw new IllegalArgumentException("output is " + spec.output()
                    + ", and the model predicts one label or target for a sequence; allowed is 0");
        }
    }

    private static List<String> labels(Model model) {
        if (model.task() == LearningTask.LANGUAGE_MODEL) {
            return model.vocabulary().tokens();
        }
        return IntStream.range(0, model.labels().size())
                .mapToObj(model.labels()::digits)
                .toList();
    }

    /** How many predictions a model makes of so many steps. */
    public static int outputs(Model model, int steps) {
        return model.horizon() > 0 ? model.horizon() : model.spec().head().everyStep() ? steps : 1;
    }

    /**
     * Explains what the model predicts of a sequence.
     *
     * @throws IllegalArgumentException if it makes less predictions of it than the one to explain, or the sequence is not of
     *     the kind that the network takes
     */
    public Explanation explain(Sequence sequence) {
        int outputs = outputs(model, sequence.length());
        if (!spec.isAmong(outputs)) {
            throw new IllegalArgumentException(
                    "output is " + spec.output() + ", and there are " + outputs + " predictions; allowed is less");
        }
        Inputs input = network.inputs(sequence);
        Inputs baseline = baseline(sequence, input);
        Score score = new Score(sequence, outputs);
        List<Inputs> gradients = network.gradients(List.of(input, baseline), score);
        double of = score.values[0];
        double ofBaseline = score.values[1];
        if (spec.method() == ExplanationSpec.Method.GRADIENT_TIMES_INPUT) {
            Explanation product = empty(of, ofBaseline, score, sequence.length());
            add(product, gradients.get(0), 1, input, baseline);
            return product;
        }
        for (int panels = 1; ; panels *= 2) {
            Explanation sum = empty(of, ofBaseline, score, sequence.length());
            integrate(sum, panels, input, baseline, score);
            boolean complete = Math.abs(sum.remainder()) <= COMPLETE * Math.abs(of - ofBaseline);
            if (complete || 2L * panels * 2 * NODES.length > spec.steps()) {
                return sum;
            }
        }
    }

    private Explanation empty(double of, double ofBaseline, Score score, int steps) {
        int count = Arrays.stream(columns).max().orElseThrow() + 1;
        int statics = Arrays.stream(staticColumns).max().orElse(-1) + 1;
        return new Explanation(of, ofBaseline, score.label(), new double[count][steps], new double[statics]);
    }

    private Inputs baseline(Sequence sequence, Inputs input) {
        return switch (spec.baseline()) {
            case ZERO -> new Inputs(new float[input.steps().length], new float[input.statics().length]);
            case UNKNOWN -> network.inputs(Sequence.of(unknown(sequence.steps()), new int[0], 1f));
        };
    }

    private static Steps unknown(Steps steps) {
        if (steps instanceof Steps.Tokens tokens) {
            return new Steps.Tokens(new int[tokens.length()]);
        }
        if (steps instanceof Steps.Dense dense) {
            return new Steps.Dense(new float[dense.values().length], dense.width());
        }
        Steps.Mixed mixed = (Steps.Mixed) steps;
        return new Steps.Mixed(
                new float[mixed.values().length],
                mixed.width(),
                new int[mixed.ids().length][mixed.length()],
                new float[mixed.staticValues().length],
                new int[mixed.staticIds().length]);
    }

    /** Adds the integral, over so many panels. */
    private void integrate(Explanation sum, int panels, Inputs input, Inputs baseline, Score score) {
        int nodes = 2 * NODES.length;
        int atOnce = atOnce(input.steps().length);
        for (int first = 0; first < nodes * panels; first += atOnce) {
            int count = Math.min(atOnce, nodes * panels - first);
            List<Inputs> between = new ArrayList<>();
            for (int n = first; n < first + count; n++) {
                float share = (float) ((n / nodes + 0.5 * (1 + node(n % nodes))) / panels);
                between.add(new Inputs(
                        between(share, baseline.steps(), input.steps()),
                        between(share, baseline.statics(), input.statics())));
            }
            List<Inputs> gradients = network.gradients(between, score);
            for (int n = 0; n < count; n++) {
                double weight = 0.5 * NODE_WEIGHTS[(first + n) % nodes / 2] / panels;
                add(sum, gradients.get(n), weight, input, baseline);
            }
        }
    }

    /** The nodes of a panel by turns to the right and to the left of its middle. */
    private static double node(int n) {
        return n % 2 == 0 ? NODES[n / 2] : -NODES[n / 2];
    }

    private int atOnce(int numbers) {
        int steps = numbers / network.size();
        HeadSpec head = model.spec().head();
        long outputs = head.outputs() * (head.everyStep() ? (long) steps : 1);
        long most = Math.min(ROWS / steps, Math.min(NUMBERS / numbers, NUMBERS / outputs));
        return (int) Math.max(1, Math.min(SEQUENCES, most));
    }

    private static float[] between(float share, float[] from, float[] to) {
        float[] between = new float[from.length];
        for (int i = 0; i < between.length; i++) {
            between[i] = Math.fma(share, to[i] - from[i], from[i]);
        }
        return between;
    }

    private void add(Explanation sum, Inputs gradient, double weight, Inputs input, Inputs baseline) {
        int size = columns.length;
        for (int i = 0; i < input.steps().length; i++) {
            double difference = (double) input.steps()[i] - baseline.steps()[i];
            sum.columns()[columns[i % size]][i / size] += weight * gradient.steps()[i] * difference;
        }
        for (int i = 0; i < staticColumns.length; i++) {
            double difference = (double) input.statics()[i] - baseline.statics()[i];
            sum.statics()[staticColumns[i]] += weight * gradient.statics()[i] * difference;
        }
    }

    /** F as a function of the outputs; which class it is of, if none is named, the first sequence says that it sees. */
    private final class Score implements EmbeddedNetwork.OutputFunction {

        private final double[] values = new double[SEQUENCES];
        private final Standardization units;
        private final int outputs;
        private int[] classes;

        /** @param outputs predictions of the sequence: the last of its outputs */
        Score(Sequence sequence, int outputs) {
            this.units = sequence.targetScale() == null ? model.scaling().targets() : sequence.targetScale();
            this.outputs = outputs;
        }

        /** The class that is explained; null if there are several, or none. */
        String label() {
            if (model.task() == LearningTask.REGRESSION) {
                return null;
            }
            int[] explained = new int[outputs];
            int count = 0;
            for (int t = 0; t < outputs; t++) {
                if (isExplained(t)) {
                    explained[count++] = classOf(classes.length - outputs + t);
                }
            }
            int first = explained[0];
            boolean one = Arrays.stream(explained, 0, count).allMatch(c -> c == first);
            return one ? labels(model).get(first) : null;
        }

        private boolean isExplained(int output) {
            return spec.output() == null || Math.floorMod(spec.output(), outputs) == output;
        }

        private int classOf(int row) {
            return named >= 0 ? named : classes[row];
        }

        @Override
        public void differentiate(int n, float[] rows, int[] predictions) {
            if (classes == null) {
                classes = predictions.clone();
            }
            int width = model.spec().head().outputs();
            int first = predictions.length - outputs;
            float[] slopes = new float[rows.length];
            values[n] = 0;
            for (int t = 0; t < outputs; t++) {
                if (isExplained(t)) {
                    values[n] += score(first + t, rows, (first + t) * width, slopes);
                }
            }
            System.arraycopy(slopes, 0, rows, 0, rows.length);
        }

        private double score(int row, float[] rows, int at, float[] slopes) {
            return switch (model.spec().head().loss().link()) {
                case SOFTMAX, SEQUENCE, SIGMOIDS -> {
                    int c = at + classOf(row);
                    slopes[c] = 1;
                    yield rows[c];
                }
                case SIGMOID -> { // the output is the score of the second of two classes
                    slopes[at] = classOf(row) == 1 ? 1 : -1;
                    yield slopes[at] * rows[at];
                }
                case IDENTITY, QUANTILES, DISTRIBUTION -> numbers(rows, at, slopes);
            };
        }

        private double numbers(float[] rows, int at, float[] slopes) {
            Readout readout = new Readout(model.spec().head());
            double sum = 0;
            for (int m = 0; m < readout.targets(); m++) {
                if (spec.target() == null || spec.target() == m) {
                    slopes[at + readout.output(m)] = (float) readout.slope(rows, at, units, m);
                    sum += readout.prediction(rows, at, units, m);
                }
            }
            return sum;
        }
    }
}
