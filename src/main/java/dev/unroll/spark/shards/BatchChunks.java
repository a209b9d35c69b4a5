package dev.unroll.spark.shards;

import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.worker.ShardChunk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.apache.commons.collections4.iterators.LazyIteratorChain;

/**
 * What a batch takes of the shards of a task: goes through its partitions, in the order in which the batch {@linkplain
 * ShardLayout#visited visits} them, and gives the chunks of its shards. They are copies, so that no partition has to
 * stay in memory until they are computed.
 */
public final class BatchChunks extends LazyIteratorChain<ShardChunk> {
    private final Iterator<ShardGroup> groups;
    private final ShardPlan plan;
    private final ShardPlan.Batch batch;
    private final IntPredicate computed;

    private int shard = -1; // the current one
    private int[] places = {}; // that the batch takes of it
    private int taken; // of these places, so far
    private int given; // of these places, so far: all that were taken but less than a packed batch
    private final List<Sequence> sequences = new ArrayList<>(); // taken and not yet given

    /** @param computed whether the task computes a shard of its partitions */
    public BatchChunks(Iterator<ShardGroup> groups, ShardPlan plan, ShardPlan.Batch batch, IntPredicate computed) {
        this.groups = groups;
        this.plan = plan;
        this.batch = batch;
        this.computed = computed;
    }

    /** The chunks that the next partition completes: none where it only begins a packed batch. */
    @Override
    protected Iterator<ShardChunk> nextIterator(int count) {
        if (!groups.hasNext()) {
            return null;
        }
        List<ShardChunk> chunks = new ArrayList<>();
        for (Shard here : groups.next().shards()) {
            if (computed.test(here.index())) {
                take(here).ifPresent(chunks::add);
            }
        }
        return chunks.iterator();
    }

    /** Takes the next places of the batch, as far as this partition has them. */
    private Optional<ShardChunk> take(Shard here) {
        if (here.index() != shard) {
            shard = here.index();
            places = plan.places(batch, shard);
            taken = 0;
            given = 0;
        }
        for (; taken < places.length; taken++) {
            int i = here.indexOf(places[taken]);
            if (i < 0 || i >= here.size()) {
                break;
            }
            sequences.add(here.sequence(i));
        }
        boolean last = taken == places.length;
        int count =
                last ? sequences.size() : sequences.size() / SequenceBatch.MAX_SEQUENCES * SequenceBatch.MAX_SEQUENCES;
        if (count == 0 && !last) {
            return Optional.empty();
        }
        List<Sequence> some = sequences.subList(0, count);
        int[] theirs = Arrays.copyOfRange(places, given, given + count);
        ShardChunk chunk = ShardChunk.all(Shard.ofPlaces(theirs, shard, some, here.idBound()), last);
        some.clear();
        given += count;
        return Optional.of(chunk);
    }
}
