package dev.unroll.nn;

/**
 * How much memory the unrolled graph of a packed batch takes, and what to do where it is more than it may. Either everything has room; or states
 * and their gradients are kept for all rows, and gates for some at a time.
 */
final class GraphMemory {

    /** Rows whose gates stand in memory together where no way back needs those of all. */
    private static final int FORWARD_ROWS = 2048;

    /** Steps of all sequences whose gates are made again together at least. */
    private static final int LEAST_STEPS = 4;

    /** Of the memory that a batch may take, the part for gates where not all of them have room: 1 / this. */
    private static final int GATES_SHARE = 8;

    private final Cell cell;
    private final int layers;
    private final int directions; // D
    private final int hidden; // H
    private final int inputSize; // I of the first layer
    private final int stateSize; // D H
    private final boolean oneHot; // whether the first layer reads tokens without an embedding

    GraphMemory(Cell cell, NetworkSpec spec, boolean oneHot) {
        this.cell = cell;
        this.layers = spec.numLayers();
        this.directions = spec.directions();
        this.hidden = spec.hiddenSize();
        this.inputSize = spec.inputs(0);
        this.stateSize = spec.stateSize();
        this.oneHot = oneHot;
    }

    /**
     * How many rows may have their gates in memory together: all, if they have room. Otherwise states and their gradients are kept for all
     * rows, and gates are made again from them, some steps at a time: with all states known, as products over many rows.
     *
     * @param sequences of a packed batch
     * @param rows their steps together
     * @throws IllegalArgumentException if the memory is too small for such a batch even so
     */
    int rowsAtOnce(int sequences, long rows, Unrolling unrolling) {
        if (unrolling.memory() == 0) {
            return Integer.MAX_VALUE;
        }
        long room = room(unrolling.memory());
        if (rows * bytesPerRow(unrolling) <= room) {
            return Integer.MAX_VALUE;
        }
        long least = (long) LEAST_STEPS * sequences;
        long atOnce = Math.max(least, room / GATES_SHARE / gateBytes());
        if (boundedBytes(sequences, rows, atOnce, unrolling) > room) {
            atOnce = least;
        }
        long needed = boundedBytes(sequences, rows, atOnce, unrolling);
        if (needed > room) {
            throw new IllegalArgumentException("bptt-memory is " + unrolling.memory() + " bytes, and a packed batch of "
                    + sequences + " sequences with " + rows + " steps together takes " + needed
                    + " even if only states are kept; allowed is at least "
                    + (needed + needed / (Head.MEMORY_SHARE - 2))
                    + ", or 0 for no bound");
        }
        return (int) Math.min(atOnce, Integer.MAX_VALUE);
    }

    /** The same where no way back follows; nothing is refused. */
    int rowsAtOnceForward(int sequences, long memory) {
        long share = memory == 0 ? FORWARD_ROWS : room(memory) / GATES_SHARE / gateBytes();
        return (int) Math.max((long) LEAST_STEPS * sequences, Math.min(FORWARD_ROWS, share));
    }

    /** Steps of sequences whose whole graph has room together; for those no gate is made again. */
    long rowsThatFit(Unrolling unrolling) {
        return unrolling.memory() == 0 ? Long.MAX_VALUE : room(unrolling.memory()) / bytesPerRow(unrolling);
    }

    /** Bytes of all gates and states of that many rows. */
    long bytes(long rows, Unrolling unrolling) {
        return rows * bytesPerRow(unrolling);
    }

    /** What is left beside the outputs of the head. */
    private static long room(long memory) {
        return memory - memory / Head.MEMORY_SHARE;
    }

    private long stacked() {
        return (long) layers * directions;
    }

    private long gateBytes() {
        return Float.BYTES * stacked() * CellBuffers.numbers(cell, hidden);
    }

    private long bytesPerRow(Unrolling unrolling) {
        return gateBytes() + Float.BYTES * numbersBesideLayers(unrolling.dropout() > 0);
    }

    /** Bytes at most with that many rows at once: states of all rows, gates of some, and memories between chunks. */
    private long boundedBytes(int sequences, long rows, long atOnce, Unrolling unrolling) {
        long state = Float.BYTES * stacked() * hidden;
        long kept = rows * (2 * state + Float.BYTES * numbersBesideLayers(unrolling.dropout() > 0));
        // A chunk that is not the last has more rows than atOnce - sequences, or the next step would be in it.
        long chunks = rows / (atOnce - sequences) + 1;
        long borders = cell.hasMemory() ? (chunks + 2) * sequences * state : 0;
        return kept + (atOnce + sequences) * gateBytes() + borders + sequences * state;
    }

    /** Numbers per row of a batch that stand beside the arrays of layers: what they read, and what both directions join. */
    private long numbersBesideLayers(boolean dropout) {
        long numbers = oneHot ? 0 : (long) directions * inputSize;
        long joined = (long) (directions == 2 || dropout ? stateSize : 0) + (directions == 2 ? stateSize : 0);
        numbers += (layers - 1) * (joined + (dropout ? stateSize : 0));
        return directions == 1 ? numbers : numbers + 2L * stateSize + Math.max(inputSize, stateSize) + 2;
    }
}
