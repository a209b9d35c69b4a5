package dev.unroll.data;

/**
 * The labels or targets of a {@link SequenceBatch}: by row where every step has one, otherwise by sequence. Mutable and
 * reused: its arrays only grow.
 */
final class BatchTerms {

    private static final int MOST_NUMBERS = Integer.MAX_VALUE - 8; // of an array

    private int[] labels = {}; // (N) if every step has one, else (B)
    private float[] targets = {}; // (N or B, width), instead of labels
    private double[] exactTargets = {}; // as targets, where there are exact ones
    private boolean hasExactTargets;
    private float[] weights = {}; // (N or B), as labels, where terms weigh differently
    private double[] sums = {}; // (B) of each sequence's weights
    private boolean weighted;
    private boolean perStep;
    private int width;

    /**
     * Begins a batch.
     *
     * @param first of its shards, which are of one kind
     */
    void begin(ShardTerms first) {
        width = first.width();
        perStep = true;
        hasExactTargets = false;
        weighted = false;
    }

    /** Includes sequence i of a shard in what decides how the batch's terms are stored; to be called for all of them. */
    void include(ShardTerms shard, int i, int length) {
        perStep &= shard.count(i) == length;
        hasExactTargets |= shard.exactTargets() != null;
        weighted |= shard.weights() != null;
    }

    /** @throws IllegalArgumentException if targets are too many for an array */
    void makeRoom(int rows, int sequences) {
        int entries = perStep ? rows : sequences;
        if ((long) entries * width > MOST_NUMBERS) {
            throw new IllegalArgumentException("a packed batch has " + entries + " targets or sets of labels of "
                    + width + " numbers each; allowed are " + MOST_NUMBERS + " numbers together");
        }
        if (width == 0 && labels.length < entries) {
            labels = new int[entries];
        }
        int numbers = entries * width;
        if (targets.length < numbers) {
            targets = new float[numbers];
        }
        if (hasExactTargets && exactTargets.length < numbers) {
            exactTargets = new double[numbers];
        }
        if (weighted && weights.length < entries) {
            weights = new float[entries];
            sums = new double[entries];
        }
    }

    /** Copies the terms of sequence i of a shard to rows {@code offset[t] + b}, or its first one to b. */
    void copy(ShardTerms shard, int i, int[] offset, int b) {
        int start = shard.startOf(i);
        int terms = perStep ? shard.count(i) : Math.min(1, shard.count(i));
        for (int t = 0; t < terms; t++) {
            copy(shard, start + t, perStep ? offset[t] + b : b);
        }
        if (weighted) {
            sums[b] = shard.weight(i);
        }
    }

    private void copy(ShardTerms shard, int from, int to) {
        if (weighted) {
            weights[to] = shard.weights() == null ? 1 : shard.weights()[from];
        }
        if (width == 0) {
            labels[to] = shard.label(from);
        } else {
            shard.copyTargets(from, 1, targets, to);
            for (int j = 0; hasExactTargets && j < width; j++) {
                int at = to * width + j;
                exactTargets[at] = shard.exactTargets() == null ? targets[at] : shard.exactTargets()[from * width + j];
            }
        }
    }

    /** Whether there is a term for each row; otherwise there is one for each sequence. */
    boolean perStep() {
        return perStep;
    }

    /** Whether terms weigh differently. */
    boolean areWeighted() {
        return weighted;
    }

    /** What a term weighs, by row or sequence as {@link #label}. */
    float weight(int r) {
        return weighted ? weights[r] : 1;
    }

    /** What the terms of sequence b weigh together, where they {@linkplain #areWeighted weigh differently}. */
    double weightOf(int b) {
        return sums[b];
    }

    int label(int r) {
        return labels[r];
    }

    /** Targets, (N or B, width). */
    float[] targets() {
        return targets;
    }

    /** Targets as the data have them, in the order of {@link #targets}; null where those are exact. */
    double[] exactTargets() {
        return hasExactTargets ? exactTargets : null;
    }

    /** The size of one target; 0 where there are labels. */
    int width() {
        return width;
    }
}
