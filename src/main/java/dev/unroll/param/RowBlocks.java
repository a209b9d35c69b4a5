package dev.unroll.param;

import dev.unroll.param.ParameterLayout.Slot;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Adjacent matrices in a vector of parameters, of which a batch touches few rows: embeddings. Their rows have one running
 * number. Immutable.
 *
 * @param offset where the first matrix begins
 * @param blocks the matrices, each with a row at least
 */
public record RowBlocks(int offset, List<Block> blocks) implements Serializable {

    /** No rows. */
    public static final RowBlocks NONE = new RowBlocks(0, List.of());

    /** The shape of one matrix. */
    public record Block(int rows, int columns) implements Serializable {
        private int size() {
            return rows * columns;
        }
    }

    /** Elements of the vector, from (included) to (excluded). */
    public interface Range {
        void accept(int from, int to);
    }

    public RowBlocks {
        blocks = List.copyOf(blocks);
    }

    /** @throws IllegalArgumentException if the matrices are not adjacent */
    public static RowBlocks of(List<Slot> matrices) {
        if (matrices.isEmpty()) {
            return NONE;
        }
        List<Block> blocks = new ArrayList<>();
        int end = matrices.get(0).offset();
        for (Slot slot : matrices) {
            if (slot.offset() != end) {
                throw new IllegalArgumentException(slot.name() + " begins at " + slot.offset() + ", not at " + end);
            }
            end += slot.size();
            blocks.add(new Block(slot.rows(), slot.columns()));
        }
        return new RowBlocks(matrices.get(0).offset(), blocks);
    }

    public boolean isEmpty() {
        return blocks.isEmpty();
    }

    /** Numbers of all matrices together. */
    public int size() {
        return blocks.stream().mapToInt(Block::size).sum();
    }

    /** Where the last matrix ends. */
    public int end() {
        return offset + size();
    }

    /** Rows of all matrices together. */
    public int rows() {
        return blocks.stream().mapToInt(Block::rows).sum();
    }

    /** The columns of the widest matrix; 0 where there is none. */
    public int widest() {
        return blocks.stream().mapToInt(Block::columns).max().orElse(0);
    }

    /** Gives the elements of chosen rows, row by row in ascending order. */
    public void forEach(BitSet chosen, Range range) {
        int first = 0;
        int at = offset;
        for (Block block : blocks) {
            int end = first + block.rows;
            for (int row = chosen.nextSetBit(first); row >= 0 && row < end; row = chosen.nextSetBit(row + 1)) {
                int from = at + (row - first) * block.columns;
                range.accept(from, from + block.columns);
            }
            first = end;
            at += block.size();
        }
    }

    /** How many numbers chosen rows have. */
    public long size(BitSet chosen) {
        long[] size = {0};
        forEach(chosen, (from, to) -> size[0] += to - from);
        return size[0];
    }

    /**
     * The running number of the row that begins at an element; at the end the number of rows.
     *
     * @throws IllegalArgumentException if no row begins there
     */
    public int row(int element) {
        int at = offset;
        int first = 0;
        for (Block block : blocks) {
            if (element >= at && element < at + block.size() && (element - at) % block.columns == 0) {
                return first + (element - at) / block.columns;
            }
            at += block.size();
            first += block.rows;
        }
        if (element != at) {
            throw new IllegalArgumentException("no row of " + this + " begins at " + element);
        }
        return first;
    }

    /**
     * The rows between two elements, where a vector of these elements alone has them; none where both are before the
     * rows or behind them.
     *
     * @throws IllegalArgumentException if one of the elements is within a row, or one is outside and the other is not
     */
    public RowBlocks slice(int from, int to) {
        if (isEmpty() || to <= offset || from >= end()) {
            return NONE;
        }
        int first = row(from);
        int last = row(to);
        List<Block> some = new ArrayList<>();
        int at = 0;
        for (Block block : blocks) {
            int rows = Math.min(last, at + block.rows) - Math.max(first, at);
            if (rows > 0) {
                some.add(new Block(rows, block.columns));
            }
            at += block.rows;
        }
        return new RowBlocks(0, some);
    }
}
