package dev.unroll.worker;

import dev.unroll.data.SequenceBatch.ShardSlice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The packed batch that several shards share: the last sequences of each shard wait here, with the sums that they will
 * be added to, until those of one more shard would not fit. A shard has few sequences of an update, and one matrix
 * product over the sequences of many shards has full tiles where a product for each shard would not.
 *
 * <p>How shards share batches cannot change a bit: sums are kept shard by shard, and a row of a product does not depend
 * on the other rows.
 */
final class SharedBatch {

    /*
     * Few sequences at once leave what is kept of their steps, and their sums, nearer to the processor; their products
     * have full tiles all the same. But each step reads the weights again: where these do not fit in the second cache,
     * more sequences have to share that.
     */
    private static final long NEAR_BYTES = 2 << 20;
    private static final int SEQUENCES_WITH_NEAR_WEIGHTS = 16;
    private static final int SEQUENCES = 32;

    private final int mostSequences;
    private final long mostRows;
    private final int mostSums;
    private final List<ShardSlice> slices = new ArrayList<>();
    private final List<GradientSum> sums = new ArrayList<>();
    private int sequences;
    private long rows;

    /**
     * @param weightBytes of what each step reads again
     * @param mostRows steps of all sequences at most, so that the unrolled graph has room
     * @param mostSums sums that may wait; at least one always may
     */
    SharedBatch(long weightBytes, long mostRows, int mostSums) {
        this.mostSequences = weightBytes <= NEAR_BYTES ? SEQUENCES_WITH_NEAR_WEIGHTS : SEQUENCES;
        this.mostRows = mostRows;
        this.mostSums = mostSums;
    }

    /**
     * Whether those of one more shard fit: that many sequences with that many steps, and one more sum. A batch without
     * any takes whatever comes.
     */
    boolean hasRoomFor(int moreSequences, long moreRows) {
        return isEmpty()
                || (sequences + moreSequences <= mostSequences
                        && rows + moreRows <= mostRows
                        && sums.size() < mostSums);
    }

    /**
     * Adds what one shard has left, to wait for its products.
     *
     * @param rows steps of the sequences
     * @param sum of the shard
     */
    void add(ShardSlice slice, long rows, GradientSum sum) {
        slices.add(slice);
        sums.add(sum);
        sequences += slice.count();
        this.rows += rows;
    }

    boolean isEmpty() {
        return slices.isEmpty();
    }

    /** What waits, by shard. */
    List<ShardSlice> slices() {
        return Collections.unmodifiableList(slices);
    }

    /** The sums that {@link #slices} are to be added to, in the same order. */
    List<GradientSum> sums() {
        return Collections.unmodifiableList(sums);
    }

    /** Nothing waits any more. */
    void clear() {
        slices.clear();
        sums.clear();
        sequences = 0;
        rows = 0;
    }
}
