package dev.unroll.spark.shards;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.spark.Partitioner;
import scala.Tuple2;

/**
 * Decides which partition gets which row: that of ordinal n belongs to shard n mod U at place n div U, and the layout
 * says where that is.
 */
public final class ShardDealer extends Partitioner {

    private static final long serialVersionUID = 1L;

    /** The ordinal of the sequence that a row is part of, by the key of the row. */
    public interface Ordinal extends Serializable {
        long of(long key);
    }

    private final Ordinal ordinal;
    private final ShardLayout layout;

    public ShardDealer(Ordinal ordinal, ShardLayout layout) {
        this.ordinal = ordinal;
        this.layout = layout;
    }

    @Override
    public int numPartitions() {
        return layout.partitions();
    }

    @Override
    public int getPartition(Object key) {
        return layout.partition(ordinal.of((Long) key));
    }

    /**
     * The shards of one partition, or its block of one.
     *
     * @param dealt rows of the partition, in any order; those of one ordinal make one sequence, in ascending order of
     *     their keys
     */
    public List<Shard> shards(int partition, Iterator<Tuple2<Long, byte[]>> dealt, RowDecoder decoder) {
        int first = layout.firstShard(partition);
        List<List<Sequence>> sequences = new ArrayList<>();
        for (int u = 0; u < layout.shardCount(partition); u++) {
            sequences.add(new ArrayList<>());
        }
        List<Tuple2<Long, byte[]>> rows = IteratorUtils.toList(dealt);
        rows.sort(Comparator.<Tuple2<Long, byte[]>>comparingLong(row -> ordinal.of(row._1()))
                .thenComparing(Tuple2::_1));
        List<Sequence> pieces = new ArrayList<>(); // of one ordinal
        long latest = -1;
        for (Tuple2<Long, byte[]> row : rows) {
            long next = ordinal.of(row._1());
            if (next != latest && !pieces.isEmpty()) {
                add(latest, pieces, partition, sequences);
            }
            pieces.add(decoder.decode(new CanonicalRow(row._2())));
            latest = next;
        }
        if (!pieces.isEmpty()) {
            add(latest, pieces, partition, sequences);
        }
        List<Shard> packed = new ArrayList<>();
        for (int u = 0; u < sequences.size(); u++) {
            packed.add(Shard.ofPlacesFrom(layout.firstPlace(partition), first + u, sequences.get(u), decoder.ids()));
        }
        return packed;
    }

    /**
     * Adds the sequence of some pieces to its shard; one that was lost on the way would move all after it to other
     * places.
     */
    private void add(long ordinal, List<Sequence> pieces, int partition, List<List<Sequence>> sequences) {
        List<Sequence> shard = sequences.get((int) (ordinal % layout.shards()) - layout.firstShard(partition));
        long place = ordinal / layout.shards();
        if (place != (long) layout.firstPlace(partition) + shard.size()) {
            throw new IllegalStateException("sequence " + ordinal + " arrived in place of the one of place "
                    + (layout.firstPlace(partition) + shard.size()) + " of shard " + ordinal % layout.shards());
        }
        shard.add(Sequence.joined(pieces));
        pieces.clear();
    }
}
