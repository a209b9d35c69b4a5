package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of one shard that are at hand together, to be added to its sum. A shard too large to be loaded at once comes in several parts, one behind
 * the other.
 *
 * @param sequences indices of them in {@code shard}, in the order in which they are added; of a part that is not the last a multiple of {@value
 *     SequenceBatch#MAX_SEQUENCES}
 * @param last whether the shard has no others behind these
 */
public record ShardChunk(Shard shard, int[] sequences, boolean last) {

    public ShardChunk {
        if (!last && sequences.length % SequenceBatch.MAX_SEQUENCES != 0) {
            throw new IllegalArgumentException(sequences.length + " sequences of shard " + shard.index()
                    + ", which are not its last, are no multiple of " + SequenceBatch.MAX_SEQUENCES);
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

    public long steps() {
        return shard.steps(sequences);
    }
}
