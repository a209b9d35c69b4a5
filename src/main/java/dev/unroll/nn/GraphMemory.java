package dev.unroll.nn;

import dev.unroll.data.SequenceBatch;

/**
 * How many bytes the unrolled graph of a packed batch takes, and how it is made to fit a byte budget. Either everything
 * has room; or states and their gradients are stored for all rows, and gates for the rows of one of the
 * {@link Segments} at a time, to be recomputed in backward.
 */
final class GraphMemory {

    /** Rows whose gates are in memory at a time in a forward pass without backward. */
    private static final int FORWARD_ROWS = 2048;

    /** The least steps, of all sequences, of one segment. */
    private static final int LEAST_STEPS = 4;

    /** The share of the budget for gates where not all of them fit: 1 / this. */
    private static final int GATES_SHARE = 8;

    private final Cell cell;
    private final int layers;
    private final int directions; // D
    private final int hidden; // H
    private final int width; // of a state in one direction: P with a projection, otherwise H
    private final int projected; // numbers of the states that are projected: P, or 0
    private final int inputSize; // I of the first layer
    private final int stateSize; // D H
    private final int columns; // ids and numbers of a step, where what the first layer reads is put together from them
    private final long sequenceBytes; // for each sequence: its statics, and what its states are pooled to
    private final long
            headBytes; // of a step: what pools states, outputs where all are in memory at a time, and a set of labels
    private final boolean oneHot;

    GraphMemory(Cell cell, NetworkSpec spec) {
        this.cell = cell;
        this.layers = spec.numLayers();
        this.directions = spec.directions();
        this.hidden = spec.hiddenSize();
        this.width = spec.directionSize();
        this.projected = spec.projSize();
        this.inputSize = spec.inputs(0);
        this.stateSize = spec.stateSize();
        this.columns = spec.input() instanceof NetworkSpec.Mixed mixed
                ? mixed.numbers() + mixed.categories().size()
                : 0;
        this.sequenceBytes =
                Float.BYTES * (StaticInput.numbersPerSequence(spec, cell) + StatePooling.numbersPerSequence(spec));
        this.headBytes = Float.BYTES * (long) StatePooling.numbersPerRow(spec)
                + (spec.head().loss().joinsSteps()
                        ? ConditionalRandomField.bytesPerRow(spec.head().outputs())
                        : 0)
                + (spec.head().loss().hasLabelSets() && spec.head().everyStep()
                        ? Float.BYTES * (long) spec.head().targetWidth()
                        : 0);
        this.oneHot = spec.input().isOneHot();
    }

    /**
     * How many rows may have their gates in memory at a time: all, if they fit. Otherwise states and their gradients
     * are stored for all rows, and gates are recomputed from them, segment by segment: since all states are known, by
     * products over many rows.
     *
     * @param sequences of a packed batch
     * @param rows their steps together
     * @throws IllegalArgumentException if the budget is too small for such a batch even so
     */
    int rowsAtOnce(int sequences, long rows, Unrolling unrolling) {
        if (unrolling.byteBudget() == 0) {
            return Integer.MAX_VALUE;
        }
        long room = room(unrolling.byteBudget());
        if (bytes(sequences, rows, unrolling) <= room) {
            return Integer.MAX_VALUE;
        }
        long least = (long) LEAST_STEPS * sequences;
        long atOnce = Math.max(least, room / GATES_SHARE / gateBytes());
        if (boundedBytes(sequences, rows, atOnce, unrolling) > room) {
            atOnce = least;
        }
        long needed = boundedBytes(sequences, rows, atOnce, unrolling);
        if (needed > room) {
            throw new IllegalArgumentException(
                    "bptt-memory is " + unrolling.byteBudget() + " bytes, and a packed batch of "
                            + sequences + " sequences with " + rows + " steps together takes " + needed
                            + " even if only states are kept; allowed is at least "
                            + (needed + needed / (Head.BUDGET_SHARE - 2))
                            + ", or 0 for no bound");
        }
        return (int) Math.min(atOnce, Integer.MAX_VALUE);
    }

    /** As {@link #rowsAtOnce}, for a forward pass without backward, which is never refused. */
    int rowsAtOnceForward(int sequences, long byteBudget) {
        long share = byteBudget == 0 ? FORWARD_ROWS : room(byteBudget) / GATES_SHARE / forwardGateBytes();
        return (int) Math.max((long) LEAST_STEPS * sequences, Math.min(FORWARD_ROWS, share));
    }

    /** Rows whose whole graph fits the budget, beside what as many sequences take as a shard adds to a batch; for those no gate is recomputed. */
    long rowsThatFit(Unrolling unrolling) {
        return unrolling.byteBudget() == 0
                ? Long.MAX_VALUE
                : Math.max(0, room(unrolling.byteBudget()) - SequenceBatch.MAX_SEQUENCES * sequenceBytes)
                        / bytesPerRow(unrolling);
    }

    /** Bytes of the whole graph of some sequences, with so many rows together. */
    long bytes(long sequences, long rows, Unrolling unrolling) {
        return rows * bytesPerRow(unrolling) + sequences * sequenceBytes;
    }

    /** The part of a budget that the outputs of the head leave. */
    private static long room(long byteBudget) {
        return byteBudget - byteBudget / Head.BUDGET_SHARE;
    }

    private long stacked() {
        return (long) layers * directions;
    }

    private long forwardGateBytes() {
        return Float.BYTES
                * stacked()
                * CellBuffers.numbersPerRow(hidden, width, cell.blocks(), cell.savedArrays(), cell.hasCellState());
    }

    private long gateBytes() {
        long gradients = CellBuffers.gradientNumbersPerRow(cell.parameters(hidden));
        return forwardGateBytes() + Float.BYTES * stacked() * (gradients + projected);
    }

    private long bytesPerRow(Unrolling unrolling) {
        return gateBytes() + Float.BYTES * stacked() * projected + bytesBesideLayers(unrolling);
    }

    /**
     * An upper bound of the bytes with that many rows at a time: states of all rows, gates of some, and cell states
     * between segments.
     */
    private long boundedBytes(int sequences, long rows, long atOnce, Unrolling unrolling) {
        long state = Float.BYTES * stacked() * width;
        long cellState = Float.BYTES * stacked() * hidden;
        long always = rows * (2 * state + bytesBesideLayers(unrolling));
        // A segment that is not the last has more rows than atOnce - sequences, or the next step would be in it.
        long segments = rows / (atOnce - sequences) + 1;
        long borders = cell.hasCellState() ? (segments + 2) * sequences * cellState : 0;
        return always + (atOnce + sequences) * gateBytes() + borders + sequences * (state + sequenceBytes);
    }

    private long bytesBesideLayers(Unrolling unrolling) {
        return headBytes + Float.BYTES * numbersBesideLayers(unrolling.dropout() > 0);
    }

    /**
     * Numbers per row outside the arrays of layers: what layers read, and where the states of both directions are
     * joined.
     */
    private long numbersBesideLayers(boolean dropout) {
        long numbers = oneHot ? 0 : columns + (long) directions * inputSize;
        long joined = (long) (directions == 2 || dropout ? stateSize : 0) + (directions == 2 ? stateSize : 0);
        numbers += (layers - 1) * (joined + (dropout ? stateSize : 0));
        return directions == 1 ? numbers : numbers + 2L * stateSize + Math.max(inputSize, stateSize) + 2;
    }
}
