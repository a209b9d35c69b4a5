package dev.unroll.nn;

import java.util.List;

/**
 * The point-wise arithmetic of one step: a cell knows its gates and nothing of time, products or depth. Your own cell
 * is found by its name: list its class, which needs a constructor without parameters, in
 * {@code META-INF/services/dev.unroll.nn.Cell} ({@link java.util.ServiceLoader}), and test it with
 * {@code dev.unroll.testkit.CellContract}.
 *
 * <p>{@link RecurrentLayer} gives a cell some rows of {@link CellBuffers}. Their pre-activations {@code a} already hold
 * {@code W_ih x + W_hh h + b} of the step. {@link #forward} overwrites them with gates and computes the states;
 * {@link #backward} overwrites the gates with gradients of the pre-activations. Every array has (rows, H) elements, row
 * after row, so that one index walks all arrays. A row is one sequence and must not depend on the others. Cells have no
 * state of their own: one instance serves all threads.
 */
public interface Cell {

    /** The value of the key {@code cell} that selects it: lower-case letters and digits. */
    String name();

    /** Gates, each a block of H rows in {@code weight_ih} and {@code bias_ih}, as in PyTorch. */
    int gates();

    /**
     * Gates that have a recurrent product, each a block of H rows in {@code weight_hh} and {@code bias_hh}; with 0 the
     * network has neither tensor.
     */
    default int recurrentGates() {
        return gates();
    }

    /** Blocks: the arrays of pre-activations {@code a}. The input product fills the first {@link #gates} of them. */
    default int blocks() {
        return gates();
    }

    /**
     * The first block that the recurrent product fills; it fills {@link #recurrentGates} blocks from there, the last
     * ones.
     */
    default int recurrentBlock() {
        return blocks() - recurrentGates();
    }

    /** The gate of {@code weight_ih}, in the order of the file, whose product goes into a block. */
    default int inputGate(int block) {
        return block;
    }

    /** Whether the cell has a cell state c besides the hidden state h, as an LSTM has. */
    default boolean hasCellState() {
        return false;
    }

    /** Arrays, besides gates and states, that {@link #forward} saves for {@link #backward}. */
    default int savedArrays() {
        return 0;
    }

    /**
     * Parameters of its own, each with another name, besides the weights and biases of its gates; their numbers are
     * {@link CellBuffers#parameter}. In theta and in files they follow the biases of their layer and direction.
     *
     * @param hidden H
     */
    default List<CellParameter> parameters(int hidden) {
        return List.of();
    }

    /**
     * The gate whose bias {@code forget-bias} sets: a value near 1 keeps the state. Counted in the order of
     * {@code weight_ih}; negative where there is none. In {@code bias_hh} its biases then start at 0: there it is the
     * gate of the same block ({@link #recurrentBlock}, {@link #inputGate}) or, if every gate has a recurrent product
     * in a block of its own, the same one.
     */
    default int forgetGate() {
        return -1;
    }

    /** Whether |h| never exceeds 1, so that a value near 1 is saturated. */
    default boolean isBounded() {
        return false;
    }

    /**
     * Forward for rows [row, row + rows): reads a, hPrevious (and cPrevious); overwrites a with the gates, and writes h
     * (and c, and the saved arrays).
     */
    void forward(CellBuffers b, int row, int rows);

    /**
     * Backward for rows [row, row + rows): reads dH (and dC) and the gates; overwrites the gates with dA, and adds what
     * flows point-wise to the previous step to the rows of dH (and dC) from {@code previousRow} on. A negative
     * {@code previousRow} means that nothing flows there. Writes what each row adds to the gradients of the cell's own
     * parameters to {@link CellBuffers#dParameter}; the layer adds up the rows.
     */
    void backward(CellBuffers b, int row, int previousRow, int rows);
}
