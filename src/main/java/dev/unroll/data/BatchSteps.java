package dev.unroll.data;

/** The steps of a {@link SequenceBatch}, by row. Mutable and reused: its arrays only grow. */
final class BatchSteps {

    private int[] tokens = {}; // (N)
    private float[] values = {}; // (N, width)
    private int[][] ids = {}; // by column (N)
    private float[] staticValues = {}; // (B, staticWidth)
    private int[][] staticIds = {}; // by column (B)
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
        }
    }

    private static float[] room(float[] array, int rows, int columns) {
        int numbers = Math.multiplyExact(rows, columns);
        return array.length < numbers ? new float[numbers] : array;
    }

    private static int[][] room(int[][] columns, int count, int rows) {
        return columns.length == count && (count == 0 || columns[0].length >= rows) ? columns : new int[count][rows];
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
