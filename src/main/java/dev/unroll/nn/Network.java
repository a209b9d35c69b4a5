package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.ParameterLayout.Slot;

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
        this.layer = new RecurrentLayer(
                Cell.named(spec.cell(), spec.activation()), spec.input().size(), spec.hiddenSize(), layout, "l0");
        this.head = new Head(spec.head(), spec.hiddenSize(), layout.slot("head.weight"), layout.slot("head.bias"));
        this.embedding = layout.names().contains("embedding.weight") ? layout.slot("embedding.weight") : null;
    }

    public NetworkSpec spec() {
        return spec;
    }

    public ParameterLayout layout() {
        return layout;
    }

    /**
     * Makes theta ready for the products of one iteration. Theta is not copied and must not change while the weights are in use.
     *
     * @throws IllegalArgumentException if theta has another length than the layout
     */
    public Weights bind(float[] theta) {
        if (theta.length != layout.size()) {
            throw new IllegalArgumentException(
                    "theta has " + theta.length + " parameters, the network has " + layout.size());
        }
        Weights weights = new Weights(theta);
        layer.bind(weights);
        head.bind(weights);
        return weights;
    }

    public Workspace newWorkspace() {
        return new Workspace(layer.newBuffers());
    }

    /**
     * Forward, loss and backward of one batch by full back-propagation through time.
     *
     * @param gradient the sum of gradients of scaled loss terms is added to it; in the layout of theta
     * @param loss the loss, its weight and counts are added to it
     */
    public void accumulate(
            Weights weights, SequenceBatch batch, LossSpec lossSpec, Workspace ws, float[] gradient, LossSum loss) {
        forward(weights, batch, ws);
        loss(batch, lossSpec, ws, loss);
        LayerBuffers b = ws.layer;
        b.clearGradients(batch.rows());
        head.backward(weights, batch, b.h, b.dH, ws.head, gradient);
        layer.backward(weights, batch, b);
        layer.recurrentGradient(batch, b, gradient);
        inputGradient(weights, batch, ws, gradient);
    }

    /**
     * Forward only: leaves outputs, and the most probable classes, in the workspace.
     *
     * @throws IllegalArgumentException if the batch has tokens where the network takes dense rows, the other way round, or rows of
     *     another width
     */
    public void forward(Weights weights, SequenceBatch batch, Workspace ws) {
        requireInput(batch);
        states(weights, batch, ws);
        head.forward(weights, batch, ws.layer.h, ws.head);
    }

    /** After {@link #forward}: adds the loss of the batch. Overwrites the outputs. */
    public void loss(SequenceBatch batch, LossSpec lossSpec, Workspace ws, LossSum loss) {
        head.loss(batch, lossSpec, ws.head, loss);
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
        input(weights, batch, ws);
        layer.step(weights, state, b);
        head.forward(weights, batch, b.h, ws.head);
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
        LayerBuffers b = ws.layer;
        b.reserve(batch.rows());
        input(weights, batch, ws);
        layer.forward(weights, batch, b);
    }

    private void input(Weights weights, SequenceBatch batch, Workspace ws) {
        LayerBuffers b = ws.layer;
        if (!batch.hasTokens()) {
            layer.inputDense(weights, batch.values(), batch.rows(), b);
        } else if (embedding == null) {
            layer.inputOneHot(weights, batch.tokens(), batch.rows(), b);
        } else {
            embed(weights, batch, ws);
            layer.inputDense(weights, ws.input, batch.rows(), b);
        }
    }

    private void embed(Weights weights, SequenceBatch batch, Workspace ws) {
        int e = embedding.columns();
        ws.input = LayerBuffers.grow(ws.input, batch.rows(), e);
        for (int r = 0; r < batch.rows(); r++) {
            System.arraycopy(weights.theta, embedding.offset() + batch.tokens()[r] * e, ws.input, r * e, e);
        }
    }

    private void inputGradient(Weights weights, SequenceBatch batch, Workspace ws, float[] gradient) {
        int rows = batch.rows();
        if (!batch.hasTokens()) {
            layer.inputGradientDense(batch.values(), rows, ws.layer, gradient);
        } else if (embedding == null) {
            layer.inputGradientOneHot(batch.tokens(), rows, ws.layer, gradient);
        } else {
            layer.inputGradientDense(ws.input, rows, ws.layer, gradient);
            layer.inputBackward(weights, rows, ws.layer, ws.input);
            int e = embedding.columns();
            for (int r = 0; r < rows; r++) {
                int out = embedding.offset() + batch.tokens()[r] * e;
                for (int j = 0; j < e; j++) {
                    gradient[out + j] += ws.input[r * e + j];
                }
            }
        }
    }
}
