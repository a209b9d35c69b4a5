package dev.unroll.nn;

/**
 * The point-wise arithmetic of one step: a cell knows its gates and nothing of time, products or depth.
 *
 * <p>{@link RecurrentLayer} hands a cell rows of {@link CellBuffers}, whose pre-activations {@code a} it has filled with {@code W_ih x
 * + W_hh h + b} for the step; {@link #forward} turns them into gates (in place) and states, {@link #backward} turns gates into
 * gradients of the pre-activations (in place). Every array has (N, H) elements and rows follow each other, so a cell walks all its arrays
 * by one index.
 */
sealed interface Cell permits ElmanCell, LstmCell, GruCell {

    /** Blocks of H rows in {@code weight_ih} and {@code weight_hh}, as in PyTorch. */
    int gates();

    /** Arrays (N, H) of pre-activations {@code a}. The input product fills the first {@link #gates} of them. */
    int blocks();

    /** First block that the recurrent product fills; it fills {@link #gates} blocks from there. */
    default int recurrentBlock() {
        return blocks() - gates();
    }

    /** Which gate of {@code weight_ih} (in PyTorch's order) stands in block {@code block}. */
    default int inputGate(int block) {
        return block;
    }

    /** Whether the cell carries a second state c beside h. */
    boolean hasMemory();

    /** Arrays (N, H), besides gates and states, that {@link #forward} fills for {@link #backward}. */
    default int keptArrays() {
        return 0;
    }

    /** Rows [row, row + rows): reads a, hPrevious (and cPrevious), writes gates over a, and h (and c, and what it keeps). */
    void forward(CellBuffers b, int row, int rows);

    /**
     * Rows [row, row + rows): reads dH (and dC) and the gates, writes dA over a, and adds what flows point-wise to the step before
     * into rows from previousRow of dH (and dC). A negative previousRow means that there is no step before.
     */
    void backward(CellBuffers b, int row, int previousRow, int rows);

    /**
     * The cell of that name.
     *
     * @throws IllegalArgumentException for an unknown name or an activation that the cell does not have
     */
    static Cell named(String cell, String activation) {
        if (!activation.equals("tanh") && !activation.equals("relu")) {
            throw new IllegalArgumentException("activation is " + activation + "; allowed are tanh and relu");
        }
        if (!cell.equals("elman") && activation.equals("relu")) {
            throw new IllegalArgumentException("activation relu goes with cell elman only, and cell is " + cell);
        }
        return switch (cell) {
            case "elman" -> new ElmanCell(activation.equals("relu"));
            case "lstm" -> new LstmCell();
            case "gru" -> new GruCell();
            default -> throw new IllegalArgumentException("cell is " + cell + "; allowed are elman, lstm and gru");
        };
    }
}
