package dev.unroll.data;

import java.util.List;

/**
 * Up to {@value #ROWS} sequences packed time-major without padding.
 *
 * <p>Sequences stand in order of length, longest first (equal lengths keep their order), so that those still running at step t are
 * the first {@code active(t)}: the batch shrinks, nothing is masked. A <em>row</em> is one sequence at one step. Rows are stored step
 * by step with the <em>last step first</em>: the backward pass walks them in storage order, and every sum over steps is a product over
 * rows in storage order.
 *
 * <pre>
 * lengths 3, 2, 2:   row  0    1  2  3    4  5  6
 *                    step 2    1  1  1    0  0  0
 *                    seq  0    0  1  2    0  1  2
 * </pre>
 *
 * <p>Mutable and reused: {@link #pack} overwrites it, its arrays only grow. Not thread-safe.
 */
public final class SequenceBatch {

    /** Sequences of one packed batch at most; part of the definition of the bits. */
    public static final int ROWS = 64;

    private int size;
    private int steps;
    private int rows;
    private final int[] order = new int[ROWS]; // (B) places, longest first
    private final int[] lengths = new int[ROWS]; // (B) descending
    private final float[] weights = new float[ROWS]; // (B)
    private int[] active = {}; // (T) sequences that have step t
    private int[] offset = {}; // (T) first row of step t
    private int[] tokens = {}; // (N)
    private float[] values = {}; // (N, width)
    private int[] labels = {}; // (N) if every step has one, else (B)
    private float[] targets = {}; // (N or B, targetWidth), in place of labels
    private int targetWidth;
    private boolean termPerStep;
    private boolean hasTokens;
    private int width;

    /**
     * Packs sequences of a shard.
     *
     * @param places places in the shard, in the order of the epoch
     * @param from first of {@code places} to take
     * @param count how many, 1 to {@value #ROWS}
     */
    public void pack(Shard shard, int[] places, int from, int count) {
        if (count < 1 || count > ROWS) {
            throw new IllegalArgumentException("a packed batch holds 1 to " + ROWS + " sequences, not " + count);
        }
        size = count;
        hasTokens = shard.hasTokens();
        width = shard.width();
        sortByLength(shard, places, from);
        steps = lengths[0];
        layOutSteps();
        for (int b = 0; b < size; b++) {
            weights[b] = shard.weight(order[b]);
        }
        copySteps(shard);
        copyTerms(shard);
    }

    /** Packs the given sequences, in this order. */
    public void pack(List<Sequence> sequences) {
        int[] places = new int[sequences.size()];
        int vocabulary = 1;
        for (int i = 0; i < places.length; i++) {
            places[i] = i;
            if (sequences.get(i).hasTokens()) {
                for (int token : sequences.get(i).tokens()) {
                    vocabulary = Math.max(vocabulary, token + 1);
                }
            }
        }
        pack(new Shard(0, sequences, vocabulary), places, 0, places.length);
    }

    /** Insertion sort: stable, without allocation, and quick for {@value #ROWS} numbers. */
    private void sortByLength(Shard shard, int[] places, int from) {
        for (int i = 0; i < size; i++) {
            int place = places[from + i];
            int length = shard.length(place);
            int b = i;
            for (; b > 0 && lengths[b - 1] < length; b--) {
                lengths[b] = lengths[b - 1];
                order[b] = order[b - 1];
            }
            lengths[b] = length;
            order[b] = place;
        }
    }

    private void layOutSteps() {
        if (active.length < steps) {
            active = new int[steps];
            offset = new int[steps];
        }
        int running = 0;
        rows = 0;
        for (int t = steps - 1; t >= 0; t--) {
            while (running < size && lengths[running] > t) {
                running++;
            }
            active[t] = running;
            offset[t] = rows;
            rows = Math.addExact(rows, running);
        }
    }

    private void copySteps(Shard shard) {
        if (hasTokens && tokens.length < rows) {
            tokens = new int[rows];
        }
        if (!hasTokens && values.length < rows * width) {
            values = new float[Math.multiplyExact(rows, width)];
        }
        for (int b = 0; b < size; b++) {
            int start = shard.start(order[b]);
            for (int t = 0; t < lengths[b]; t++) {
                if (hasTokens) {
                    tokens[offset[t] + b] = shard.token(start + t);
                } else {
                    System.arraycopy(shard.values(), (start + t) * width, values, (offset[t] + b) * width, width);
                }
            }
        }
    }

    /** Labels and targets stand by row where every step has one, otherwise by sequence. */
    private void copyTerms(Shard shard) {
        targetWidth = shard.targetWidth();
        termPerStep = true;
        for (int b = 0; b < size; b++) {
            termPerStep &= shard.terms(order[b]) == lengths[b];
        }
        int places = Math.max(rows, size);
        if (targetWidth == 0 && labels.length < places) {
            labels = new int[places];
        }
        if (targets.length < places * targetWidth) {
            targets = new float[Math.multiplyExact(places, targetWidth)];
        }
        for (int b = 0; b < size; b++) {
            int start = shard.termStart(order[b]);
            int terms = termPerStep ? lengths[b] : Math.min(1, shard.terms(order[b]));
            for (int t = 0; t < terms; t++) {
                copyTerm(shard, start + t, termPerStep ? offset[t] + b : b);
            }
        }
    }

    private void copyTerm(Shard shard, int from, int to) {
        if (targetWidth == 0) {
            labels[to] = shard.label(from);
        } else {
            System.arraycopy(shard.targets(), from * targetWidth, targets, to * targetWidth, targetWidth);
        }
    }

    /** B, the number of sequences. */
    public int size() {
        return size;
    }

    /** T, the number of steps of the longest sequence. */
    public int steps() {
        return steps;
    }

    /** N, the number of rows: the sum of lengths. */
    public int rows() {
        return rows;
    }

    /** How many sequences have step t: they are the first ones. */
    public int active(int t) {
        return active[t];
    }

    /** The first row of step t. */
    public int offset(int t) {
        return offset[t];
    }

    /** The row of sequence b at its last step. */
    public int lastRow(int b) {
        return offset[lengths[b] - 1] + b;
    }

    /** T of sequence b; descending in b. */
    public int length(int b) {
        return lengths[b];
    }

    /** The place, in the shard, of sequence b. */
    public int place(int b) {
        return order[b];
    }

    public float weight(int b) {
        return weights[b];
    }

    /** Whether steps are tokens; otherwise they are dense rows. */
    public boolean hasTokens() {
        return hasTokens;
    }

    /** Token ids by row, (N). */
    public int[] tokens() {
        return tokens;
    }

    /** Dense steps by row, (N, width). */
    public float[] values() {
        return values;
    }

    /** D, the numbers of one dense step; 0 for tokens. */
    public int width() {
        return width;
    }

    /** The label of output row r of a head: of the row where every step has one, otherwise of sequence r. */
    public int label(int r) {
        return labels[r];
    }

    /** Numbers to hit, (N, targetWidth) by row where every step has some, otherwise (B, targetWidth) by sequence. */
    public float[] targets() {
        return targets;
    }

    /** The numbers of one target; 0 where there are labels. */
    public int targetWidth() {
        return targetWidth;
    }
}
