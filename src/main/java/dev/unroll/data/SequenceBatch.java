package dev.unroll.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences of one shard or of several, packed time-major without padding: up to {@value #MAX_SEQUENCES} of each shard.
 *
 * <p>Sequences are sorted by length, longest first (equal lengths keep their order), so those that have step t are the
 * first {@code active(t)}: the batch shrinks from step to step, and nothing is masked. A <em>row</em> is one sequence
 * at one step. Rows are stored step by step with the <em>last step first</em>: backward walks them in storage order,
 * and every sum over steps is a product over rows in storage order.
 *
 * <pre>
 * lengths 3, 2, 2:   row  0    1  2  3    4  5  6
 *                    step 2    1  1  1    0  0  0
 *                    seq  0    0  1  2    0  1  2
 * </pre>
 *
 * <p>The sequences of one shard are a <em>slice</em>. Its rows are listed in storage order, so a sum over them is the
 * same whatever other slices are in the batch.
 *
 * <p>Mutable and reused: {@link #pack} overwrites it, its arrays only grow. Not thread-safe.
 */
public final class SequenceBatch {

    /** Sequences of one slice at most; part of the definition of the bits. */
    public static final int MAX_SEQUENCES = 64;

    /**
     * A slice of a batch: the sequences that it takes from one shard.
     *
     * @param sequences indices in the shard, in the order of the epoch
     * @param from first of {@code sequences} to take
     * @param count how many, 1 to {@value SequenceBatch#MAX_SEQUENCES}
     */
    public record ShardSlice(Shard shard, int[] sequences, int from, int count) {
        public ShardSlice {
            if (count < 1 || count > MAX_SEQUENCES) {
                throw new IllegalArgumentException("a slice has 1 to " + MAX_SEQUENCES + " sequences, not " + count);
            }
        }
    }

    private final List<ShardSlice> slices = new ArrayList<>();
    private int size;
    private int steps;
    private int rows;
    private int[] order = {}; // (B) index in the shard, longest first
    private int[] sliceOf = {}; // (B) index of the slice
    private int[] lengths = {}; // (B) descending
    private float[] weights = {}; // (B)
    private int[] sequenceOf = {}; // (N) the sequence of each row
    private int[] rowsBySlice = {}; // (N) rows, slice by slice
    private int[] sequencesBySlice = {}; // (B) sequences, slice by slice
    private int[] rowEnds = {}; // (slices) rows up to and including each slice
    private int[] sequenceEnds = {}; // (slices)
    private int[] active = {}; // (T) sequences that have step t
    private int[] offset = {}; // (T) first row of step t
    private final BatchSteps batchSteps = new BatchSteps();
    private final BatchTerms batchTerms = new BatchTerms();

    /** Packs sequences of one shard; the parameters are those of a {@link ShardSlice}. */
    public void pack(Shard shard, int[] sequences, int from, int count) {
        packSlices(List.of(new ShardSlice(shard, sequences, from, count)));
    }

    /** Packs one slice each of several shards, whose sequences are of one kind. */
    public void packSlices(List<ShardSlice> slices) {
        this.slices.clear();
        this.slices.addAll(slices);
        size = 0;
        for (ShardSlice slice : slices) {
            size += slice.count();
        }
        if (order.length < size) {
            order = new int[size];
            sliceOf = new int[size];
            lengths = new int[size];
            weights = new float[size];
            sequencesBySlice = new int[size];
        }
        sortByLength();
        steps = lengths[0];
        layOutSteps();
        for (int b = 0; b < size; b++) {
            weights[b] = shard(b).weight(order[b]);
        }
        listSlices();
        copySequences();
    }

    /** Packs the given sequences, in this order. */
    public void pack(List<Sequence> sequences) {
        int[] all = new int[sequences.size()];
        int vocabulary = 1;
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
            if (sequences.get(i).hasTokens()) {
                for (int token : sequences.get(i).tokens()) {
                    vocabulary = Math.max(vocabulary, token + 1);
                }
            }
        }
        pack(new Shard(0, sequences, vocabulary), all, 0, all.length);
    }

    private Shard shard(int b) {
        return slices.get(sliceOf[b]).shard();
    }

    /** Insertion sort: stable, without allocation, and fast for some {@value #MAX_SEQUENCES} numbers. */
    private void sortByLength() {
        int sorted = 0;
        for (int p = 0; p < slices.size(); p++) {
            ShardSlice slice = slices.get(p);
            for (int i = 0; i < slice.count(); i++) {
                int sequence = slice.sequences()[slice.from() + i];
                int length = slice.shard().length(sequence);
                int b = sorted++;
                for (; b > 0 && lengths[b - 1] < length; b--) {
                    lengths[b] = lengths[b - 1];
                    order[b] = order[b - 1];
                    sliceOf[b] = sliceOf[b - 1];
                }
                lengths[b] = length;
                order[b] = sequence;
                sliceOf[b] = p;
            }
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

    /** Lists the rows, and the sequences, of each slice in storage order. */
    private void listSlices() {
        if (sequenceOf.length < rows) {
            sequenceOf = new int[rows];
            rowsBySlice = new int[rows];
        }
        if (rowEnds.length < slices.size()) {
            rowEnds = new int[slices.size()];
            sequenceEnds = new int[slices.size()];
        }
        for (int t = 0; t < steps; t++) {
            for (int b = 0; b < active[t]; b++) {
                sequenceOf[offset[t] + b] = b;
            }
        }
        // Ends begin as starts, and move on with every row that is listed.
        Arrays.fill(rowEnds, 0, slices.size(), 0);
        Arrays.fill(sequenceEnds, 0, slices.size(), 0);
        for (int b = 0; b < size; b++) {
            for (int p = sliceOf[b] + 1; p < slices.size(); p++) {
                rowEnds[p] += lengths[b];
                sequenceEnds[p]++;
            }
        }
        for (int r = 0; r < rows; r++) {
            rowsBySlice[rowEnds[sliceOf[sequenceOf[r]]]++] = r;
        }
        for (int b = 0; b < size; b++) {
            sequencesBySlice[sequenceEnds[sliceOf[b]]++] = b;
        }
    }

    private void copySequences() {
        batchSteps.begin(shard(0).shardSteps(), rows, size);
        batchTerms.begin(shard(0).shardTerms());
        for (int b = 0; b < size; b++) {
            batchTerms.include(shard(b).shardTerms(), order[b], lengths[b]);
        }
        batchTerms.makeRoom(rows, size);
        for (int b = 0; b < size; b++) {
            batchSteps.copy(shard(b).shardSteps(), order[b], offset, b);
            batchTerms.copy(shard(b).shardTerms(), order[b], offset, b);
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

    /** Number of slices. */
    public int slices() {
        return slices.size();
    }

    /** The slice of sequence b. */
    public int slice(int b) {
        return sliceOf[b];
    }

    /** The sequence whose step row r is. */
    public int sequence(int r) {
        return sequenceOf[r];
    }

    /**
     * Rows of all slices, slice after slice; within a slice in storage order, so that the rows of first steps are the
     * last ones.
     */
    public int[] rowsBySlice() {
        return rowsBySlice;
    }

    /** Where the rows of slice p begin in {@link #rowsBySlice}; for the number of slices, where the last one ends. */
    public int rowStart(int p) {
        return p == 0 ? 0 : rowEnds[p - 1];
    }

    /** Sequences of all slices, slice after slice; within a slice in storage order. */
    public int[] sequencesBySlice() {
        return sequencesBySlice;
    }

    /**
     * Where the sequences of slice p begin in {@link #sequencesBySlice}; for the number of slices, where the last one
     * ends.
     */
    public int sequenceStart(int p) {
        return p == 0 ? 0 : sequenceEnds[p - 1];
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

    /** How many steps of its sequence come after the step of row r. */
    public int stepsAfter(int r) {
        int b = sequenceOf[r];
        int after = 0;
        while (offset[lengths[b] - 1 - after] + b != r) {
            after++;
        }
        return after;
    }

    /** The place of sequence b in its shard. */
    public int place(int b) {
        return shard(b).place(order[b]);
    }

    /** The index of the shard of sequence b. */
    public int shardIndex(int b) {
        return shard(b).index();
    }

    public float weight(int b) {
        return weights[b];
    }

    /** How errors name its steps. */
    public String kind() {
        return batchSteps.kind();
    }

    /** Whether steps are tokens; otherwise they are dense rows, or mixed. */
    public boolean hasTokens() {
        return batchSteps.hasTokens();
    }

    /** Whether steps are {@link Steps.Mixed}. */
    public boolean isMixed() {
        return batchSteps.areMixed();
    }

    /** Of tokens: their ids by row, (N). */
    public int[] tokens() {
        return batchSteps.ids()[0];
    }

    /** Numbers by row, (N, width); NaN where one is missing. */
    public float[] values() {
        return batchSteps.values();
    }

    /** D, how many numbers a step has; 0 for tokens. */
    public int width() {
        return batchSteps.width();
    }

    /** Ids by column and row, (K)(N): one column of tokens, none of dense rows. */
    public int[][] ids() {
        return batchSteps.ids();
    }

    /** What all {@link #ids} are below, by column, (K). */
    public int[] idBounds() {
        return batchSteps.idBounds();
    }

    /** As {@link #idBounds}, of {@link #staticIds}. */
    public int[] staticIdBounds() {
        return batchSteps.staticIdBounds();
    }

    /** Of mixed steps: how many numbers the whole of a sequence has. */
    public int staticWidth() {
        return batchSteps.staticWidth();
    }

    /** Of mixed steps: numbers of whole sequences, (B, staticWidth); NaN where one is missing. */
    public float[] staticValues() {
        return batchSteps.staticValues();
    }

    /** Of mixed steps: ids of whole sequences by column, (B). */
    public int[][] staticIds() {
        return batchSteps.staticIds();
    }

    /** Whether loss terms weigh differently; otherwise each weighs 1. */
    public boolean weighsTerms() {
        return batchTerms.areWeighted();
    }

    /** What the loss term of output row r weighs, within its sequence: 0 where its label or target is missing. */
    public float termWeight(int r) {
        return batchTerms.weight(r);
    }

    /** What the loss terms of sequence b weigh together, where {@link #weighsTerms}: the sum in double, step by step. */
    public double termWeightOf(int b) {
        return batchTerms.weightOf(b);
    }

    /**
     * The label of output row r of a head: of the row where every step has one, otherwise of sequence r. Any class where
     * the label is missing.
     */
    public int label(int r) {
        return batchTerms.label(r);
    }

    /** Targets, (N, targetWidth) by row where every step has one, otherwise (B, targetWidth) by sequence; NaN where missing. */
    public float[] targets() {
        return batchTerms.targets();
    }

    /** Targets as the data have them, in the order of {@link #targets}; null where those are exact. */
    public double[] exactTargets() {
        return batchTerms.exactTargets();
    }

    /** How the targets of output row r of a head were scaled by their sequence's own numbers; null as of a sequence. */
    public Standardization targetScale(int r) {
        int b = batchTerms.perStep() ? sequenceOf[r] : r;
        return level(b) == 0 ? ownScale(b) : Standardization.ofLevel(level(b));
    }

    /** How the first number of a step of sequence b was scaled by its own numbers; null as of a sequence. */
    public Standardization ownScale(int b) {
        return shard(b).ownScale(order[b]);
    }

    /** The level of the counts of sequence b; 0 as of a sequence. */
    public double level(int b) {
        return shard(b).level(order[b]);
    }

    /** The size of one target; 0 where there are labels. */
    public int targetWidth() {
        return batchTerms.width();
    }
}
