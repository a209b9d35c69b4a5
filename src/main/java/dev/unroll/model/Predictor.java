package dev.unroll.model;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Columns;
import dev.unroll.data.RowColumns;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Vocabulary;
import dev.unroll.nn.HeadSpec;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.nn.Pooling;
import dev.unroll.nn.QuantileLevels;
import dev.unroll.nn.Readout;
import dev.unroll.nn.State;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * Predicts with a model, in plain Java: takes sequences, gives classes and numbers. Thread-safe: threads share the
 * weights, and each borrows a workspace while it predicts.
 */
public final class Predictor {

    /** The arrays that one prediction needs. */
    private record Desk(SequenceBatch batch, Workspace workspace) {}

    /** Numbers of all steps of a batch at most, of each array, 16 MB, where a sequence is not longer by itself. */
    private static final int MAX_NUMBERS = 1 << 22;

    private final Model model;
    private final OutputReader outputs;
    private final Network network;
    private final Weights weights;
    private final BlockingDeque<Desk> idle =
            new LinkedBlockingDeque<>(Runtime.getRuntime().availableProcessors());

    /** With a loss that is a likelihood, quantiles are those of the key {@code quantiles} of the training. */
    public Predictor(Model model) {
        this(model, levels(model));
    }

    private static List<Double> levels(Model model) {
        return new Readout(model.spec().head()).hasDistribution()
                ? QuantileLevels.of(model.provenance().getOrDefault("quantiles", QuantileLevels.DEFAULT))
                : List.of();
    }

    /**
     * @param levels of the quantiles of a predicted distribution, ascending; none, which is faster, where nobody asks for them. They do not
     *     matter to models that predict none
     * @throws IllegalArgumentException for a level that is not between 0 and 1 or not above the one before
     */
    public Predictor(Model model, List<Double> levels) {
        if (!levels.isEmpty()) {
            QuantileLevels.require(levels);
        }
        this.model = model;
        this.outputs = new OutputReader(model, List.copyOf(levels));
        this.network = new Network(model.spec());
        this.weights = network.bindForward(model.theta());
    }

    public Model model() {
        return model;
    }

    /**
     * Predicts a text, whose steps are its code points, or its words where the model was trained on words. A language
     * model predicts the next token at every position, the beginning included.
     *
     * @throws IllegalArgumentException if the model takes numbers, or the text has no step
     */
    public Prediction predict(String text) {
        return predict(tokens(text));
    }

    /**
     * Predicts a sequence of tokens; all tokens that the model does not know have the same id.
     *
     * @throws IllegalArgumentException if the model takes numbers, or there is no token
     */
    public Prediction predict(List<String> tokens) {
        requireTokens();
        return predict(Sequence.ofTokens(ids(begun(tokens)), new int[0], 1f));
    }

    /** A language model reads every text from the end mark of the one before. */
    private List<String> begun(List<String> tokens) {
        if (model.task() != LearningTask.LANGUAGE_MODEL) {
            return tokens;
        }
        List<String> begun = new ArrayList<>(List.of(Vocabulary.END));
        begun.addAll(tokens);
        return begun;
    }

    /**
     * Predicts a sequence of steps of numbers, (T, D).
     *
     * @throws IllegalArgumentException if the model takes tokens or steps of another width, or there is no step
     */
    public Prediction predict(float[][] steps) {
        return predict(Arrays.stream(steps).map(Predictor::exact).toArray(double[][]::new));
    }

    /** As {@link #predict(float[][])}, for numbers that float32 does not hold: they are rounded once they are scaled. */
    public Prediction predict(double[][] steps) {
        requireNoKey();
        double[] values = new double[steps.length * width()];
        for (int t = 0; t < steps.length; t++) {
            copy(steps[t], values, t);
        }
        Sequence sequence = model.encoding().sequence(values, width());
        requireLevel("the first number of a step", values, width());
        return predict(sequence);
    }

    /** Rows say which series they are of, and nothing else does. */
    private void requireNoKey() {
        if (model.scaling().isBySeries()) {
            throw new IllegalArgumentException("the model scales by key, "
                    + String.join(", ", model.scaling().series().columns())
                    + ", and steps alone have none; allowed is a predictor of model().ofSeries(key)");
        }
    }

    /** What a window is scaled by has to be there. */
    private void requireLevel(String name, double[] numbers, int width) {
        if (model.isLeveled() && !Scaling.hasLevel(numbers, width)) {
            throw new IllegalArgumentException(
                    name + ": " + Scaling.NO_LEVEL + "; allowed is a number at one step at least");
        }
    }

    private static double[] exact(float[] step) {
        double[] numbers = new double[step.length];
        for (int j = 0; j < numbers.length; j++) {
            numbers[j] = step[j];
        }
        return numbers;
    }

    /**
     * Predicts a sequence of columns, by name: of each column of steps an array or a list, with a value for each step,
     * and of each static a value. Numbers are any of Java's, categories text, booleans or whole numbers; null and NaN
     * are missing, where the model was trained with {@code missing mask}. Other entries are not looked at.
     *
     * @throws IllegalArgumentException if the model reads no such columns, one is missing, or has values of another kind
     *     or number
     */
    public Prediction predict(Map<String, ?> columns) {
        return predict(columns(columns, false));
    }

    /** @param ofOneStep whether columns of steps have one value, of one step */
    private Sequence columns(Map<String, ?> columns, boolean ofOneStep) {
        if (!namesColumns()) {
            throw new IllegalArgumentException("the model reads one column, not several by name");
        }
        requireNoKey();
        NetworkSpec.Mixed mixed = (NetworkSpec.Mixed) model.spec().input();
        RowColumns row = new ColumnValues(model.encoding().columns(), mixed.masked(), ofOneStep).row(columns);
        requireLevel("column " + model.encoding().columns().names().get(0), row.numbers(), row.width());
        return model.encoding().sequence(row);
    }

    /** Predicts one row that was read without labels. */
    public Prediction predict(CanonicalRow row) {
        return predict(row.decode(model.encoding()));
    }

    /**
     * Predicts rows that were read without labels and decoded, in packed batches of rows of about the same length: faster
     * than one after another, and each prediction has the bits of {@link #predict(CanonicalRow)}.
     *
     * @return in the order of the rows
     */
    public List<Prediction> predictAll(List<Sequence> sequences) {
        long[] longestFirst = new long[sequences.size()]; // length, then place
        for (int i = 0; i < longestFirst.length; i++) {
            requireHorizon(sequences.get(i));
            longestFirst[i] = ((long) -sequences.get(i).length() << Integer.SIZE) + i;
        }
        Arrays.sort(longestFirst);
        Prediction[] predictions = new Prediction[sequences.size()];
        for (int from = 0, to; from < longestFirst.length; from = to) {
            int most = batchSize(sequences.get((int) longestFirst[from]).length());
            to = Math.min(longestFirst.length, from + most);
            List<Sequence> some = new ArrayList<>(to - from);
            for (int i = from; i < to; i++) {
                some.add(sequences.get((int) longestFirst[i]));
            }
            Prediction[] batch = predictBatch(some);
            for (int i = from; i < to; i++) {
                predictions[(int) longestFirst[i]] = batch[i - from];
            }
        }
        return Arrays.asList(predictions);
    }

    /** How many sequences of that length at most make a batch: inputs, states and outputs of all steps are in memory. */
    private int batchSize(int length) {
        HeadSpec head = model.spec().head();
        int ofAStep = Math.max(model.spec().stateSize(), model.spec().input().size());
        long numbers = head.everyStep()
                ? (long) length * Math.max(ofAStep, head.outputs())
                : Math.max((long) length * ofAStep, head.outputs());
        return (int) Math.max(1, Math.min(SequenceBatch.MAX_SEQUENCES, MAX_NUMBERS / numbers));
    }

    private Prediction predict(Sequence sequence) {
        requireHorizon(sequence);
        return predictBatch(List.of(sequence))[0];
    }

    private Prediction[] predictBatch(List<Sequence> sequences) {
        return atDesk((batch, workspace) -> {
            batch.pack(sequences);
            network.forward(weights, batch, workspace);
            return outputs.read(network, weights, batch, workspace, sequences);
        });
    }

    private void requireHorizon(Sequence sequence) {
        if (model.horizon() > 0 && model.horizon() >= sequence.length()) {
            throw new IllegalArgumentException("the sequence has " + sequence.length()
                    + " steps, and the model predicts the last " + model.horizon() + "; allowed are more steps");
        }
    }

    /**
     * Predicts a sequence that arrives step by step, as from a stream: each step takes constant time and memory, and
     * continues from the state after the previous one. A head on the last state then predicts as if the sequence ended
     * there.
     *
     * @throws IllegalStateException if the network reads in both directions, pools the states of all steps, has a loss of all steps together, scales each
     *     sequence by all of its steps, or predicts those of a horizon
     */
    public Stepper stepper() {
        if (model.spec().bidirectional()) {
            throw new IllegalStateException("a network that reads in both directions cannot go on step by step");
        }
        Pooling pooling = model.spec().head().pooling();
        if (pooling.joinsSteps()) {
            throw new IllegalStateException("pooling " + pooling.key()
                    + " needs the states of all steps; a stepper sees one step after another");
        }
        if (model.spec().head().loss().joinsSteps()) {
            throw new IllegalStateException(
                    "loss crf needs the outputs of all steps; a stepper sees one step after another");
        }
        if (model.scaling().isByWindow()) {
            throw new IllegalStateException("scale window needs a whole window; a stepper sees one step after another");
        }
        if (model.horizon() > 0) {
            throw new IllegalStateException("the model predicts the last " + model.horizon()
                    + " steps of a window; a stepper sees one step after another");
        }
        return new Stepper();
    }

    /** One sequence that is predicted step by step. Not thread-safe; there may be any number of them at a time. */
    public final class Stepper {

        private State state;

        private Stepper() {
            reset();
        }

        /** Takes a token, and predicts from all steps so far. */
        public Prediction step(String token) {
            requireTokens();
            return step(Sequence.ofTokens(ids(List.of(token)), new int[0], 1f));
        }

        /** Takes a step of numbers, (D), and predicts from all steps so far. */
        public Prediction step(float[] numbers) {
            return step(exact(numbers));
        }

        /** As {@link #step(float[])}, for numbers that float32 does not hold. */
        public Prediction step(double[] numbers) {
            requireNoKey();
            double[] values = new double[width()];
            copy(numbers, values, 0);
            return step(model.encoding().sequence(values, values.length));
        }

        /** Takes a step of columns, by name, each with one value; statics are given again with each step. */
        public Prediction step(Map<String, ?> columns) {
            return step(columns(columns, true));
        }

        /** Takes a row of one step that was read without labels. */
        public Prediction step(CanonicalRow row) {
            return step(row.decode(model.encoding()));
        }

        /** The state after all steps so far, with the hash of the model: {@link #resume} continues from it. */
        public byte[] state() {
            return new StateBytes(model.parameterHash()).write(state);
        }

        /** Continues from the {@link #state} of another stepper, in any process; one of another model is an IllegalArgumentException. */
        public void resume(byte[] saved) {
            new StateBytes(model.parameterHash()).read(saved, state);
        }

        private Prediction step(Sequence sequence) {
            List<Sequence> one = List.of(sequence);
            return atDesk((batch, workspace) -> {
                batch.pack(one);
                network.step(weights, batch, state, workspace);
                return outputs.read(network, weights, batch, workspace, one);
            })[0];
        }

        /** Begins another sequence. */
        public void reset() {
            state = network.newState(1);
            if (model.task() == LearningTask.LANGUAGE_MODEL) {
                step(Vocabulary.END);
            }
        }
    }

    /** The class of an output: a label as it was in the data, or a token of a language model. */
    public String label(Prediction prediction, int output) {
        int c = prediction.classes()[output];
        return model.task() == LearningTask.LANGUAGE_MODEL
                ? model.vocabulary().token(c)
                : model.labels().value(c);
    }

    /**
     * The labels of an output of {@code loss multi-label}, those that are more probable than not; there may be none.
     *
     * @return in the order of the model's labels, as they were in the data
     * @throws IllegalStateException for a model of another loss
     */
    public List<String> labels(Prediction prediction, int output) {
        if (!model.spec().head().loss().hasLabelSets()) {
            throw new IllegalStateException("the model's loss is "
                    + model.spec().head().loss().key() + ", which has one label; allowed is multi-label");
        }
        return prediction.set(output).mapToObj(model.labels()::value).toList();
    }

    private Prediction[] atDesk(BiFunction<SequenceBatch, Workspace, Prediction[]> work) {
        Desk desk = idle.pollFirst();
        if (desk == null) {
            desk = new Desk(new SequenceBatch(), network.newWorkspace());
        }
        Prediction[] predictions = work.apply(desk.batch, desk.workspace);
        idle.offerFirst(desk); // more desks than processors are dropped
        return predictions;
    }

    private List<String> tokens(String text) {
        return model.provenance().getOrDefault("tokenizer", "char").equals("whitespace")
                ? Stream.of(text.split("\\s+")).filter(word -> !word.isEmpty()).toList()
                : text.codePoints().mapToObj(Character::toString).toList();
    }

    private int[] ids(List<String> tokens) {
        return tokens.stream().mapToInt(model.vocabulary()::id).toArray();
    }

    private void requireTokens() {
        if (model.vocabulary() == null) {
            throw new IllegalArgumentException(
                    namesColumns()
                            ? "the model reads " + columnNames()
                            : "the model takes steps of " + width() + " numbers, not tokens");
        }
    }

    /** D of the numbers that the model takes. */
    private int width() {
        if (model.spec().input() instanceof NetworkSpec.Tokens) {
            throw new IllegalArgumentException("the model takes tokens, not numbers");
        }
        if (namesColumns()) {
            throw new IllegalArgumentException("the model reads " + columnNames());
        }
        return model.spec().input().numbers();
    }

    /** Whether the model reads columns by name; otherwise tokens, or the numbers of one column. */
    private boolean namesColumns() {
        Columns columns = model.encoding().columns();
        return columns != null && !columns.areFeatures();
    }

    private String columnNames() {
        return "columns " + String.join(", ", model.encoding().columns().names()) + "; allowed is a map of them";
    }

    private void copy(double[] step, double[] values, int t) {
        if (step.length != width()) {
            throw new IllegalArgumentException(
                    "step " + t + " has " + step.length + " numbers, and the model takes " + width());
        }
        System.arraycopy(step, 0, values, t * width(), width());
    }
}
