package dev.unroll.data;

/** The steps of a {@link SequenceBatch}, by row. Mutable and reused: its arrays only grow. */
final class BatchSteps {

    private int[] tokens = {}; // (N)
    private float[] values = {}; // (N, width)
    private boolean hasTokens;
    private int width;

    /**
     * Begins a batch.
     *
     * @param first of its shards, which are of one kind
     * @param rows N
     */
    void begin(ShardSteps first, int rows) {
        hasTokens = first.hasTokens();
        width = first.width();
        if (hasTokens && tokens.length < rows) {
            tokens = new int[rows];
        }
        int numbers = Math.multiplyExact(rows, width);
        if (values.length < numbers) {
            values = new float[numbers];
        }
    }

    /** Copies step t of sequence i of a shard to row {@code offset[t] + b}. */
    void copy(ShardSteps shard, int i, int[] offset, int b) {
        int start = shard.startOf(i);
        int length = shard.length(i);
        for (int t = 0; t < length; t++) {
            int row = offset[t] + b;
            if (hasTokens) {
                tokens[row] = shard.token(start + t);
            } else {
                System.arraycopy(shard.values(), (start + t) * width, values, row * width, width);
            }
        }
    }

    boolean hasTokens() {
        return hasTokens;
    }

    /** Token ids by row, (N). */
    int[] tokens() {
        return tokens;
    }

    /** Dense steps by row, (N, width). */
    float[] values() {
        return values;
    }

    /** D, the size of one dense step; 0 for tokens. */
    int width() {
        return width;
    }
}
