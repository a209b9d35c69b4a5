package dev.unroll.nn;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Steps;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A trained network as a function of the numbers that its first layer reads: takes rows of embeddings, one-hot tokens,
 * numbers and indicators, gives outputs, and the gradient of any function of the outputs in every one of the rows' numbers.
 * What reads ids is taken off, and all other parameters are those of the trained network. Not thread-safe.
 */
public final class EmbeddedNetwork {

    /** Numbers of all rows of one sequence at most, 256 MB. */
    private static final int MOST_NUMBERS = 1 << 26;

    /**
     * What the first layer reads of one sequence.
     *
     * @param steps (T, I), in the order of time
     * @param statics (S), what it reads of the whole sequence
     */
    public record Inputs(float[] steps, float[] statics) {}

    private final NetworkSpec trained;
    private final Network whole;
    private final Weights tables; // the whole network's parameters, of which only those of ids are read
    private final Workspace tablesWorkspace;
    private final Network network;
    private final Weights weights;
    private final Workspace workspace;
    private final SequenceBatch batch = new SequenceBatch();

    public EmbeddedNetwork(NetworkSpec trained, float[] theta) {
        this.trained = trained;
        this.whole = new Network(trained);
        this.tables = whole.newWeights();
        this.tables.theta = theta;
        this.tablesWorkspace = whole.newWorkspace();
        NetworkSpec.Input input = trained.input();
        HeadSpec head = trained.head();
        this.network = new Network(new NetworkSpec(
                new NetworkSpec.Embedded(input.size(), input.staticSize()),
                trained.cell(),
                trained.activation(),
                trained.hiddenSize(),
                trained.projSize(),
                trained.numLayers(),
                trained.bidirectional(),
                new HeadSpec(head.loss(), head.outputs(), head.pooling(), false)));
        this.weights = network.bind(withoutTables(theta));
        this.workspace = network.newWorkspace();
    }

    /** The parameters but for the embeddings; a tied head has them as its weights. */
    private float[] withoutTables(float[] theta) {
        ParameterLayout layout = trained.layout();
        ParameterLayout less = network.layout();
        float[] rest = new float[less.size()];
        for (Slot slot : less.slots()) {
            boolean tied = trained.head().tied() && slot.name().equals("head.weight");
            Slot from = layout.slot(tied ? "embedding.weight" : slot.name());
            System.arraycopy(theta, from.offset(), rest, slot.offset(), slot.size());
        }
        return rest;
    }

    /** I, the numbers of one step that the first layer reads. */
    public int size() {
        return trained.input().size();
    }

    /** Steps that a sequence may have: those whose numbers are {@value #MOST_NUMBERS} together. */
    public int mostSteps() {
        return MOST_NUMBERS / size();
    }

    /**
     * The column, counted from 0, that each of the I numbers of a step belongs to: columns of numbers first, each with its
     * indicator, then those of categories; tokens are one column.
     */
    public int[] columns() {
        return trained.input() instanceof NetworkSpec.Mixed mixed
                ? columns(mixed.categories(), mixed.numbers(), mixed.masked())
                : trained.input() instanceof NetworkSpec.Dense
                        ? IntStream.range(0, size()).toArray()
                        : new int[size()];
    }

    /** As {@link #columns}, of the S numbers of the whole sequence. */
    public int[] staticColumns() {
        return trained.input() instanceof NetworkSpec.Mixed mixed
                ? columns(mixed.statics(), mixed.staticNumbers(), mixed.masked())
                : new int[0];
    }

    private static int[] columns(List<NetworkSpec.Category> categories, int numbers, boolean masked) {
        IntStream columns = IntStream.empty();
        for (int k = 0; k < categories.size(); k++) {
            int column = numbers + k;
            columns = IntStream.concat(
                    columns,
                    IntStream.generate(() -> column).limit(categories.get(k).embeddingSize()));
        }
        for (int times = masked ? 2 : 1; times > 0; times--) {
            columns = IntStream.concat(columns, IntStream.range(0, numbers));
        }
        return columns.toArray();
    }

    /**
     * What the first layer reads of a sequence.
     *
     * @throws IllegalArgumentException if the sequence is not of the kind that the network takes, or its rows have too many
     *     numbers
     */
    public Inputs inputs(Sequence sequence) {
        int size = size();
        int length = sequence.length();
        if (length > mostSteps()) {
            throw new IllegalArgumentException("a sequence has " + length + " steps, and the first layer reads " + size
                    + " numbers of each; allowed are " + MOST_NUMBERS + " together");
        }
        InputRows rows = whole.inputRows();
        batch.pack(List.of(sequence));
        rows.requireFit(batch);
        rows.embed(tables, batch, tablesWorkspace.stack);
        int[] tokens = rows.oneHot(batch);
        float[] x = rows.dense(batch, tablesWorkspace.stack);
        float[] steps = new float[length * size];
        for (int t = 0; t < length; t++) {
            int row = length - 1 - t; // rows are stored from the last step on
            if (tokens == null) {
                System.arraycopy(x, row * size, steps, t * size, size);
            } else {
                steps[t * size + tokens[row]] = 1f;
            }
        }
        EmbeddedColumns statics = rows.statics();
        float[] ofWhole = new float[statics == null ? 0 : statics.width()];
        if (statics != null) {
            statics.assemble(tables.theta, 1, batch.staticIds(), batch.staticValues(), ofWhole);
        }
        return new Inputs(steps, ofWhole);
    }

    /** A function of the outputs of one sequence. */
    public interface OutputFunction {
        /**
         * Takes outputs, leaves the derivatives of the function in their place.
         *
         * @param n which of the sequences they are of
         * @param outputs (outputs, C) in the order of time
         * @param predictions the most probable class of each
         */
        void differentiate(int n, float[] outputs, int[] predictions);
    }

    /**
     * Only the outputs, of several sequences of the same length.
     *
     * @param inputs 1 to {@value SequenceBatch#MAX_SEQUENCES}
     * @param function what it leaves in the outputs' place is not used
     */
    public void outputs(List<Inputs> inputs, OutputFunction function) {
        batch.pack(inputs.stream().map(this::sequence).toList());
        network.forward(weights, batch, workspace);
        differentiate(function, workspace);
    }

    /**
     * The gradients of a function of the outputs, for several sequences of the same length.
     *
     * @param inputs 1 to {@value SequenceBatch#MAX_SEQUENCES}
     */
    public List<Inputs> gradients(List<Inputs> inputs, OutputFunction function) {
        batch.pack(inputs.stream().map(this::sequence).toList());
        network.inputGradients(weights, batch, ws -> differentiate(function, ws), workspace);
        int size = size();
        int statics = trained.input().staticSize();
        float[] dX = workspace.stack.embedded;
        float[] dS = statics == 0 ? new float[0] : workspace.stack.statics.dS;
        return IntStream.range(0, inputs.size())
                .mapToObj(n -> {
                    float[] steps = new float[batch.length(n) * size];
                    for (int t = 0; t < batch.length(n); t++) {
                        System.arraycopy(dX, (batch.offset(t) + n) * size, steps, t * size, size);
                    }
                    return new Inputs(steps, Arrays.copyOfRange(dS, n * statics, (n + 1) * statics));
                })
                .toList();
    }

    private Sequence sequence(Inputs inputs) {
        Steps steps = inputs.statics().length == 0
                ? new Steps.Dense(inputs.steps(), size())
                : new Steps.Mixed(inputs.steps(), size(), new int[0][], inputs.statics(), new int[0]);
        return Sequence.of(steps, new int[0], 1f);
    }

    /** Sequences have the same length, so a packed batch keeps their order. */
    private void differentiate(OutputFunction function, Workspace ws) {
        boolean everyStep = trained.head().everyStep();
        int classes = trained.head().outputs();
        int count = everyStep ? batch.steps() : 1;
        float[] outputs = new float[count * classes];
        int[] predictions = new int[count];
        for (int n = 0; n < batch.size(); n++) {
            for (int t = 0; t < count; t++) {
                int row = everyStep ? batch.offset(t) + n : n;
                System.arraycopy(ws.values(), row * classes, outputs, t * classes, classes);
                predictions[t] = ws.predictions()[row];
            }
            function.differentiate(n, outputs, predictions);
            for (int t = 0; t < count; t++) {
                int row = everyStep ? batch.offset(t) + n : n;
                System.arraycopy(outputs, t * classes, ws.values(), row * classes, classes);
            }
        }
    }
}
