package dev.unroll.data;

import java.util.Arrays;

/** The steps of a {@link SequenceBatch}, by row. Mutable and reused: its arrays only grow. */
final class BatchSteps {

    private int[] tokens = {}; // (N)
    private float[] values = {}; // (N, width)
    private int[][] ids = {}; // by column (N)
    private float[] staticValues = {}; // (B, staticWidth)
    private int[][] staticIds = {}; // by column (B)
    private int[] idBounds = {}; // by column
    private int[] staticIdBounds = {}; // by column
    private boolean hasTokens;
    private boolean mixed;
    private int width;
    private int staticWidth;

    /**
     * Begins a batch.
     *
     * @param first of its shards, which are of one kind
     * @param rows N
     * @param sequences B
     */
    void begin(ShardSteps first, int rows, int sequences) {
        hasTokens = first.hasTokens();
        mixed = first.areMixed();
        width = first.width();
        staticWidth = first.staticWidth();
        if (hasTokens && tokens.length < rows) {
            tokens = new int[rows];
        }
        values = room(values, rows, width);
        if (mixed) {
            ids = room(ids, first.ids().length, rows);
            staticValues = room(staticValues, sequences, staticWidth);
            staticIds = room(staticIds, first.staticIds().length, sequences);
            idBounds = zeros(idBounds, ids.length);
            staticIdBounds = zeros(staticIdBounds, staticIds.length);
        }
    }

    private static float[] room(float[] array, int rows, int columns) {
        int numbers = Math.multiplyExact(rows, columns);
        return array.length < numbers ? new float[numbers] : array;
    }

    private static int[][] room(int[][] columns, int count, int rows) {
        return columns.length == count && (count == 0 || columns[0].length >= rows) ? columns : new int[count][rows];
    }

    private static int[] zeros(int[] array, int count) {
        if (array.length != count) {
            return new int[count];
        }
        Arrays.fill(array, 0);
        return array;
    }

    /** Notes the bounds of the ids of a shard. */
    void include(ShardSteps shard) {
        if (mixed) {
            include(shard.ids(), idBounds);
            include(shard.staticIds(), staticIdBounds);
        }
    }

    private static void include(TokenArray[] columns, int[] bounds) {
        for (int k = 0; k < bounds.length; k++) {
            bounds[k] = Math.max(bounds[k], columns[k].bound());
        }
    }

    /** Copies step t of sequence i of a shard to row {@code offset[t] + b}, and its statics to b. */
    void copy(ShardSteps shard, int i, int[] offset, int b) {
        int start = shard.startOf(i);
        int length = shard.length(i);
        for (int t = 0; t < length; t++) {
            int row = offset[t] + b;
            if (hasTokens) {
                tokens[row] = shard.token(start + t);
            } else if (width > 0) {
                System.arraycopy(shard.values(), (start + t) * width, values, row * width, width);
            }
        }
        if (mixed) {
            copyMixed(shard, i, offset, b);
        }
    }

    private void copyMixed(ShardSteps shard, int i, int[] offset, int b) {
        for (int k = 0; k < ids.length; k++) {
            TokenArray column = shard.ids()[k];
            for (int t = 0; t < shard.length(i); t++) {
                ids[k][offset[t] + b] = column.get(shard.startOf(i) + t);
            }
        }
        System.arraycopy(shard.staticValues(), i * staticWidth, staticValues, b * staticWidth, staticWidth);
        for (int k = 0; k < staticIds.length; k++) {
            staticIds[k][b] = shard.staticIds()[k].get(i);
        }
    }

    boolean hasTokens() {
        return hasTokens;
    }

    boolean areMixed() {
        return mixed;
    }

    /** Token ids by row, (N). */
    int[] tokens() {
        return tokens;
    }

    /** Numbers by row, (N, width). */
    float[] values() {
        return values;
    }

    /** D, how many numbers a step has; 0 for tokens. */
    int width() {
        return width;
    }

    /** Of mixed steps: ids by column and row, (K)(N). */
    int[][] ids() {
        return ids;
    }

    /** Of mixed steps: above all ids of the shards by column, (K). */
    int[] idBounds() {
        return idBounds;
    }

    /** Of mixed steps: above all ids of whole sequences of the shards by column. */
    int[] staticIdBounds() {
        return staticIdBounds;
    }

    /** How many numbers the whole of a sequence has. */
    int staticWidth() {
        return staticWidth;
    }

    /** Of mixed steps: numbers of whole sequences, (B, staticWidth). */
    float[] staticValues() {
        return staticValues;
    }

    /** Of mixed steps: ids of whole sequences by column, (B). */
    int[][] staticIds() {
        return staticIds;
    }
}
