package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;
import dev.unroll.param.ParameterLayout;
import dev.unroll.param.RowBlocks;
import java.util.Collections;
import java.util.List;

/**
 * The whole network as a function of parameters and a packed batch: takes both, adds loss and gradient to sums. It
 * holds no parameters and no state, so one instance serves all threads. Threads may share {@link Weights}; each has a
 * {@link Workspace} of its own.
 *
 * <p>Input ({@link InputRows}, where ids are embedded), recurrent layers (each a {@link RecurrentLayer};
 * {@link RecurrentStack} knows their order), {@link StatePooling} perhaps, and head; {@link StaticInput} is what layers and
 * head read of whole sequences.
 */
public final class Network {

    /** Numbers tabled at most, 4 MB: what is looked up has to be in a cache. */
    private static final int MAX_TABLE = 1 << 20;

    private final NetworkSpec spec;
    private final ParameterLayout layout;
    private final InputRows inputRows;
    private final StaticInput statics; // null where there are none
    private final RecurrentStack stack;
    private final StatePooling pooling; // null where the head reads states as they are
    private final Head head;

    public Network(NetworkSpec spec) {
        this.spec = spec;
        this.layout = spec.layout();
        this.inputRows = rows(spec, layout);
        EmbeddedColumns whole = inputRows.statics();
        this.statics = whole == null ? null : new StaticInput(whole, spec, layout);
        this.stack = new RecurrentStack(spec, layout);
        this.pooling = spec.head().pooling().joinsSteps() ? new StatePooling(spec, layout) : null;
        this.head = new Head(spec, layout);
    }

    private static InputRows rows(NetworkSpec spec, ParameterLayout layout) {
        if (spec.input() instanceof NetworkSpec.Embedded embedded) {
            return new EmbeddedRows(embedded);
        }
        return spec.input() instanceof NetworkSpec.Mixed mixed
                ? new MixedRows(mixed, layout)
                : new PlainRows(spec, layout);
    }

    public NetworkSpec spec() {
        return spec;
    }

    public ParameterLayout layout() {
        return layout;
    }

    /** Whether |h| never exceeds 1, so that a value near 1 is saturated. */
    public boolean hasBoundedStates() {
        return stack.hasBoundedStates();
    }

    /** The rows of parameters of which a batch touches few: embeddings, unless the head uses them too. */
    public RowBlocks sparse() {
        return inputRows.sparse();
    }

    InputRows inputRows() {
        return inputRows;
    }

    /** As {@link #bind(float[], Weights)}, into new weights. */
    public Weights bind(float[] theta) {
        return bind(theta, newWeights());
    }

    /**
     * Packs theta for the products of one iteration. Theta is not copied and must not change while the weights are in
     * use.
     *
     * @param weights to fill, made by {@link #newWeights}
     * @throws IllegalArgumentException if theta has another length than the layout
     */
    public Weights bind(float[] theta, Weights weights) {
        if (theta.length != layout.size()) {
            throw new IllegalArgumentException(
                    "theta has " + theta.length + " parameters, the network has " + layout.size());
        }
        weights.theta = theta;
        weights.tokensTabled = false;
        stack.bind(weights);
        head.bind(weights);
        if (statics != null) {
            statics.bind(weights);
        }
        return weights;
    }

    /**
     * As {@link #bind(float[])}, for many forward passes: where there are few tokens, what each of them gives the first
     * layer is computed once and looked up, which changes no bit.
     */
    public Weights bindForward(float[] theta) {
        Weights weights = bind(theta);
        if (spec.input() instanceof NetworkSpec.Tokens tokens
                && (long) tokens.vocabulary() * layout.slot("rnn.weight_ih_l0").rows() <= MAX_TABLE) {
            int embedding =
                    tokens.isOneHot() ? -1 : layout.slot("embedding.weight").offset();
            stack.tableTokens(tokens.vocabulary(), embedding, weights);
            weights.tokensTabled = true;
        }
        return weights;
    }

    public Weights newWeights() {
        return new Weights(stack.newWeights(), statics == null ? null : statics.newWeights(), head.newTransitions());
    }

    public Workspace newWorkspace() {
        return new Workspace(stack.newBuffers(statics == null ? null : statics.newBuffers()));
    }

    /**
     * Forward, loss and backward of a batch of one slice, by full back-propagation through time without dropout. It
     * does not report which rows of {@link #sparse} it touches.
     */
    public void accumulate(
            Weights weights, SequenceBatch batch, LossSpec lossSpec, Workspace ws, float[] gradient, LossSum loss) {
        List<PartialSum> sums = List.of(new PartialSum(gradient, loss));
        accumulate(weights, batch, lossSpec, null, Unrolling.FULL, Draws.NONE, ws, sums, null);
    }

    /**
     * Forward, loss and backward of one batch by back-propagation through time.
     *
     * @param before the initial states of its sequences, in packed order; null for zero
     * @param sums per slice of the batch, to which its gradient of scaled loss terms, its loss, weight and counts are
     *     added
     * @param probe is called with the gradients of states; null for none
     * @throws IllegalArgumentException if the batch is not of the kind that the network takes, or
     *     {@link Unrolling#byteBudget} is too small for it
     * @throws IllegalStateException if there are initial states, and the network reads in both directions or pools states
     */
    public void accumulate(
            Weights weights,
            SequenceBatch batch,
            LossSpec lossSpec,
            State before,
            Unrolling unrolling,
            Draws draws,
            Workspace ws,
            List<PartialSum> sums,
            Probe probe) {
        float[] states = states(weights, batch, before, unrolling, draws, ws);
        float[] dStates = stack.stateGradients(batch, ws.stack);
        float[] dRead = pooling == null ? dStates : pooling.gradients(batch, ws.stack.pooling);
        startSums(batch, ws);
        head.count(batch, lossSpec, sums);
        int outputs = head.rows(batch);
        int rowsAtOnce = head.rowsAtOnce(unrolling.byteBudget());
        for (int first = 0; first < outputs; first += rowsAtOnce) {
            head.forward(weights, batch, states, first, Math.min(rowsAtOnce, outputs - first), ws.head);
            head.loss(weights, batch, lossSpec, ws.head, sums);
            head.backward(weights, batch, states, dRead, ws.head, sums);
        }
        if (pooling != null) {
            pooling.backward(weights, batch, ws.stack.pooling, dStates, sums);
        }
        float[] dX = inputRows.gradientRows(ws.stack);
        stack.backward(weights, batch, before, unrolling, draws, ws.stack, sums, dX, probe);
        inputRows.backward(batch, dX, sums);
        if (statics != null) {
            statics.backward(weights, batch, ws.stack.statics, sums);
        }
    }

    private void startSums(SequenceBatch batch, Workspace ws) {
        if (statics != null) {
            statics.startSums(batch, ws.stack.statics);
        }
    }

    /**
     * A backward pass of a single loss term of each sequence, where every step has one: only so is it visible how far
     * back the gradient of one loss reaches. No gradient is summed.
     *
     * @param steps the step of each sequence whose loss term counts, (B)
     */
    public void backwardFrom(
            int[] steps,
            Weights weights,
            SequenceBatch batch,
            LossSpec lossSpec,
            State before,
            Unrolling unrolling,
            Draws draws,
            Workspace ws,
            Probe probe) {
        float[] states = states(weights, batch, before, unrolling, draws, ws);
        float[] dStates = stack.stateGradients(batch, ws.stack);
        startSums(batch, ws);
        List<PartialSum> unused = Collections.nCopies(batch.slices(), new PartialSum(new float[0], new LossSum()));
        int outputs = head.rows(batch);
        int rowsAtOnce = head.rowsAtOnce(unrolling.byteBudget());
        for (int first = 0; first < outputs; first += rowsAtOnce) {
            head.forward(weights, batch, states, first, Math.min(rowsAtOnce, outputs - first), ws.head);
            head.loss(weights, batch, lossSpec, ws.head, unused);
            head.zeroOtherSteps(batch, steps, ws.head);
            head.stateGradients(weights, dStates, ws.head);
        }
        stack.backward(weights, batch, before, unrolling, draws, ws.stack, List.of(), null, probe);
    }

    /**
     * Forward, and from the gradients of the outputs back to those of the inputs, which stay in the workspace; no other
     * gradient is summed.
     *
     * @param outputs is called with all outputs, and leaves dF/do in their place, F being any function of them
     * @throws IllegalStateException if the network's input is not {@link NetworkSpec.Embedded}
     */
    void inputGradients(Weights weights, SequenceBatch batch, OutputRows outputs, Workspace ws) {
        if (!(spec.input() instanceof NetworkSpec.Embedded)) {
            throw new IllegalStateException("the network takes " + spec.input() + ", which has no gradients");
        }
        float[] states = states(weights, batch, null, Unrolling.FULL, Draws.NONE, ws);
        float[] dStates = stack.stateGradients(batch, ws.stack);
        float[] dRead = pooling == null ? dStates : pooling.gradients(batch, ws.stack.pooling);
        startSums(batch, ws);
        head.forward(weights, batch, states, 0, head.rows(batch), ws.head);
        outputs.accept(ws);
        head.inputGradients(weights, batch, dRead, ws.head);
        if (pooling != null) {
            pooling.backward(weights, batch, ws.stack.pooling, dStates, List.of());
        }
        float[] dX = inputRows.gradientRows(ws.stack);
        stack.backward(weights, batch, null, Unrolling.FULL, Draws.NONE, ws.stack, List.of(), dX, null);
        if (statics != null) {
            statics.inputGradients(weights, batch, ws.stack.statics);
        }
    }

    /**
     * Forward and loss of one batch of one slice.
     *
     * @param before as in {@link #accumulate}
     * @param byteBudget as {@link Unrolling#byteBudget}; a forward pass without backward is never refused
     * @param rows is called with the outputs, some rows at a time
     */
    public void evaluate(
            Weights weights,
            SequenceBatch batch,
            LossSpec lossSpec,
            State before,
            long byteBudget,
            Workspace ws,
            LossSum loss,
            OutputRows rows) {
        List<PartialSum> sums = List.of(new PartialSum(new float[0], loss));
        float[] states = statesOnly(weights, batch, before, byteBudget, ws);
        head.count(batch, lossSpec, sums);
        int outputs = head.rows(batch);
        int rowsAtOnce = head.rowsAtOnce(byteBudget);
        for (int first = 0; first < outputs; first += rowsAtOnce) {
            head.forward(weights, batch, states, first, Math.min(rowsAtOnce, outputs - first), ws.head);
            rows.accept(ws);
            head.loss(weights, batch, lossSpec, ws.head, sums);
        }
    }

    /** Is called with outputs, which are in the workspace. */
    public interface OutputRows {
        void accept(Workspace workspace);
    }

    /**
     * Forward only: leaves outputs, and the most probable classes, in the workspace.
     *
     * @throws IllegalArgumentException if the batch is not of the kind that the network takes
     */
    public void forward(Weights weights, SequenceBatch batch, Workspace ws) {
        float[] states = statesOnly(weights, batch, null, 0, ws);
        head.forward(weights, batch, states, 0, head.rows(batch), ws.head);
    }

    /** After {@link #forward}: turns outputs of classes into probabilities; others stay as they are. */
    public void probabilities(Weights weights, SequenceBatch batch, Workspace ws) {
        head.probabilities(weights, batch, ws.head);
    }

    /**
     * One step of a sequence: takes a token or a row and the state, and leaves the next state in it and the next output
     * in the workspace.
     *
     * @param batch a packed batch of one sequence with one step
     * @throws IllegalStateException if the network reads in both directions or pools states
     */
    public void step(Weights weights, SequenceBatch batch, State state, Workspace ws) {
        float[] states = statesOnly(weights, batch, state, 0, ws);
        head.forward(weights, batch, states, 0, head.rows(batch), ws.head);
        lastState(batch, ws, state);
    }

    /**
     * After a forward pass in one direction: the state after the last step of each sequence of the batch, in packed
     * order.
     */
    public void lastState(SequenceBatch batch, Workspace ws, State last) {
        stack.lastState(batch, ws.stack, last);
    }

    /** The state before the first step of that many sequences: zero. */
    public State newState(int sequences) {
        int layers = spec.numLayers();
        int h = Math.multiplyExact(sequences, spec.directionSize());
        int c = stack.hasCellState() ? Math.multiplyExact(sequences, spec.hiddenSize()) : 0;
        return new State(new float[layers][h], new float[layers][c]);
    }

    /**
     * Refuses training for which the byte budget is too small.
     *
     * @param sequences of the largest packed batch of one slice
     * @param rows their steps together
     * @throws IllegalArgumentException if the budget is too small for it
     */
    public void requireRoom(int sequences, long rows, Unrolling unrolling) {
        stack.graphMemory().rowsAtOnce(sequences, rows, unrolling);
    }

    /** Rows whose whole graph fits the byte budget; slices that share a batch should not have more. */
    public long rowsThatFit(Unrolling unrolling) {
        return stack.graphMemory().rowsThatFit(unrolling);
    }

    /** Bytes of the unrolled graph of some sequences, with so many rows together, without a budget. */
    public long graphBytes(long sequences, long rows, Unrolling unrolling) {
        return stack.graphMemory().bytes(sequences, rows, unrolling);
    }

    /** Forward up to what the head reads, which is returned. */
    private float[] states(
            Weights weights, SequenceBatch batch, State before, Unrolling unrolling, Draws draws, Workspace ws) {
        int rowsAtOnce = stack.graphMemory().rowsAtOnce(batch.size(), batch.rows(), unrolling);
        return states(weights, batch, before, unrolling, rowsAtOnce, draws, false, ws);
    }

    /** As {@link #states}, without a backward pass to follow. */
    private float[] statesOnly(Weights weights, SequenceBatch batch, State before, long byteBudget, Workspace ws) {
        Unrolling unrolling = new Unrolling(0, Truncation.NONE, byteBudget);
        int rowsAtOnce = stack.graphMemory().rowsAtOnceForward(batch.size(), byteBudget);
        return states(weights, batch, before, unrolling, rowsAtOnce, Draws.NONE, weights.tokensTabled, ws);
    }

    private float[] states(
            Weights weights,
            SequenceBatch batch,
            State before,
            Unrolling unrolling,
            int rowsAtOnce,
            Draws draws,
            boolean lookUp,
            Workspace ws) {
        inputRows.requireFit(batch);
        if (before != null && spec.bidirectional()) {
            throw new IllegalStateException("a network that reads in both directions cannot begin in a given state");
        }
        if (before != null && pooling != null) {
            throw new IllegalStateException(
                    "a network that pools the states of all steps cannot begin in a given state");
        }
        stack.plan(batch, rowsAtOnce, unrolling.byteBudget() > 0, ws.stack);
        if (!lookUp) {
            inputRows.embed(weights, batch, ws.stack);
        }
        if (statics != null) {
            statics.start(weights, batch, ws.stack.statics);
        }
        int[] tokens = lookUp ? batch.tokens() : inputRows.oneHot(batch);
        float[] x = lookUp ? null : inputRows.dense(batch, ws.stack);
        stack.forward(weights, batch, tokens, x, before, unrolling, draws, ws.stack);
        float[] states = stack.states(batch, ws.stack);
        return pooling == null ? states : pooling.forward(weights, batch, states, ws.stack.pooling);
    }
}
