package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of one shard that are in memory at the same time, to be added to its sum. A shard too large to be loaded at
 * once comes in several chunks, one after the other.
 *
 * @param sequences their indices in {@code shard}, in the order in which they are added; the number of them is a
 *     multiple of {@value SequenceBatch#MAX_SEQUENCES} unless the chunk is the last
 * @param last whether the shard has no sequences after these
 */
public record ShardChunk(Shard shard, int[] sequences, boolean last) {

    public ShardChunk {
        if (!last && sequences.length % SequenceBatch.MAX_SEQUENCES != 0) {
            throw new IllegalArgumentException("a chunk of shard " + shard.index() + " that is not its last has "
                    + sequences.length + " sequences; allowed are multiples of " + SequenceBatch.MAX_SEQUENCES);
        }
    }

    /** What a batch takes of a shard that is here as a whole. */
    public static ShardChunk of(Shard whole, ShardPlan plan, ShardPlan.Batch batch) {
        return new ShardChunk(whole, plan.places(batch, whole.index()), true);
    }

    /** What a batch takes of shards that are here as a whole. */
    public static Iterator<ShardChunk> of(List<Shard> whole, ShardPlan plan, ShardPlan.Batch batch) {
        return whole.stream().map(shard -> of(shard, plan, batch)).iterator();
    }

    /** All sequences of shards that are here as a whole. */
    public static Iterator<ShardChunk> all(List<Shard> whole) {
        return whole.stream().map(shard -> all(shard, true)).iterator();
    }

    /** All sequences that are here. */
    public static ShardChunk all(Shard shard, boolean last) {
        return new ShardChunk(shard, IntStream.range(0, shard.size()).toArray(), last);
    }

    /** Whether the shard has no sequence at all, if this is its first chunk. */
    boolean isEmptyShard() {
        return last && sequences.length == 0;
    }

    /** Steps of all sequences. */
    public long steps() {
        return shard.steps(sequences);
    }
}
