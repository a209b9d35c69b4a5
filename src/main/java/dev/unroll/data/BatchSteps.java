package dev.unroll.data;

import java.util.Arrays;

/** The steps of a {@link SequenceBatch}, by row. Mutable and reused: its arrays only grow. */
final class BatchSteps {

    private int[][] ids = {}; // by column (N)
    private int[] idBounds = {}; // by column, above all ids
    private float[] values = {}; // (N, width)
    private float[] staticValues = {}; // (B, staticWidth)
    private int[][] staticIds = {}; // by column (B)
    private int[] staticIdBounds = {}; // by column, above all ids
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
        ids = room(ids, first.ids().length, rows);
        idBounds = zeros(idBounds, ids.length);
        values = room(values, rows, width);
        staticValues = room(staticValues, sequences, staticWidth);
        staticIds = room(staticIds, first.staticIds().length, sequences);
        staticIdBounds = zeros(staticIdBounds, staticIds.length);
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

    /** Copies step t of sequence i of a shard to row {@code offset[t] + b}, and its statics to b. */
    void copy(ShardSteps shard, int i, int[] offset, int b) {
        int start = shard.startOf(i);
        int length = shard.length(i);
        for (int k = 0; k < ids.length; k++) {
            TokenArray column = shard.ids()[k];
            int[] to = ids[k];
            int bound = idBounds[k];
            for (int t = 0; t < length; t++) {
                int id = column.get(start + t);
                to[offset[t] + b] = id;
                bound = Math.max(bound, id + 1);
            }
            idBounds[k] = bound;
        }
        for (int t = 0; t < length && width > 0; t++) {
            System.arraycopy(shard.values(), (start + t) * width, values, (offset[t] + b) * width, width);
        }
        System.arraycopy(shard.staticValues(), i * staticWidth, staticValues, b * staticWidth, staticWidth);
        for (int k = 0; k < staticIds.length; k++) {
            staticIds[k][b] = shard.staticIds()[k].get(i);
            staticIdBounds[k] = Math.max(staticIdBounds[k], staticIds[k][b] + 1);
        }
    }

    /** How errors name them. */
    String kind() {
        return hasTokens
                ? Steps.Tokens.KIND
                : mixed ? Steps.Mixed.kind(width, ids.length, staticWidth, staticIds.length) : Steps.Dense.kind(width);
    }

    boolean hasTokens() {
        return hasTokens;
    }

    boolean areMixed() {
        return mixed;
    }

    /** Numbers by row, (N, width). */
    float[] values() {
        return values;
    }

    /** D, how many numbers a step has; 0 for tokens. */
    int width() {
        return width;
    }

    /** Ids by column and row, (K)(N): one column of tokens, none of dense rows. */
    int[][] ids() {
        return ids;
    }

    /** Above all ids, by column, (K). */
    int[] idBounds() {
        return idBounds;
    }

    /** Above all ids of whole sequences, by column. */
    int[] staticIdBounds() {
        return staticIdBounds;
    }

    /** How many numbers the whole of a sequence has. */
    int staticWidth() {
        return staticWidth;
    }

    /** Numbers of whole sequences, (B, staticWidth). */
    float[] staticValues() {
        return staticValues;
    }

    /** Ids of whole sequences by column, (B). */
    int[][] staticIds() {
        return staticIds;
    }
}
