package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.math.Elementwise;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.List;

/**
 * The whole network as a function of parameters and a packed batch: takes both, adds loss and gradient to sums. It holds no parameters
 * and no state, so one instance serves all threads; {@link Weights} are shared, a {@link Workspace} belongs to one thread.
 */
public final class Network {

    private final NetworkSpec spec;
    private final ParameterLayout layout;
    private final RecurrentLayer layer;
    private final Head head;
    private final Slot embedding; // (V, E), or null

    public Network(NetworkSpec spec) {
        this.spec = spec;
        this.layout = spec.layout();
        this.embedding = layout.names().contains("embedding.weight") ? layout.slot("embedding.weight") : null;
        this.layer = new RecurrentLayer(
                Cell.named(spec.cell(), spec.activation()),
                spec.input() instanceof NetworkSpec.Tokens && embedding == null,
                spec.input().size(),
                spec.hiddenSize(),
                layout,
                "l0");
        this.head = new Head(spec.head(), spec.hiddenSize(), layout.slot("head.weight"), layout.slot("head.bias"));
    }

    public NetworkSpec spec() {
        return spec;
    }

    public ParameterLayout layout() {
        return layout;
    }

    /** {@link #bind(float[], Weights)} into new memory. */
    public Weights bind(float[] theta) {
        return bind(theta, newWeights());
    }

    /**
     * Makes theta ready for the products of one iteration. Theta is not copied and must not change while the weights are in use.
     *
     * @param weights memory to use again, made by {@link #newWeights}
     * @throws IllegalArgumentException if theta has another length than the layout
     */
    public Weights bind(float[] theta, Weights weights) {
        if (theta.length != layout.size()) {
            throw new IllegalArgumentException(
                    "theta has " + theta.length + " parameters, the network has " + layout.size());
        }
        weights.theta = theta;
        layer.bind(weights);
        head.bind(weights);
        return weights;
    }

    public Weights newWeights() {
        return layer.newWeights();
    }

    public Workspace newWorkspace() {
        return new Workspace(layer.newBuffers());
    }

    /** {@link #accumulate(Weights, SequenceBatch, LossSpec, Workspace, List)} for a batch of one part. */
    public void accumulate(
            Weights weights, SequenceBatch batch, LossSpec lossSpec, Workspace ws, float[] gradient, LossSum loss) {
        accumulate(weights, batch, lossSpec, ws, List.of(new PartialSum(gradient, loss)));
    }

    /**
     * Forward, loss and backward of one batch by full back-propagation through time.
     *
     * @param sums per part of the batch: its gradient of scaled loss terms, its loss, weight and counts are added
     */
    public void accumulate(
            Weights weights, SequenceBatch batch, LossSpec lossSpec, Workspace ws, List<PartialSum> sums) {
        LayerBuffers b = ws.layer;
        states(weights, batch, ws);
        b.clearGradients(batch.rows());
        head.count(batch, lossSpec, sums);
        int outputs = head.rows(batch);
        for (int first = 0; first < outputs; first += head.chunk()) {
            head.forward(weights, batch, b.h, first, Math.min(head.chunk(), outputs - first), ws.head);
            head.loss(batch, lossSpec, ws.head, sums);
            head.backward(weights, batch, b.h, b.dH, ws.head, sums);
        }
        layer.backward(weights, batch, dense(batch, ws), b, sums);
        if (embedding != null) {
            embeddingGradient(weights, batch, ws, sums);
        }
    }

    /** Forward and loss of one batch of one part; {@code rows} hears of the outputs, some rows at a time. */
    public void evaluate(
            Weights weights, SequenceBatch batch, LossSpec lossSpec, Workspace ws, LossSum loss, OutputRows rows) {
        List<PartialSum> sums = List.of(new PartialSum(new float[0], loss));
        states(weights, batch, ws);
        head.count(batch, lossSpec, sums);
        int outputs = head.rows(batch);
        for (int first = 0; first < outputs; first += head.chunk()) {
            head.forward(weights, batch, ws.layer.h, first, Math.min(head.chunk(), outputs - first), ws.head);
            rows.accept(ws);
            head.loss(batch, lossSpec, ws.head, sums);
        }
    }

    /** Told of outputs, which stand in the workspace. */
    public interface OutputRows {
        void accept(Workspace workspace);
    }

    /**
     * Forward only: leaves outputs, and the most probable classes, in the workspace.
     *
     * @throws IllegalArgumentException if the batch has tokens where the network takes dense rows, the other way round, or rows of
     *     another width
     */
    public void forward(Weights weights, SequenceBatch batch, Workspace ws) {
        states(weights, batch, ws);
        head.forward(weights, batch, ws.layer.h, 0, head.rows(batch), ws.head);
    }

    /** Forward, and outputs of a softmax as probabilities. */
    public void predict(Weights weights, SequenceBatch batch, Workspace ws) {
        forward(weights, batch, ws);
        head.softmax(ws.head);
    }

    /**
     * One step of a sequence that is under way: takes a token and the state, leaves the next state in it and the probabilities of the
     * next output in the workspace.
     *
     * @param batch a packed batch of one sequence with one step
     */
    public void step(Weights weights, SequenceBatch batch, State state, Workspace ws) {
        LayerBuffers b = ws.layer;
        b.reserve(batch.rows());
        embed(weights, batch, ws);
        layer.step(weights, batch, dense(batch, ws), state, b);
        head.forward(weights, batch, b.h, 0, 1, ws.head);
        head.softmax(ws.head);
    }

    /** The state before the first step: zero. */
    public State newState() {
        return new State(new float[spec.hiddenSize()], new float[spec.hiddenSize()]);
    }

    private void requireInput(SequenceBatch batch) {
        boolean fits = spec.input() instanceof NetworkSpec.Dense dense
                ? !batch.hasTokens() && dense.width() == batch.width()
                : batch.hasTokens();
        if (!fits) {
            throw new IllegalArgumentException("the batch has "
                    + (batch.hasTokens() ? "tokens" : "rows of width " + batch.width()) + ", and the network takes "
                    + spec.input());
        }
    }

    private void states(Weights weights, SequenceBatch batch, Workspace ws) {
        requireInput(batch);
        ws.layer.reserve(batch.rows());
        embed(weights, batch, ws);
        layer.forward(weights, batch, dense(batch, ws), ws.layer);
    }

    /** What the layer reads, (N, I); null where tokens are one-hot. */
    private float[] dense(SequenceBatch batch, Workspace ws) {
        return !batch.hasTokens() ? batch.values() : embedding == null ? null : ws.input;
    }

    private void embed(Weights weights, SequenceBatch batch, Workspace ws) {
        if (embedding == null) {
            return;
        }
        int e = embedding.columns();
        ws.input = LayerBuffers.grow(ws.input, batch.rows(), e);
        for (int r = 0; r < batch.rows(); r++) {
            System.arraycopy(weights.theta, embedding.offset() + batch.tokens()[r] * e, ws.input, r * e, e);
        }
    }

    /** Each row's dX is added to the embedding of its token. The embedded tokens are overwritten. */
    private void embeddingGradient(Weights weights, SequenceBatch batch, Workspace ws, List<PartialSum> sums) {
        int e = embedding.columns();
        layer.inputBackward(weights, batch.rows(), ws.layer, ws.input);
        for (int p = 0; p < batch.parts(); p++) {
            float[] gradient = sums.get(p).gradient();
            for (int at = batch.rowStart(p); at < batch.rowStart(p + 1); at++) {
                int row = batch.rowsByPart()[at];
                Elementwise.add(ws.input, row * e, gradient, embedding.offset() + batch.tokens()[row] * e, e);
            }
        }
    }
}
