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
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;
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
 * <p>The integral is taken panel by panel, of each by the Gauss-Legendre rule of 8 nodes. What the attributions of a panel
 * have to add up to is known, so those that leave more than their share of {@value #COMPLETE} times F(x) - F(b) are
 * halved; near a kink, as relu has, again and again. They are not where halves leave no less and what they leave is as
 * little as float32 loses.
 */
public final class Explainer {

    /** The share of F(x) - F(b) that attributions may leave. */
    public static final double COMPLETE = 1e-4;

    /** What float32 has surely lost of a score, and may have lost of attributions. */
    private static final double ROUNDING = 0x1p-22;

    private static final double NOISE = 0x1p-20;

    // Abramowitz and Stegun 1964, table 25.4, n = 8: nodes in [-1, 1] are symmetric.
    private static final double[] NODES = {0.183434642495650, 0.525532409916329, 0.796666477413627, 0.960289856497536};
    private static final double[] NODE_WEIGHTS = {
        0.362683783378362, 0.313706645877887, 0.222381034453374, 0.101228536290376
    };

    private static final int RULE = 2 * NODES.length;

    // What is in memory at a time: rows, numbers of them, and outputs.
    private static final int ROWS = 1 << 13;
    private static final int NUMBERS = 1 << 22;
    private static final int SEQUENCES = 64;
    private static final int KEPT = 1 << 23; // attributions of panels, 64 MB

    private final Model model;
    private final ExplanationSpec spec;
    private final EmbeddedNetwork network;
    private final int[] columns;
    private final int[] staticColumns;
    private final int keptNumbers;
    private final int named; // class, or -1 for that which is predicted

    /** @throws IllegalArgumentException as {@link #require} */
    public Explainer(Model model, ExplanationSpec spec) {
        this(model, spec, KEPT);
    }

    /** @param keptNumbers attributions of panels that are kept at most; others are computed again when they are needed */
    Explainer(Model model, ExplanationSpec spec, int keptNumbers) {
        require(model, spec);
        this.keptNumbers = keptNumbers;
        this.model = model;
        this.spec = spec;
        this.network = new EmbeddedNetwork(model.spec(), model.theta());
        this.columns = network.columns();
        this.staticColumns = network.staticColumns();
        this.named = spec.label() == null
                ? -1
                : classes(model, spec.label()).findFirst().orElseThrow();
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
        if (spec.label() != null
                && (numbers || classes(model, spec.label()).findFirst().isEmpty())) {
            throw new IllegalArgumentException("label is " + spec.label()
                    + (numbers
                            ? ", and the model predicts numbers; allowed is target"
                            : "; allowed are labels of the model, such as " + label(model, head.labels() - 1)));
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

    private static IntStream classes(Model model, String label) {
        return IntStream.range(0, model.spec().head().labels())
                .filter(c -> label(model, c).equals(label));
    }

    private static String label(Model model, int c) {
        return model.task() == LearningTask.LANGUAGE_MODEL
                ? model.vocabulary().token(c)
                : model.labels().digits(c);
    }

    /** How many steps a sequence may have. */
    public int mostSteps() {
        return network.mostSteps();
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
        network.outputs(List.of(input, baseline), score);
        Explanation sum = empty(score.values[1], score.values[0], score.label(), sequence.length());
        if (spec.method() == ExplanationSpec.Method.GRADIENT_TIMES_INPUT) {
            add(sum, network.gradients(List.of(input), score).get(0), 1, input, baseline);
        } else {
            new Path(input, baseline, score, sum).integrate();
        }
        return sum;
    }

    private Explanation empty(double ofBaseline, double of, String label, int steps) {
        int count = Arrays.stream(columns).max().orElseThrow() + 1;
        int statics = Arrays.stream(staticColumns).max().orElse(-1) + 1;
        return new Explanation(of, ofBaseline, label, new double[count][steps], new double[statics]);
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

    private int atOnce(int numbers) {
        int steps = numbers / network.size();
        HeadSpec head = model.spec().head();
        long outputs = head.outputs() * (head.everyStep() ? (long) steps : 1);
        long most = Math.min(ROWS / steps, Math.min(NUMBERS / numbers, NUMBERS / outputs));
        return (int) Math.max(1, Math.min(SEQUENCES, most));
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

    /** The straight way from the baseline to the input. */
    private final class Path {

        private final Inputs input;
        private final Inputs baseline;
        private final Score score;
        private final Explanation sum;
        private final int atOnce;
        private int room = spec.steps(); // gradients that may still be taken
        private int kept = 0; // panels with their attributions

        /** @param sum to add the attributions to */
        Path(Inputs input, Inputs baseline, Score score, Explanation sum) {
            this.input = input;
            this.baseline = baseline;
            this.score = score;
            this.sum = sum;
            this.atOnce = atOnce(input.steps().length);
        }

        /** Halves panels that leave too much, those that leave most first. */
        void integrate() {
            double allowed = COMPLETE * Math.abs(sum.score() - sum.baselineScore()) / 2;
            double size = Math.max(Math.abs(sum.score()), Math.abs(sum.baselineScore()));
            List<Panel> panels = added(List.of(new Panel(0, 1, sum.baselineScore(), sum.score())));
            for (double error = Panel.errors(panels), before; error > allowed; ) {
                panels.sort(Comparator.comparingDouble(Panel::error).reversed());
                int count = worst(panels, Math.max(ROUNDING * size, allowed / panels.size()));
                if (count == 0) {
                    break;
                }
                List<Panel> worst = panels.subList(0, count);
                List<Panel> next = new ArrayList<>(panels.subList(count, panels.size()));
                takeOff(worst);
                next.addAll(added(halves(worst)));
                panels = next;
                before = error;
                error = Panel.errors(panels);
                if (error >= before && Panel.largest(panels) <= NOISE * Math.max(size, sum.magnitude())) {
                    break;
                }
            }
        }

        /** How many of the panels, which are sorted, leave more than a share and can be halved. */
        private int worst(List<Panel> panels, double share) {
            int count = 0;
            for (int cost = 0; count < panels.size() && panels.get(count).error() > share; count++) {
                // those of its halves, and of its own once more if they are not kept
                cost += (panels.get(count).part() == null ? 3 : 2) * RULE;
                if (cost > room) {
                    break;
                }
            }
            return count;
        }

        /** Adds the attributions of panels to the sum; a panel keeps them while there is memory. */
        private List<Panel> added(List<Panel> panels) {
            List<Panel> added = new ArrayList<>();
            int most = keptNumbers / (sum.columns().length * sum.columns()[0].length + sum.statics().length);
            attribute(panels, (panel, part) -> {
                sum.add(1, part);
                boolean keep = kept < most;
                kept += keep ? 1 : 0;
                added.add(panel.with(part, keep));
            });
            return added;
        }

        /** Takes the attributions of panels off the sum. */
        private void takeOff(List<Panel> panels) {
            List<Panel> lost = new ArrayList<>();
            for (Panel panel : panels) {
                if (panel.part() == null) {
                    lost.add(panel);
                } else {
                    sum.add(-1, panel.part());
                    kept--;
                }
            }
            attribute(lost, (panel, part) -> sum.add(-1, part));
        }

        /** Panels without attributions, from begin to middle and from middle to end. */
        private List<Panel> halves(List<Panel> panels) {
            List<Panel> halves = new ArrayList<>();
            for (int first = 0; first < panels.size(); first += atOnce) {
                List<Panel> some = panels.subList(first, Math.min(first + atOnce, panels.size()));
                network.outputs(some.stream().map(panel -> at(panel.place(0.5))).toList(), score);
                for (int n = 0; n < some.size(); n++) {
                    Panel whole = some.get(n);
                    double middle = whole.place(0.5);
                    halves.add(new Panel(whole.from(), middle, whole.fromScore(), score.values[n]));
                    halves.add(new Panel(middle, whole.to(), score.values[n], whole.toScore()));
                }
            }
            return halves;
        }

        /** Integrates over panels, of which some are in memory at a time. */
        private void attribute(List<Panel> panels, BiConsumer<Panel, Explanation> use) {
            int together = Math.max(1, atOnce / RULE);
            for (int first = 0; first < panels.size(); first += together) {
                List<Panel> some = panels.subList(first, Math.min(first + together, panels.size()));
                List<Explanation> parts = attributions(some);
                for (int n = 0; n < some.size(); n++) {
                    use.accept(some.get(n), parts.get(n));
                }
            }
        }

        private List<Explanation> attributions(List<Panel> panels) {
            List<Explanation> parts = panels.stream()
                    .map(panel -> empty(panel.fromScore(), panel.toScore(), null, sum.columns()[0].length))
                    .toList();
            int count = panels.size() * RULE;
            room -= count;
            for (int first = 0; first < count; first += atOnce) {
                int end = Math.min(first + atOnce, count);
                List<Inputs> gradients = network.gradients(
                        IntStream.range(first, end)
                                .mapToObj(n -> at(panels.get(n / RULE).place(0.5 + 0.5 * node(n % RULE))))
                                .toList(),
                        score);
                for (int n = first; n < end; n++) {
                    Panel panel = panels.get(n / RULE);
                    double weight = 0.5 * panel.width() * NODE_WEIGHTS[n % RULE / 2];
                    add(parts.get(n / RULE), gradients.get(n - first), weight, input, baseline);
                }
            }
            return parts;
        }

        private Inputs at(double place) {
            float share = (float) place;
            return new Inputs(
                    between(share, baseline.steps(), input.steps()),
                    between(share, baseline.statics(), input.statics()));
        }
    }

    /** The nodes of a panel by turns to the right and to the left of its middle. */
    private static double node(int n) {
        return n % 2 == 0 ? NODES[n / 2] : -NODES[n / 2];
    }

    private static float[] between(float share, float[] from, float[] to) {
        float[] between = new float[from.length];
        for (int i = 0; i < between.length; i++) {
            between[i] = Math.fma(share, to[i] - from[i], from[i]);
        }
        return between;
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
            return one ? Explainer.label(model, first) : null;
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
