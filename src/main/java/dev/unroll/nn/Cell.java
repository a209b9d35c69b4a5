package dev.unroll.nn;

/**
 * The point-wise arithmetic of one step: a cell knows its gates and nothing of time, products or depth. A cell of your own is found by its
 * name: list its class, which needs a constructor without parameters, in {@code META-INF/services/dev.unroll.nn.Cell}
 * ({@link java.util.ServiceLoader}). {@code dev.unroll.testkit.CellContract} tests it.
 *
 * <p>{@link RecurrentLayer} hands a cell rows of {@link CellBuffers}, whose pre-activations {@code a} it has filled with {@code W_ih x
 * + W_hh h + b} for the step; {@link #forward} turns them into gates (in place) and states, {@link #backward} turns gates into
 * gradients of the pre-activations (in place). Every array has (rows, H) elements and rows follow each other, so a cell walks all its arrays
 * by one index. A row is one sequence and must not see the others. Cells have no state of their own: one instance serves all threads.
 */
public interface Cell {

    /** What the key {@code cell} calls it: lower-case letters and digits. */
    String name();

    /** Blocks of H rows in {@code weight_ih} and {@code bias_ih}, as in PyTorch. */
    int gates();

    /** Blocks of H rows in {@code weight_hh} and {@code bias_hh}; with 0 the network has neither, and no recurrent product. */
    default int recurrentGates() {
        return gates();
    }

    /** Arrays of pre-activations {@code a}. The input product fills the first {@link #gates} of them. */
    default int blocks() {
        return gates();
    }

    /** First block that the recurrent product fills; it fills {@link #recurrentGates} blocks from there, the last ones. */
    default int recurrentBlock() {
        return blocks() - recurrentGates();
    }

    /** Which gate of {@code weight_ih} (in the order of the file) stands in block {@code block}. */
    default int inputGate(int block) {
        return block;
    }

    /** Whether the cell carries a second state c beside h. */
    default boolean hasMemory() {
        return false;
    }

    /** Arrays, besides gates and states, that {@link #forward} fills for {@link #backward}. */
    default int keptArrays() {
        return 0;
    }

    /** Whether |h| is never above 1, so that one near 1 hardly moves any more. */
    default boolean isBounded() {
        return false;
    }

    /** Rows [row, row + rows): reads a, hPrevious (and cPrevious), writes gates over a, and h (and c, and what it keeps). */
    void forward(CellBuffers b, int row, int rows);

    /**
     * Rows [row, row + rows): reads dH (and dC) and the gates, writes dA over a, and adds what flows point-wise to the step before
     * into rows from previousRow of dH (and dC). A negative previousRow means that nothing flows there.
     */
    void backward(CellBuffers b, int row, int previousRow, int rows);
}
